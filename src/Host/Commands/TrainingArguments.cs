using System.CommandLine;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary>The options of every <c>sconce train</c> command.</summary>
internal static class TrainingArguments
{
    public static readonly Option<string?> Data = new("--data") { Description = "A folder with MNIST's IDX files, raw or .gz. Default: the built-in MNIST." };
    public static readonly Option<int> Seed = new("--seed") { Description = "The random seed.", DefaultValueFactory = _ => 1 };
    public static readonly Option<string?> Output = new("--output", "-o") { Description = "The model file to write. Default: models/NETWORK.zip." };

    /// <summary>The number of steps between two lines of progress; null for one every few seconds.</summary>
    public static readonly Option<int?> ReportEvery = new("--report-every") { Description = "Print progress every N steps. Default: every ten seconds, or a progress bar in a terminal." };

    private static readonly Option<int?> _epochs = new("--epochs") { Description = "The number of passes over the training data." };
    private static readonly Option<int?> _steps = new("--steps") { Description = "The number of steps (one batch each), instead of --epochs." };
    private static readonly Option<int?> _batchSize = new("--batch-size") { Description = "The number of rows in a batch." };
    private static readonly Option<double?> _learningRate = new("--learning-rate") { Description = "The learning rate; with a schedule, the highest." };
    private static readonly Option<double?> _clipNorm = new("--clip-norm") { Description = "Clip the gradient to this L2 norm over all weights." };
    private static readonly Option<double?> _clipValue = new("--clip-value") { Description = "Clip each component of the gradient to [-VALUE, VALUE], instead of --clip-norm." };

    /// <summary>Creates the command that trains one network, with these options and its own.</summary>
    public static Command CreateCommand(string name, string description, params IEnumerable<Option> own)
    {
        var command = new Command(name, description);
        foreach (var option in own.Concat([_epochs, _steps, _batchSize, _learningRate, _clipNorm, _clipValue, .. RecipeArguments.All, .. RunArguments.All, ReportEvery, Seed, Output]))
            command.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_epochs) is not null && result.GetResult(_steps) is not null)
                result.AddError("--epochs cannot be combined with --steps.");
            if (result.GetResult(_clipNorm) is not null && result.GetResult(_clipValue) is not null)
                result.AddError("--clip-norm cannot be combined with --clip-value.");
            if (result.GetResult(ReportEvery) is not null && result.GetValue(ReportEvery) < 1)
                result.AddError("--report-every has to be at least 1.");
            RecipeArguments.Validate(result);
            RunArguments.Validate(result);
        });
        return command;
    }

    /// <summary>Replaces a recipe's values by those that the user gave, and checks all of them; then loads the model of <c>--from</c>, which is freed with the process.</summary>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    /// <exception cref="InvalidDataException">The model of <c>--from</c> cannot be read.</exception>
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
        options = RunArguments.Apply(result, options);
        options.Validate();
        return RunArguments.LoadPrevious(result) is { } previous ? options with { PreviousModel = previous } : options;
    }
}
