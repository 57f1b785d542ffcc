using System.Globalization;
using System.Numerics;

namespace Sconce.Core.Errors;

/// <summary>Throws for invalid values of options, with messages of one form: the option, its value, and the expected range.</summary>
internal static class Check
{
    public static void AtLeast<T>(T value, T least, string option)
        where T : INumber<T> => Require(value >= least, value, option, string.Create(CultureInfo.InvariantCulture, $"at least {least}"));

    public static void AtMost(long value, long most, string option) => Require(value <= most, value, option, string.Create(CultureInfo.InvariantCulture, $"at most {most}"));

    /// <summary>Exactly this number.</summary>
    public static void Count(long value, long expected, string option) => Require(value == expected, value, option, string.Create(CultureInfo.InvariantCulture, $"{expected}"));

    public static void Odd(int value, string option) => Require(value > 0 && value % 2 == 1, value, option, "odd and at least 1");

    public static void NotNegative(double value, string option) => Require(value >= 0 && double.IsFinite(value), value, option, "0 or more, and finite");

    public static void Finite(double value, string option) => Require(double.IsFinite(value), value, option, "finite");

    public static void Positive(double value, string option) => Require(value > 0 && double.IsFinite(value), value, option, "more than 0, and finite");

    /// <summary>Strictly between the two bounds.</summary>
    public static void Between(double value, double low, double high, string option) =>
        Require(value > low && value < high, value, option, string.Create(CultureInfo.InvariantCulture, $"between {low} and {high}"));

    /// <summary>In [0, 1): the range of a fraction that is not the whole.</summary>
    public static void Share(double value, string option) => Require(value is >= 0 and < 1, value, option, "in [0, 1)");

    /// <summary>In [0, 1].</summary>
    public static void Proportion(double value, string option) => Require(value is >= 0 and <= 1, value, option, "in [0, 1]");

    public static void NotEmpty(string value, string option)
    {
        if (string.IsNullOrEmpty(value))
            throw new ArgumentException($"{option} is empty; it has to be the name of a column.", option);
    }

    private static void Require<T>(bool fulfilled, T value, string option, string expected)
    {
        if (!fulfilled)
            throw new ArgumentOutOfRangeException(option, string.Create(CultureInfo.InvariantCulture, $"{option} is {value}; it has to be {expected}."));
    }
}
