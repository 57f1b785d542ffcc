using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Text;

namespace Sconce.Files.Tests.Rows;

/// <summary>Values made of text.</summary>
public sealed class ValueParserTests
{
    [Fact]
    public void Whole_numbers_are_those_of_their_range_whatever_the_digits()
    {
        for (var value = -1_500; value <= 1_500; value++)
        {
            Check<byte>(NumberDataViewType.Byte, value, byte.MinValue, byte.MaxValue);
            Check<sbyte>(NumberDataViewType.SByte, value, sbyte.MinValue, sbyte.MaxValue);
            Check<short>(NumberDataViewType.Int16, value, short.MinValue, short.MaxValue);
            Check<uint>(NumberDataViewType.UInt32, value, 0, int.MaxValue);
        }

        static void Check<T>(DataViewType type, int value, int least, int greatest)
            where T : struct, IConvertible
        {
            var parser = Parser<T>(type);
            foreach (var text in (string[])[$"{value}", $"{value}.0", $"{value}e0", $" {value} ", $"{Math.Abs(value):00000}"])
            {
                var expected = text[0] == '0' ? Math.Abs(value) : value;
                var isParsed = parser.TryParse(text, out var parsed);
                Assert.Equal(expected >= least && expected <= greatest, isParsed);
                if (isParsed)
                    Assert.Equal(expected, parsed.ToInt32(null));
                else
                    Assert.StartsWith("a whole number from ", parser.Refuse(text), StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("9223372036854775807", true)]
    [InlineData("-9223372036854775808", true)]
    [InlineData("9223372036854775808", false)]
    [InlineData("9223372036854775807.0", true)]
    [InlineData("9007199254740993e0", true)]
    [InlineData("9223372036854775807.5", false)]
    [InlineData("1e400", false)]
    [InlineData("", false)]
    [InlineData("1 2", false)]
    [InlineData("1,2", false)]
    [InlineData("٣", false)]
    [InlineData("Infinity", false)]
    public void Numbers_of_64_bits_are_exact(string text, bool isOne)
    {
        Assert.Equal(isOne, Parser<long>(NumberDataViewType.Int64).TryParse(text, out var value));
        if (isOne)
            Assert.Equal((long)decimal.Parse(text, System.Globalization.NumberStyles.Float, null), value);
    }

    /// <summary>The short path for few digits and the long one give the same bits.</summary>
    [Fact]
    public void Floats_are_the_nearest_to_their_text()
    {
        var random = new Random(1);
        var (single, twofold) = (Parser<float>(NumberDataViewType.Single), Parser<double>(NumberDataViewType.Double));
        var texts = Enumerable.Range(0, 1_100).Select(i => $"{i}").Concat(["007", "00", "-0", "+5", "1.", ".5", " 7", "1e-400", "0.1", "16777217", "1E5"])
            .Concat(Enumerable.Range(0, 2_000).Select(_ => $"{(random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-20, 20))}"));
        foreach (var text in texts)
        {
            Assert.True(single.TryParse(text, out var one), text);
            Assert.Equal(BitConverter.SingleToInt32Bits(float.Parse(text)), BitConverter.SingleToInt32Bits(one));
            Assert.True(twofold.TryParse(text, out var two), text);
            Assert.Equal(BitConverter.DoubleToInt64Bits(double.Parse(text)), BitConverter.DoubleToInt64Bits(two));
        }
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("  ", true)]
    [InlineData("nan", true)]
    [InlineData("NA", true)]
    [InlineData("?", true)]
    [InlineData("Infinity", true)]
    [InlineData("-Infinity", true)]
    [InlineData("inf", true)]
    [InlineData(" -inf", true)]
    [InlineData("+Inf", true)]
    [InlineData("info", false)]
    [InlineData("1e999", false)]
    [InlineData("na", false)]
    [InlineData("null", false)]
    [InlineData("x", false)]
    [InlineData("1;5", false)]
    public void What_is_not_finite_is_taken_only_where_that_is_allowed(string text, bool isAllowed)
    {
        Assert.Equal(isAllowed, Parser<float>(NumberDataViewType.Single).TryParse(text, out var value));
        Assert.True(!isAllowed || !float.IsFinite(value));
        Assert.Equal(isAllowed, Parser<double>(NumberDataViewType.Double).TryParse(text, out _));
        var finite = (ValueParser<float>)ValueParser.For(new("x", NumberDataViewType.Single) { IsFinite = true });
        Assert.False(finite.TryParse(text, out _));
        Assert.StartsWith("a finite number ", finite.Refuse(text), StringComparison.Ordinal);
    }

    [Fact]
    public void Truth_values_are_those_of_MLNETs_loader()
    {
        var parser = Parser<bool>(BooleanDataViewType.Instance);
        foreach (var text in (string[])["true", "TRUE", "yes", "1", "t", "Y", "+1", "+", " True ", "1.0", "1e0"])
            Assert.True(parser.TryParse(text, out var value) && value, text);
        foreach (var text in (string[])["false", "No", "0", "f", "N", "-1", "-", "0.0", "-1.0"])
            Assert.True(parser.TryParse(text, out var value) && !value, text);
        foreach (var text in (string[])["", "2", "0.5", "truth", "on"])
            Assert.False(parser.TryParse(text, out _), text);
        Assert.Equal("true or false is expected", parser.Refuse("x"));
    }

    [Fact]
    public void Times_are_read_as_UTC_unless_they_say_otherwise()
    {
        var times = Parser<DateTime>(DateTimeDataViewType.Instance);
        Assert.True(times.TryParse("2003-12-31T23:59:00+01:00", out var time));
        Assert.Equal((new DateTime(2003, 12, 31, 22, 59, 0), DateTimeKind.Utc), (time, time.Kind));
        Assert.True(times.TryParse("2003-12-31", out time));
        Assert.Equal(new DateTime(2003, 12, 31), time);
        Assert.False(times.TryParse("31.31.2003", out _));
        Assert.Contains("2003-12-31", times.Refuse("x"), StringComparison.Ordinal);
        Assert.True(Parser<DateTimeOffset>(DateTimeOffsetDataViewType.Instance).TryParse("2003-12-31T23:59:00+01:00", out var offset));
        Assert.Equal((new DateTime(2003, 12, 31, 23, 59, 0), TimeSpan.FromHours(1)), (offset.DateTime, offset.Offset));
        Assert.True(Parser<TimeSpan>(TimeSpanDataViewType.Instance).TryParse("1.02:03:04.5", out var span));
        Assert.Equal(new TimeSpan(1, 2, 3, 4, 500), span);
    }

    [Fact]
    public void Keys_are_the_numbers_of_the_values_that_the_model_knows()
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add("KeyValues", new VectorDataViewType(TextDataViewType.Instance, 3), (ref VBuffer<ReadOnlyMemory<char>> values) => values = new(3, ["cat".AsMemory(), "a,b".AsMemory(), "7".AsMemory()]));
        var parser = (ValueParser<uint>)ValueParser.For(new("Kind", new KeyDataViewType(typeof(uint), 3)) { Annotations = annotations.ToAnnotations() });
        foreach (var (text, number) in (ReadOnlySpan<(string, uint)>)[("cat", 1), ("a,b", 2), ("7", 3), ("dog", 0), ("Cat", 0), ("", 0)])
        {
            Assert.True(parser.TryParse(text, out var key));
            Assert.Equal(number, key);
        }

        var plain = (ValueParser<uint>)ValueParser.For(new("Kind", new KeyDataViewType(typeof(uint), 3)));
        Assert.True(plain.TryParse("3", out var third) && third == 3);
        Assert.True(plain.TryParse("4", out var fourth) && fourth == 0);
    }

    [Fact]
    public void What_is_not_read_from_files_is_refused() =>
        Assert.Contains("Column 'Row' has the type", Assert.Throws<NotSupportedException>(() => ValueParser.For(new("Row", RowIdDataViewType.Instance))).Message, StringComparison.Ordinal);

    private static ValueParser<T> Parser<T>(DataViewType type) => (ValueParser<T>)ValueParser.For(new("x", type));
}
