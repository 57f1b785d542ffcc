using System.CommandLine;
using System.CommandLine.Parsing;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary>The part of <see cref="TrainingArguments"/> that says how weights move: optimiser, schedule, averaging, precision, and when to stop.</summary>
internal static class RecipeArguments
{
    /// <summary>What <c>--patience</c> measures on where nothing else is said.</summary>
    private const double DefaultFraction = 0.1;

    private static readonly Option<string?> _optimizer = new("--optimizer") { Description = "sgd, momentum (0.9), nesterov (0.9), rmsprop, adam or adamw." };
    private static readonly Option<double?> _weightDecay = new("--weight-decay") { Description = "The optimiser's weight decay." };
    private static readonly Option<string?> _schedule = new("--schedule") { Description = "How the learning rate moves: constant, step, cosine, one-cycle, or plateau, which falls when the loss no longer does." };
    private static readonly Option<double?> _warmUp = new("--warm-up") { Description = "The share of the training in which the learning rate rises first." };
    private static readonly Option<double?> _averageWeights = new("--average-weights") { Description = "Keep a running mean of the weights; the share of it that a step keeps: 0.999." };
    private static readonly Option<string?> _precision = new("--precision") { Description = "single, or bfloat16: faster on processors that have it; for cnn, dense and lstm." };
    private static readonly Option<double?> _fraction = new("--validation-fraction") { Description = "The share of the training rows that is measured on instead of learned from." };
    private static readonly Option<int?> _interval = new("--validate-every") { Description = "Measure after so many steps. Default: after each pass." };
    private static readonly Option<int?> _patience = new("--patience") { Description = $"Stop when the validation loss has not improved for so many measurements, and keep the best weights. Holds back {DefaultFraction} of the rows unless --validation-fraction says more." };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } = Create();

    public static void Validate(CommandResult result)
    {
        if (result.GetResult(_interval) is not null && result.GetResult(_fraction) is null && result.GetResult(_patience) is null)
            result.AddError("--validate-every needs --validation-fraction or --patience.");
    }

    /// <summary>Puts what the user gave in place of a recipe's own values.</summary>
    public static TOptions Apply<TOptions>(ParseResult result, TOptions options)
        where TOptions : TrainingOptions
    {
        var optimizer = result.GetValue(_optimizer) switch
        {
            "sgd" => new Sgd(),
            "momentum" => new Sgd { Momentum = 0.9 },
            "nesterov" => new Sgd { Momentum = 0.9, Nesterov = true },
            "rmsprop" => new RmsProp(),
            "adam" => new Adam(),
            "adamw" => new AdamW(),
            _ => options.Optimizer,
        };
        LearningRateSchedule schedule = result.GetValue(_schedule) switch
        {
            "constant" => new ConstantSchedule(),
            "step" => new StepSchedule(),
            "cosine" => new CosineSchedule(),
            "one-cycle" => new OneCycleSchedule(),
            "plateau" => new PlateauSchedule(),
            _ => options.Schedule,
        };
        var patience = result.GetValue(_patience);
        return options with
        {
            Optimizer = result.GetValue(_weightDecay) is { } decay ? optimizer with { WeightDecay = decay } : optimizer,
            Schedule = result.GetValue(_warmUp) is { } share ? new WarmUpSchedule { Fraction = share, Then = schedule } : schedule,
            WeightAveraging = result.GetValue(_averageWeights) is { } average ? new WeightAveraging { Decay = average } : options.WeightAveraging,
            Precision = result.GetValue(_precision) switch { "bfloat16" => Precision.BFloat16, "single" => Precision.Single, _ => options.Precision },
            ValidationFraction = result.GetValue(_fraction) ?? options.ValidationFraction ?? (patience is null ? null : DefaultFraction),
            ValidationInterval = result.GetValue(_interval) ?? options.ValidationInterval,
            EarlyStopping = patience is { } measurements ? new EarlyStopping { Patience = measurements } : options.EarlyStopping,
        };
    }

    private static Option[] Create()
    {
        _optimizer.AcceptOnlyFromAmong("sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw");
        _schedule.AcceptOnlyFromAmong("constant", "step", "cosine", "one-cycle", "plateau");
        _precision.AcceptOnlyFromAmong("single", "bfloat16");
        return [_optimizer, _weightDecay, _schedule, _warmUp, _averageWeights, _precision, _fraction, _interval, _patience];
    }
}
