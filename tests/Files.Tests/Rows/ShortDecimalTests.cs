using System.Globalization;
using System.Numerics;
using Sconce.Files.Text;

namespace Sconce.Files.Tests.Rows;

/// <summary>Numbers of a few digits are read to the bits that .NET reads them to.</summary>
public sealed class ShortDecimalTests
{
    [Fact]
    public void Floats_and_doubles_are_those_of_NET()
    {
        var random = new Random(1);
        var read = 0;
        for (var i = 0; i < 200_000; i++)
        {
            var digits = new string([.. Enumerable.Range(0, random.Next(1, 18)).Select(_ => (char)('0' + random.Next(10)))]);
            var text = (random.Next(3) == 0 ? "-" : "") + (random.Next(4) == 0 ? digits : digits.Insert(random.Next(digits.Length), "."));
            read += Check<float>(text, value => BitConverter.SingleToInt32Bits(value)) + Check<double>(text, BitConverter.DoubleToInt64Bits);
        }

        // Most of them are short enough.
        Assert.InRange(read, 300_000, 400_000);
        // Halfway between two floats, and just above it: 2^24 + 1 with decimals.
        foreach (var text in new[] { "16777217", "16777217.0000001", "16777219", "33554434.9999999", "0.1", "0.2999999", "-0", "9007199254740993", "0.00000000000000001" })
            _ = Check<float>(text, value => BitConverter.SingleToInt32Bits(value)) + Check<double>(text, BitConverter.DoubleToInt64Bits);

        static int Check<T>(string text, Func<T, long> bits)
            where T : struct, INumber<T>
        {
            if (!ShortDecimal.TryParse(text, '.', out T value))
                return 0;
            Assert.True(bits(T.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)) == bits(value), text);
            return 1;
        }
    }

    [Fact]
    public void Whole_numbers_are_those_of_the_type()
    {
        foreach (var text in new[] { "0", "7", "127", "128", "255", "256", "-0", "-1", "1.0", "", "-", ".", "1,5", " 1", "+1", "1e3" })
        {
            if (ShortDecimal.TryParse(text, '.', out byte one))
                Assert.Equal(byte.Parse(text, CultureInfo.InvariantCulture), one);
            if (ShortDecimal.TryParse(text, '.', out sbyte two))
                Assert.Equal(sbyte.Parse(text, CultureInfo.InvariantCulture), two);
        }

        foreach (var text in new[] { "", "-", ".", "-.", "1,5", " 1", "+1", "1e3", "1.2.3", "NaN" })
            Assert.False(ShortDecimal.TryParse(text, '.', out float _));
        Assert.True(ShortDecimal.TryParse("1,5", ',', out float comma));
        Assert.Equal(1.5f, comma);
    }
}
