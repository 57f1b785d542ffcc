using System.Globalization;
using System.Numerics;
using Sconce.Files.Rows;

namespace Sconce.Files.Tests.Rows;

/// <summary>Every type of number as every other, compared with arithmetic that has no bounds.</summary>
public sealed class NumberConversionTests
{
    private static readonly Random _random = new(1);

    [Fact]
    public void To_a_whole_number_goes_what_is_whole_and_in_range_and_to_a_float_all_rounded_once()
    {
        From(Bits<sbyte>);
        From(Bits<byte>);
        From(Bits<short>);
        From(Bits<ushort>);
        From(Bits<int>);
        From(Bits<uint>);
        From(Bits<long>);
        From(Bits<ulong>);
        From(() => (float)Floating());
        From(Floating);
    }

    private static void From<T>(Func<T> next)
        where T : struct, INumber<T>
    {
        for (var i = 0; i < 3_000; i++)
        {
            var number = next();
            ToWhole<T, sbyte>(number);
            ToWhole<T, byte>(number);
            ToWhole<T, short>(number);
            ToWhole<T, ushort>(number);
            ToWhole<T, int>(number);
            ToWhole<T, uint>(number);
            ToWhole<T, long>(number);
            ToWhole<T, ulong>(number);
            // A number that only becomes infinity is not converted.
            Assert.Equal(float.IsFinite(Convert.ToSingle(number, CultureInfo.InvariantCulture)) || !T.IsFinite(number), NumberConversion.TryConvert(number, out float single));
            Assert.Equal(BitConverter.SingleToInt32Bits(Convert.ToSingle(number, CultureInfo.InvariantCulture)), BitConverter.SingleToInt32Bits(single));
            Assert.True(NumberConversion.TryConvert(number, out double twofold));
            Assert.Equal(BitConverter.DoubleToInt64Bits(Convert.ToDouble(number, CultureInfo.InvariantCulture)), BitConverter.DoubleToInt64Bits(twofold));
        }
    }

    private static void ToWhole<TFrom, TTo>(TFrom number)
        where TFrom : struct, INumber<TFrom>
        where TTo : struct, IBinaryInteger<TTo>, IMinMaxValue<TTo>
    {
        var isWhole = TFrom.IsInteger(number);
        var exact = isWhole ? BigInteger.CreateChecked(number) : 0;
        var isExpected = isWhole && exact >= BigInteger.CreateChecked(TTo.MinValue) && exact <= BigInteger.CreateChecked(TTo.MaxValue);
        Assert.True(NumberConversion.TryConvert(number, out TTo converted) == isExpected, $"{number} of {typeof(TFrom).Name} as {typeof(TTo).Name}");
        if (isExpected)
            Assert.Equal(exact, BigInteger.CreateChecked(converted));
    }

    /// <summary>Any bits, and often those beside 0 and beside the bounds.</summary>
    private static T Bits<T>()
        where T : struct, IBinaryInteger<T>, IMinMaxValue<T> => _random.Next(4) switch
        {
            0 => T.CreateTruncating(_random.Next(-2, 3)),
            1 => T.MinValue + T.CreateTruncating(_random.Next(3)),
            2 => T.MaxValue - T.CreateTruncating(_random.Next(3)),
            _ => T.CreateTruncating(_random.NextInt64(long.MinValue, long.MaxValue)),
        };

    private static double Floating() => _random.Next(6) switch
    {
        0 => _random.Next(-300, 300),
        1 => _random.Next(-300, 300) + 0.5,
        2 => new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, double.Epsilon, double.MaxValue }[_random.Next(6)],
        // Powers of two, and what lies beside them: the bounds of whole numbers.
        3 => Math.ScaleB(_random.Next(2) == 0 ? 1 : -1, _random.Next(5, 70)) + _random.Next(-1, 2),
        4 => Math.BitDecrement(Math.ScaleB(1, _random.Next(60, 66))),
        _ => (_random.NextDouble() - 0.5) * Math.Pow(10, _random.Next(0, 25)),
    };
}
