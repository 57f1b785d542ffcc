using System.Globalization;
using System.Numerics;

namespace Sconce.Files.Text;

/// <summary>Parses short numbers faster than .NET, to the same bits (Clinger 1990, "How to read floating point numbers accurately").</summary>
internal static class ShortDecimal
{
    private const int MostDigits = 18;

    private static readonly float[] _powersOfSingle = [.. Enumerable.Range(0, 11).Select(power => (float)Math.Pow(10, power))];
    private static readonly double[] _powersOfDouble = [.. Enumerable.Range(0, 23).Select(power => double.Parse($"1e{power}", CultureInfo.InvariantCulture))];

    /// <summary>
    /// Parses digits with an optional minus and decimals; false for all other text, and for numbers that this algorithm would not round correctly.
    /// </summary>
    public static bool TryParse<T>(ReadOnlySpan<char> text, char decimalMarker, out T value)
        where T : struct, INumber<T>
    {
        value = default;
        var isNegative = text is ['-', ..];
        if (isNegative)
            text = text[1..];
        if (text.Length is 0 or > MostDigits)
            return false;
        var (mantissa, point) = (0UL, -1);
        for (var i = 0; i < text.Length; i++)
        {
            var digit = (uint)(text[i] - '0');
            if (digit <= 9)
                mantissa = 10 * mantissa + digit;
            else if (text[i] == decimalMarker && point < 0)
                point = i;
            else
                return false;
        }

        var decimals = point < 0 ? 0 : text.Length - 1 - point;
        if (text.Length == 1 && point == 0)
            return false;
        if (typeof(T) == typeof(float))
        {
            if (mantissa > 1 << 24 || decimals >= _powersOfSingle.Length)
                return TryNarrow(mantissa, decimals, isNegative, out value);
            var single = mantissa / _powersOfSingle[decimals];
            value = (T)(object)(isNegative ? -single : single);
            return true;
        }

        if (typeof(T) == typeof(double))
        {
            if (mantissa > 1UL << 53)
                return false;
            var number = mantissa / _powersOfDouble[decimals];
            value = (T)(object)(isNegative ? -number : number);
            return true;
        }

        if (decimals > 0 || point >= 0 || (isNegative && mantissa > 0) || mantissa > byte.MaxValue)
            return false;
        value = T.CreateTruncating(mantissa);
        return mantissa <= (ulong)sbyte.MaxValue || ulong.CreateTruncating(value) == mantissa;
    }

    /// <summary>Rounds a number twice, unless the first rounding could have put it halfway between two floats.</summary>
    private static bool TryNarrow<T>(ulong mantissa, int decimals, bool isNegative, out T value)
    {
        const long Rest = (1L << 29) - 1, Half = 1L << 28;
        value = default!;
        if (mantissa > 1UL << 53)
            return false;
        var number = mantissa / _powersOfDouble[decimals];
        if ((BitConverter.DoubleToInt64Bits(number) & Rest) == Half)
            return false;
        value = (T)(object)(float)(isNegative ? -number : number);
        return true;
    }
}
