using Microsoft.ML.Data;

namespace Sconce.Files.Rows;

/// <summary>.NET's types and ML.NET's names of them.</summary>
internal static class ColumnTypes
{
    private static readonly NumberDataViewType[] _numbers =
    [
        NumberDataViewType.SByte, NumberDataViewType.Byte, NumberDataViewType.Int16, NumberDataViewType.UInt16, NumberDataViewType.Int32,
        NumberDataViewType.UInt32, NumberDataViewType.Int64, NumberDataViewType.UInt64, NumberDataViewType.Single, NumberDataViewType.Double,
    ];

    /// <summary>Whether ML.NET has columns of numbers of a type.</summary>
    public static bool IsNumber(Type type) => Array.Exists(_numbers, number => number.RawType == type);

    /// <summary>ML.NET's type of numbers of a type.</summary>
    public static NumberDataViewType NumberOf(Type type) => Array.Find(_numbers, number => number.RawType == type) ?? throw new NotSupportedException($"There are no columns of {type}.");
}
