using System.CommandLine;
using System.Reflection;

namespace Sconce.Host;

/// <summary>What a user is told of an exception: one line, about the cause, in the words of the command line.</summary>
/// <param name="Text">The sentence.</param>
/// <param name="IsUsage">Whether the command line is what is wrong.</param>
internal sealed record ErrorMessage(string Text, bool IsUsage)
{
    /// <summary>The options by the properties and parameters that they set, as the libraries' exceptions name them.</summary>
    private static readonly Dictionary<string, string> _options = new(StringComparer.Ordinal)
    {
        ["BatchSize"] = "--batch-size",
        ["Checkpoints.EverySteps"] = "--checkpoint-every",
        ["CodeSize"] = "--code-size",
        ["CodeSizes"] = "--sizes",
        ["ConfidenceLevel"] = "--confidence",
        ["confidence"] = "--confidence",
        ["Convolutions"] = "--convolutions",
        ["EarlyStopping.Patience"] = "--patience",
        ["Epochs"] = "--epochs",
        ["GradientClipping.MaximalNorm"] = "--clip-norm",
        ["GradientClipping.MaximalValue"] = "--clip-value",
        ["HiddenSize"] = "--hidden-size",
        ["HiddenWidths"] = "--widths",
        ["Horizon"] = "--horizon",
        ["Layers.Dropout"] = "--dropout",
        ["LearningRate"] = "--learning-rate",
        ["Lengths"] = "--lengths",
        ["Noise"] = "--noise",
        ["NumberOfEpochs"] = "--epochs",
        ["NumberOfLayers"] = "--layers",
        ["NumberOfSteps"] = "--steps",
        ["NumberOfThreads"] = "--threads",
        ["Optimizer.WeightDecay"] = "--weight-decay",
        ["Reduction"] = "--reduction",
        ["Repetitions"] = "--repetitions",
        ["RowsPerPart"] = "--rows-per-part",
        ["Schedule.Share"] = "--warm-up",
        ["Seasonality"] = "--season",
        ["SparsityWeight"] = "--sparsity",
        ["TargetAccuracy"] = "--target",
        ["TeacherForcing"] = "--teacher-forcing",
        ["Trials"] = "--trials",
        ["ValidationFraction"] = "--validation-fraction",
        ["ValidationInterval"] = "--validate-every",
        ["VariationalWeight"] = "--variational",
        ["WeightAveraging.Decay"] = "--average-weights",
        ["WindowSize"] = "--window",
        ["count"] = "--count",
        ["folds"] = "--folds",
        ["operatorSet"] = "--opset",
        ["size"] = "--size",
        ["steps"] = "--steps",
        ["training"] = "--examples",
    };

    /// <param name="exception">What was thrown.</param>
    /// <param name="command">The command that was run: an option is named if the command has it.</param>
    public static ErrorMessage Of(Exception exception, Command command)
    {
        var cause = CauseOf(exception);
        var isUsage = cause is UsageException or ArgumentOutOfRangeException;
        var text = cause.Message;
        if (cause is ArgumentException { ParamName: { } parameter })
        {
            // .NET's own note, which names nothing that a user knows.
            text = text.Replace($" (Parameter '{parameter}')", "", StringComparison.Ordinal);
            var name = parameter.Split(',')[0];
            if (text.StartsWith(name, StringComparison.Ordinal) && _options.TryGetValue(name, out var option) && command.Options.Any(each => each.Name == option))
                (text, isUsage) = (option + text[name.Length..], true);
        }

        return new(text.ReplaceLineEndings(" "), isUsage);
    }

    /// <summary>What was thrown at first: reflection and static constructors wrap it in exceptions that say nothing of it.</summary>
    public static Exception CauseOf(Exception exception) =>
        exception is TargetInvocationException or TypeInitializationException or AggregateException { InnerExceptions.Count: 1 } && exception.InnerException is { } inner ? CauseOf(inner) : exception;
}
