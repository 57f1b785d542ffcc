using System.Text.Json.Nodes;
using Microsoft.ML;
using Sconce.Trainers.Model;
using Sconce.Trainers.Tests.Forecasting;
using Sconce.Trainers.Tests.Sequences;

namespace Sconce.Trainers.Tests.Runs;

/// <summary>Trainers of every kind, small, each with its data: to be interrupted and resumed.</summary>
internal static class Interrupted
{
    private static readonly Points _points = new(rows: 60, features: 4, classes: 3, seed: 1);

    public delegate ITransformer Trainer(MLContext ml, Func<TrainingOptions, TrainingOptions> change);

    /// <summary>A trainer of each way to read rows, to draw random numbers and to remember: 12 steps each.</summary>
    public static IReadOnlyDictionary<string, Trainer> Trainers { get; } = new Dictionary<string, Trainer>
    {
        ["dense, dropout, clipped, validated"] = (ml, change) => ml.MulticlassClassification.Trainers.DenseNetwork(With(change, new DenseNetwork.Options
        {
            Network = new() { HiddenLayerSizes = [8], Dropout = 0.3 },
            GradientClipping = new NormClipping { MaximalNorm = 0.5 },
            BatchSize = 10,
            NumberOfEpochs = 2,
            ValidationSet = _points.View,
            ValidationInterval = 4,
        })).Fit(_points.View),
        ["averaged, measured on a fraction, its best kept"] = (ml, change) => ml.MulticlassClassification.Trainers.DenseNetwork(With(change, new DenseNetwork.Options
        {
            Network = new() { HiddenLayerSizes = [8], Dropout = 0.3 },
            Optimizer = new RmsProp(),
            Schedule = new PlateauSchedule { Patience = 1 },
            WeightAveraging = new() { Decay = 0.6 },
            EarlyStopping = new() { Patience = 10 },
            BatchSize = 8,
            NumberOfSteps = 12,
            ValidationFraction = 0.2,
            ValidationInterval = 2,
        })).Fit(_points.View),
        ["images, augmented, normalised"] = (ml, change) => Stripes.Pipeline(ml, With(change, Stripes.Quick with
        {
            BatchSize = 10,
            NumberOfEpochs = 3,
            Network = Stripes.Quick.Network with { Dropout = 0.3, Augmentation = new() },
            Optimizer = new AdamW(),
        })).Fit(Stripes.Load(ml, rows: 37)),
        ["a state that is carried"] = (ml, change) => ml.Recurrent(With(change, Windows.Stateful with
        {
            NumberOfEpochs = 2,
            Network = Windows.Stateful.Network with { Dropout = 0.3 },
        })).Fit(new Windows(30).Load(ml)),
        ["rows that do not fit, momentum"] = (ml, change) => ml.SoftmaxRegression(With(change, new SoftmaxRegression.Options
        {
            BatchSize = 10,
            NumberOfSteps = 12,
            MemoryBudget = 400,
            Optimizer = new Sgd { Momentum = 0.9 },
            Schedule = new OneCycleSchedule(),
        })).Fit(_points.View),
        ["averaged, held out rows, a best to come back to"] = (ml, change) => ml.MulticlassClassification.Trainers.DenseNetwork(With(change, new DenseNetwork.Options
        {
            Network = new() { HiddenLayerSizes = [8], Dropout = 0.3 },
            BatchSize = 10,
            NumberOfSteps = 12,
            Optimizer = new RmsProp { Momentum = 0.5 },
            LearningRate = 0.1,
            Schedule = new WarmUpSchedule { Share = 0.2, Then = new PlateauSchedule { Patience = 1 } },
            ValidationFraction = 0.3,
            ValidationInterval = 1,
            EarlyStopping = new() { Patience = 11 },
            WeightAveraging = new() { Decay = 0.5 },
        })).Fit(_points.View),
        ["an autoencoder with noise"] = (ml, change) => ml.Transforms.Autoencoder("Code", "Features", With(change, new Autoencoder.Options
        {
            Network = new() { HiddenLayerSizes = [3], CodeSize = 2, Noise = 0.1, VariationalWeight = 0.1 },
            BatchSize = 10,
            NumberOfSteps = 12,
        })).Fit(_points.View),
        ["a user's module, with dropout and running statistics"] = (ml, change) => ml.MulticlassClassification.Trainers.Torch<Modules.UserModule>(With(change, new TorchClassificationOptions
        {
            BatchSize = 10,
            NumberOfEpochs = 2,
            Loss = new Modules.FocalLoss(1),
            ValidationSet = _points.View,
            ValidationInterval = 4,
            WeightAveraging = new() { Decay = 0.5 },
        }), new Modules.UserSettings()).Fit(_points.View),
        ["sequences, by chance forced"] = (ml, change) => Reversals.Estimator(ml, With(change, Reversals.Quick with
        {
            Network = new() { Layers = new() { HiddenSize = 4 }, EmbeddingSize = 3, TeacherForcing = 0.5 },
            BatchSize = 8,
            NumberOfSteps = 12,
        })).Fit(Reversals.Load(ml, 60, seed: 1)),
        ["a forecaster, trained twice, its end held out"] = (ml, change) => ml.Forecasting.ForecastByRecurrentNetwork(With(change, DailySeries.Quick with
        {
            Retrain = true,
            BatchSize = 8,
            NumberOfSteps = 12,
            ValidationFraction = 0.2,
            EarlyStopping = new() { Patience = 10 },
            Network = DailySeries.Quick.Network with { Layers = new() { HiddenSize = 4 } },
        })).Fit(ml.Data.LoadFromEnumerable(DailySeries.Create(100))),
    };

    public static TrainingRecord Record(ITransformer model) => PipelineSteps.Network(model).Training;

    public static TorchTransformer Network(ITransformer model) => PipelineSteps.Of(model).OfType<TorchTransformer>().Single();

    private static TOptions With<TOptions>(Func<TrainingOptions, TrainingOptions> change, TOptions options)
        where TOptions : TrainingOptions => (TOptions)change(options);
}

/// <summary>Ends a training after a step: by its token, as Ctrl-C does, or by an exception, as what nobody foresaw.</summary>
internal sealed class Interrupter(int step) : TrainingCallback, IDisposable
{
    private readonly CancellationTokenSource _source = new();

    public CancellationToken Token => _source.Token;

    public bool Throws { get; init; }

    public override void StepEnded(TrainingProgress progress, TrainingSession session)
    {
        if (progress.Step != step)
            return;
        if (Throws)
            throw new NotSupportedException("the power is gone");
        _source.Cancel();
    }

    public void Dispose() => _source.Dispose();
}

/// <summary>Adds up what it is told, and knows its sum again.</summary>
internal sealed class Adder : TrainingCallback
{
    public List<string> Told { get; private set; } = [];

    public override void TrainingBegan(TrainingSession session) => Told = [];

    public override void StepEnded(TrainingProgress progress, TrainingSession session) => Told.Add($"step {progress.Step}: {progress.Loss:R} {progress.GradientNorm:R} {session.LearningRate:R} {progress.Validation?.Loss:R}");

    public override void Validated(ValidationSummary summary, TrainingSession session) => Told.Add($"validated {summary.Step}: {summary.Loss:R}");

    public override void EpochEnded(EpochSummary summary, TrainingSession session) => Told.Add($"epoch {summary.Epoch}: {summary.Loss:R} of {summary.Steps}");

    public override JsonNode SaveState() => new JsonArray([.. Told.Select(told => JsonValue.Create(told))]);

    public override void RestoreState(JsonNode state) => Told = [.. state.AsArray().Select(told => told!.GetValue<string>())];
}
