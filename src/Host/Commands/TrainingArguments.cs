using System.CommandLine;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary>What every <c>sconce train</c> takes.</summary>
internal static class TrainingArguments
{
    public static readonly Option<string?> Data = new("--data") { Description = "A folder with the four IDX files of MNIST's layout, raw or .gz. Default: MNIST itself, embedded." };
    public static readonly Option<int> Seed = new("--seed") { Description = "The seed of weights, shuffling and dropout.", DefaultValueFactory = _ => 1 };
    public static readonly Option<string?> Output = new("--output", "-o") { Description = "The model zip to write. Default: models/NETWORK.zip." };

    /// <summary>How many steps there are between two lines of progress; null for time to decide.</summary>
    public static readonly Option<int?> ReportEvery = new("--report-every") { Description = "Print a line of progress after so many steps. Default: every ten seconds, or a bar in a terminal." };

    /// <summary>How much the classes of images count.</summary>
    public static readonly Option<string> ClassWeights = new("--class-weights") { Description = "balanced: all classes count the same, however many images each of them has; none: each image counts the same.", DefaultValueFactory = _ => "none" };

    private static readonly Option<int?> _epochs = new("--epochs") { Description = "Passes over the training data." };
    private static readonly Option<int?> _steps = new("--steps") { Description = "Steps (one batch each), instead of --epochs." };
    private static readonly Option<int?> _batchSize = new("--batch-size") { Description = "Rows in a step." };
    private static readonly Option<double?> _learningRate = new("--learning-rate") { Description = "The step size; the highest one where the schedule varies it." };
    private static readonly Option<double?> _clipNorm = new("--clip-norm") { Description = "Shortens a step's gradient to this L2 norm over all weights where it is longer." };
    private static readonly Option<double?> _clipValue = new("--clip-value") { Description = "Brings each value of a step's gradient to within this of zero, instead of --clip-norm." };

    /// <summary>Makes the command of one network for MNIST's layout, with these options and its own.</summary>
    public static Command CreateCommand(string name, string description, params IEnumerable<Option> own) => CreateBareCommand(name, description, own.Append(Data));

    /// <summary>Makes the command of one network for MNIST's layout or for image files, likewise.</summary>
    public static Command CreateImageCommand(string name, string description, params IEnumerable<Option> own)
    {
        ClassWeights.AcceptOnlyFromAmong("balanced", "none");
        var command = CreateCommand(name, description, [.. own, ClassWeights, .. ImageArguments.All]);
        command.Validators.Add(ImageArguments.Validate);
        return command;
    }

    /// <summary>Makes the command of one network for other data, likewise.</summary>
    public static Command CreateBareCommand(string name, string description, params IEnumerable<Option> own)
    {
        var command = new Command(name, description);
        foreach (var option in own.Concat([_epochs, _steps, _batchSize, _learningRate, _clipNorm, _clipValue, .. RecipeArguments.All, .. RunArguments.All, ReportEvery, Seed, Output]))
            command.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_epochs) is not null && result.GetResult(_steps) is not null)
                result.AddError("--epochs and --steps exclude each other.");
            if (result.GetResult(_clipNorm) is not null && result.GetResult(_clipValue) is not null)
                result.AddError("--clip-norm and --clip-value exclude each other.");
            if (result.GetResult(ReportEvery) is not null && result.GetValue(ReportEvery) < 1)
                result.AddError("--report-every has to be at least 1.");
            RecipeArguments.Validate(result);
            RunArguments.Validate(result);
        });
        return command;
    }

    /// <summary>Puts what the user gave in place of a recipe's own values, and checks all of them: before any data is read.</summary>
    /// <exception cref="ArgumentException">A value makes no sense.</exception>
    public static TOptions Configure<TOptions>(this ParseResult result, TOptions options, CancellationToken cancellation)
        where TOptions : TrainingOptions
    {
        if (result.GetValue(_epochs) is { } epochs)
            options = options with { NumberOfEpochs = epochs, MinimumNumberOfSteps = 0, NumberOfSteps = null };
        options = RecipeArguments.Apply(result, options) with
        {
            NumberOfSteps = result.GetValue(_steps) ?? options.NumberOfSteps,
            BatchSize = result.GetValue(_batchSize) ?? options.BatchSize,
            LearningRate = result.GetValue(_learningRate) ?? options.LearningRate,
            GradientClipping = result.GetValue(_clipNorm) is { } norm ? new NormClipping { MaxNorm = norm }
                : result.GetValue(_clipValue) is { } value ? new ValueClipping { MaxValue = value } : options.GradientClipping,
            CancellationToken = cancellation,
        };
        options.Validate();
        // Last, as the model that is gone on from is loaded.
        options = RunArguments.Apply(result, options);
        options.Validate();
        return options;
    }
}
