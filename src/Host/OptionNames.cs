using System.CommandLine;
using System.Text.RegularExpressions;

namespace Sconce.Host;

/// <summary>Says what the libraries name by their properties as a command's options: <c>CodeSize</c> is <c>--code-size</c>.</summary>
internal static partial class OptionNames
{
    /// <summary>Properties and parameters whose options have other names.</summary>
    private static readonly Dictionary<string, string> _others = new(StringComparer.Ordinal)
    {
        ["Checkpoints.EverySteps"] = "--checkpoint-every",
        ["CodeSizes"] = "--sizes",
        ["ConfidenceLevel"] = "--confidence",
        ["DenseWidths"] = "--dense-sizes",
        ["DateTimeFormat"] = "--date-format",
        ["EarlyStopping.Patience"] = "--patience",
        ["EscapeCharacter"] = "--escape-char",
        ["FrozenParameters"] = "--freeze",
        ["GradientClipping.MaximalNorm"] = "--clip-norm",
        ["GradientClipping.MaximalValue"] = "--clip-value",
        ["FeatureColumns"] = "--feature-columns",
        ["HiddenWidths"] = "--hidden-sizes",
        ["InputWidth"] = "--input-size",
        ["LabelColumn"] = "--label-column",
        ["Layers.Dropout"] = "--dropout",
        ["NumberOfEpochs"] = "--epochs",
        ["NumberOfLayers"] = "--layers",
        ["NumberOfSteps"] = "--steps",
        ["NumberOfThreads"] = "--threads",
        ["Optimizer.WeightDecay"] = "--weight-decay",
        ["PreviousModel"] = "--from",
        ["RunFolder"] = "--run",
        ["Schedule.Share"] = "--warmup",
        ["Seasonality"] = "--season",
        ["SparsityWeight"] = "--sparsity",
        ["TargetAccuracy"] = "--target",
        ["ValidationInterval"] = "--validate-every",
        ["VariationalWeight"] = "--variational",
        ["WeightAveraging.Decay"] = "--ema",
        ["WindowSize"] = "--window",
        ["operatorSet"] = "--opset",
        ["training"] = "--examples",
    };

    /// <summary>The option of a command that sets a property or a parameter; null where the command has none.</summary>
    public static string? Of(string property, Command command)
    {
        var option = _others.GetValueOrDefault(property) ?? $"--{Hump().Replace(property, "-$0").ToLowerInvariant()}";
        return command.Options.Any(each => each.Name == option) ? option : null;
    }

    /// <summary>Puts the options of a command in place of the properties that a message names.</summary>
    /// <param name="message">The message.</param>
    /// <param name="parameter">The property that an exception is about, which may be a plain word; null where it tells of none.</param>
    /// <param name="command">The command that was given.</param>
    public static string Name(string message, string? parameter, Command command) => Identifier().Replace(message, found =>
    {
        // A user's column may be called BatchSize.
        if (IsColumn(found.Index))
            return found.Value;
        // 'Dropout' may be a word of the sentence.
        var isName = found.Value == parameter || found.Value.AsSpan(1).ContainsAnyInRange('A', 'Z');
        return isName ? Of(found.Value, command) ?? found.Value : found.Value;

        bool IsColumn(int place)
        {
            const string List = "olumns are: ";
            var list = message.LastIndexOf(List, place, StringComparison.Ordinal);
            return list >= 0 && !message.AsSpan((list + List.Length)..place).Contains(". ", StringComparison.Ordinal);
        }
    });

    [GeneratedRegex(@"(?<![\w.'/\\-])[A-Z]\w*(\.[A-Z]\w*)*(?![\w'(])", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Identifier();

    [GeneratedRegex("(?<!^)[A-Z]", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Hump();
}
