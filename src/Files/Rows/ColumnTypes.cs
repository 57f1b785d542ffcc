using Microsoft.ML.Data;

namespace Sconce.Files.Rows;

/// <summary>Maps .NET types to ML.NET's column types.</summary>
internal static class ColumnTypes
{
    private static readonly NumberDataViewType[] _numbers =
    [
        NumberDataViewType.SByte, NumberDataViewType.Byte, NumberDataViewType.Int16, NumberDataViewType.UInt16, NumberDataViewType.Int32,
        NumberDataViewType.UInt32, NumberDataViewType.Int64, NumberDataViewType.UInt64, NumberDataViewType.Single, NumberDataViewType.Double,
    ];

    /// <summary>Whether ML.NET supports columns of numbers of a type.</summary>
    public static bool IsNumber(Type type) => Array.Exists(_numbers, number => number.RawType == type);

    /// <summary>ML.NET's column type for numbers of a type.</summary>
    public static NumberDataViewType NumberOf(Type type) => Array.Find(_numbers, number => number.RawType == type) ?? throw new NotSupportedException($"ML.NET does not support columns of {type}.");
}
