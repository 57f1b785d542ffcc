using System.CommandLine;
using System.Text.RegularExpressions;

namespace Sconce.Host;

/// <summary>Says what the libraries name by their properties as a command's options: <c>CodeSize</c> is <c>--code-size</c>.</summary>
internal static partial class OptionNames
{
    /// <summary>Properties whose options have other names.</summary>
    private static readonly Dictionary<string, string> _others = new(StringComparer.Ordinal)
    {
        ["NumberOfEpochs"] = "--epochs",
        ["NumberOfSteps"] = "--steps",
        ["GradientClipping.MaximalNorm"] = "--clip-norm",
        ["GradientClipping.MaximalValue"] = "--clip-value",
        ["EarlyStopping.Patience"] = "--patience",
        ["WeightAveraging.Decay"] = "--average-weights",
        ["Schedule.Share"] = "--warm-up",
        ["HiddenWidths"] = "--widths",
        ["PreviousModel"] = "--from",
        ["RunFolder"] = "--run",
        ["FrozenParameters"] = "--freeze",
        ["ValidationInterval"] = "--validate-every",
    };

    /// <summary>Puts the options of a command in place of the properties that a message names.</summary>
    /// <param name="message">The message.</param>
    /// <param name="parameter">The property that an exception is about, which may be a plain word; null where it tells of none.</param>
    /// <param name="command">The command that was given.</param>
    public static string Name(string message, string? parameter, Command command)
    {
        var options = command.Options.Select(option => option.Name).ToHashSet(StringComparer.Ordinal);
        return Identifier().Replace(message, found =>
        {
            var option = _others.GetValueOrDefault(found.Value) ?? $"--{Hump().Replace(found.Value, "-$0").ToLowerInvariant()}";
            // 'Dropout' may be a word of the sentence.
            var isName = found.Value == parameter || found.Value.AsSpan(1).ContainsAnyInRange('A', 'Z');
            return isName && options.Contains(option) ? option : found.Value;
        });
    }

    [GeneratedRegex(@"(?<![\w.'/\\-])[A-Z]\w*(\.[A-Z]\w*)*(?![\w'(])", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Identifier();

    [GeneratedRegex("(?<!^)[A-Z]", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Hump();
}
