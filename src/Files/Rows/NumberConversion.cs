using System.Numerics;

namespace Sconce.Files.Rows;

/// <summary>Converts numbers of one type to another.</summary>
internal static class NumberConversion
{
    /// <summary>Converts a number: to floating point if it is in range, rounded to the nearest; to a whole-number type if it is whole and in range.</summary>
    /// <returns>Whether it can be converted.</returns>
    public static bool TryConvert<TFrom, TTo>(TFrom number, out TTo converted)
        where TFrom : struct, INumber<TFrom>
        where TTo : struct, INumber<TTo>
    {
        converted = TTo.CreateSaturating(number);
        // A type with NaN is floating-point: only precision may be lost.
        if (TTo.IsNaN(TTo.CreateSaturating(double.NaN)))
            return TTo.IsFinite(converted) || !TFrom.IsFinite(number);
        // The largest 64-bit integer and the number above it are the same double, so the conversion back cannot distinguish them.
        return TFrom.CreateSaturating(converted) == number && Int128.CreateSaturating(converted) == Int128.CreateSaturating(number);
    }
}
