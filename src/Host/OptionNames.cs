using System.CommandLine;
using System.Text.RegularExpressions;
using Sconce.Pipelines;
using Sconce.Pipelines.Catalog;

namespace Sconce.Host;

/// <summary>The options that set the libraries' properties and parameters: <c>CodeSize</c> is <c>--code-size</c>.</summary>
internal static class OptionNames
{
    /// <summary>Properties whose options have other names, and all parameters, which begin with a small letter: most of those are no options.</summary>
    internal static IReadOnlyDictionary<string, string> Others { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Checkpoints.EverySteps"] = "--checkpoint-every",
        ["ClassName"] = "--class",
        ["CodeSizes"] = "--sizes",
        ["ConfidenceLevel"] = "--confidence",
        ["Date"] = "--date-column",
        ["DateTimeFormat"] = "--date-format",
        ["DenseLayerSizes"] = "--dense-sizes",
        ["EarlyStopping.Patience"] = "--patience",
        ["EscapeCharacter"] = "--escape-char",
        ["ExampleWeightColumnName"] = "--weight",
        ["FeatureColumnNames"] = "--features",
        ["Format"] = "--input-format",
        ["FrozenParameters"] = "--freeze",
        ["GradientClipping.MaxNorm"] = "--clip-norm",
        ["GradientClipping.MaxValue"] = "--clip-value",
        ["GroupColumnName"] = "--group",
        ["HasHeader"] = "--header",
        ["HiddenLayerSizes"] = "--hidden-sizes",
        ["IgnoredColumnNames"] = "--ignore",
        ["InputWidth"] = "--input-size",
        ["LabelColumnNames"] = "--label",
        ["Layers.Dropout"] = "--dropout",
        ["Layers.ElmanActivation"] = "--activation",
        ["MaximumImages"] = "--count",
        ["MaximumRows"] = "--rows",
        ["MissingValues"] = "--missing",
        ["NumberOfEpochs"] = "--epochs",
        ["NumberOfLayers"] = "--layers",
        ["NumberOfSteps"] = "--steps",
        ["NumberOfThreads"] = "--threads",
        ["Optimizer.WeightDecay"] = "--weight-decay",
        ["OutputFormat"] = "--format",
        ["PositiveValue"] = "--positive",
        ["PreviousModel"] = "--from",
        ["QuarantinePath"] = "--quarantine",
        ["RunFolder"] = "--run",
        ["Schedule.Fraction"] = "--warmup",
        ["SeasonLength"] = "--season",
        ["Series"] = "--series-column",
        ["SparsityWeight"] = "--sparsity",
        ["TargetAccuracy"] = "--target",
        ["TimeColumnName"] = "--time",
        ["ValidationShare"] = "--validation-fraction",
        ["ValidationInterval"] = "--validate-every",
        ["Value"] = "--value-column",
        ["VariationalWeight"] = "--variational",
        ["WeightAveraging.Decay"] = "--ema",
        ["WindowSize"] = "--window",
        ["confidenceLevel"] = "--confidence",
        ["count"] = "--count",
        ["decimalMarker"] = "--decimal-marker",
        ["horizon"] = "--steps",
        ["network"] = "--network",
        ["opSetVersion"] = "--opset",
        ["operatorSet"] = "--opset",
        ["size"] = "--size",
        ["testShare"] = "--test-fraction",
        ["training"] = "--examples",
    };

    /// <summary>Properties that commands have different options for; a command has one of them.</summary>
    internal static IReadOnlyDictionary<string, string[]> ByCommand { get; } = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["LabelColumnName"] = ["--label", "--label-column"],
    };

    private static readonly string[] _reading = [nameof(FileScoringOptions.DecimalMarker), nameof(FileScoringOptions.DateTimeFormat), nameof(FileScoringOptions.EscapeCharacter), nameof(FileScoringOptions.OnError)];

    /// <summary>The option of a command that sets a property or a parameter; null if the command has none.</summary>
    public static string? Of(string property, Command command)
    {
        // A property of an option's own options is set by an option, too: Augmentation.Shift by --shift. How many there are of them is not.
        var name = property[(property.LastIndexOf('.') + 1)..];
        string[] options = ByCommand.GetValueOrDefault(property) ?? (Others.GetValueOrDefault(property) is { } other ? [other]
            : char.IsUpper(property[0]) && name is not ("Count" or "") ? [$"--{NetworkRecipe.Kebab(name)}"] : []);
        return Array.Find(options, option => command.Options.Any(each => each.Name == option));
    }

    /// <summary>Replaces the property in a message by the option.</summary>
    /// <remarks>
    /// A single word is the property's name only where the message begins with it: "Resume" may be a verb, and "Dropout" a noun. What is in quotes is
    /// the user's: a column may be called BatchSize.
    /// </remarks>
    public static string Put(string message, string property, string option)
    {
        if (message.StartsWith(property, StringComparison.Ordinal) && (message.Length == property.Length || !char.IsLetterOrDigit(message[property.Length])))
            message = option + message[property.Length..];
        return property.AsSpan(1).ContainsAnyInRange('A', 'Z')
            ? Regex.Replace(message, $@"(?<![\w.'/\\-]){Regex.Escape(property)}(?![\w'(])", option, RegexOptions.None, TimeSpan.FromSeconds(1))
            : message;
    }

    /// <summary>Replaces properties by options in the reason why a row cannot be read.</summary>
    public static string PutReading(string reason, Command command) => _reading.Aggregate(
        reason, (text, property) => Of(property, command) is { } option ? Put(text, property, option) : text);
}
