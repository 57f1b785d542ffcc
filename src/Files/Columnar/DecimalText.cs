using System.Globalization;
using System.Numerics;

namespace Sconce.Files.Columnar;

/// <summary>The digits of a decimal number of any precision, which is read as the nearest number of a column's type.</summary>
/// <param name="Digits">The number, with a decimal point if it has a scale.</param>
internal readonly record struct DecimalText(string Digits)
{
    /// <param name="unscaled">The number without its decimal point.</param>
    /// <param name="scale">The number of digits after the point; if negative, of zeros to append.</param>
    public static DecimalText Of(BigInteger unscaled, int scale)
    {
        var digits = BigInteger.Abs(unscaled).ToString(CultureInfo.InvariantCulture);
        if (scale > 0)
        {
            digits = digits.PadLeft(scale + 1, '0');
            digits = $"{digits[..^scale]}.{digits[^scale..]}";
        }
        else if (scale < 0 && !unscaled.IsZero)
        {
            digits = digits.PadRight(digits.Length - scale, '0');
        }

        return new(unscaled.Sign < 0 ? $"-{digits}" : digits);
    }

    public override string ToString() => Digits ?? "";
}
