using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary>The part of <see cref="TrainingArguments"/> that says how weights are updated: optimizer, schedule, averaging, precision, and early stopping.</summary>
internal static class RecipeArguments
{
    /// <summary>The validation fraction of <c>--patience</c> where none is given.</summary>
    private const double DefaultFraction = 0.1;

    private static readonly Option<string?> _optimizer = new("--optimizer") { Description = "sgd, momentum (0.9), nesterov (0.9), rmsprop, adam or adamw." };
    private static readonly Option<double?> _weightDecay = new("--weight-decay") { Description = "The weight decay of the optimizer." };
    private static readonly Option<string?> _schedule = new("--schedule") { Description = "The learning rate schedule: constant, step, cosine, one-cycle, or plateau, which reduces it when the loss stops improving." };
    private static readonly Option<double?> _warmup = new("--warmup") { Description = "The fraction of the training during which the learning rate warms up." };
    private static readonly Option<double?> _ema = new("--ema") { Description = "Use an exponential moving average of the weights with this decay, such as 0.999." };
    private static readonly Option<string?> _precision = new("--precision") { Description = "single, or bfloat16, which is faster on processors that support it; for cnn, dense and rnn." };
    private static readonly Option<double?> _fraction = new("--validation-fraction") { Description = "The fraction of the training rows that is held out for validation." };
    private static readonly Option<int?> _interval = new("--validate-every") { Description = "Validate every N steps. Default: after each epoch." };
    private static readonly Option<int?> _patience = new("--patience") { Description = string.Create(CultureInfo.InvariantCulture, $"Stop early when the validation loss has not improved for N validations, and restore the best weights. Without --validation-fraction, {DefaultFraction} of the rows are held out.") };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } = Create();

    public static void Validate(CommandResult result)
    {
        if (result.GetResult(_interval) is not null && result.GetResult(_fraction) is null && result.GetResult(_patience) is null)
            result.AddError("--validate-every needs --validation-fraction or --patience.");
    }

    /// <summary>Replaces a recipe's values by those that the user gave.</summary>
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
            Schedule = result.GetValue(_warmup) is { } share ? new WarmUpSchedule { Share = share, Then = schedule } : schedule,
            WeightAveraging = result.GetValue(_ema) is { } average ? new WeightAveraging { Decay = average } : options.WeightAveraging,
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
        return [_optimizer, _weightDecay, _schedule, _warmup, _ema, _precision, _fraction, _interval, _patience];
    }
}
