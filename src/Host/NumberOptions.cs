using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace Sconce.Host;

/// <summary>Numbers on the command line: the same in every culture, without thousands separators, which would turn 0,05 into 5.</summary>
internal static class NumberOptions
{
    private const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>Makes a numeric option parse numbers this way; other options do not change.</summary>
    public static void MakeInvariant(Option option)
    {
        switch (option)
        {
            case Option<int> whole:
                whole.CustomParser = Parse<int>;
                break;
            case Option<int?> whole:
                whole.CustomParser = result => Parse<int>(result);
                break;
            case Option<int[]> several:
                several.CustomParser = result => [.. result.Tokens.Select(token => Parse<int>(result, token))];
                break;
            case Option<double> real:
                real.CustomParser = Parse<double>;
                break;
            case Option<double?> real:
                real.CustomParser = result => Parse<double>(result);
                break;
        }
    }

    private static T Parse<T>(ArgumentResult result)
        where T : struct, INumber<T> => Parse<T>(result, result.Tokens[0]);

    private static T Parse<T>(ArgumentResult result, Token token)
        where T : struct, INumber<T>
    {
        if (!T.TryParse(token.Value, Style, CultureInfo.InvariantCulture, out var value))
            result.AddError($"'{token.Value}' is not a number.");
        return value;
    }
}
