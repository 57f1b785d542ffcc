using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Sconce.Pipelines.Metrics;
using Sconce.Trainers;
using Sconce.Trainers.Training;

namespace Sconce.Pipelines.Tutorials.Compression;

/// <summary>
/// Trains the same classifier, with the same seed and steps, on pixels and on codes of several sizes, to measure what compression saves and
/// what it costs.
/// </summary>
internal sealed class CompressionComparison
{
    private const string Image = "Image";
    private const string Label = "Label";
    private const string Code = "Code";
    private const string Error = "ReconstructionError";

    private readonly MLContext _ml;
    private readonly CompressionOptions _options;
    private readonly Func<string, IProgress<TrainingProgress>?> _watch;
    private readonly CancellationToken _cancellation;

    /// <param name="ml">The context; all trainings share its seed.</param>
    /// <param name="options">The options.</param>
    /// <param name="watch">Creates the progress handler of a training, by its name; null for none.</param>
    /// <param name="cancellation">Cancels the running training.</param>
    /// <exception cref="ArgumentException">An option has an invalid value.</exception>
    public CompressionComparison(MLContext ml, CompressionOptions options, Func<string, IProgress<TrainingProgress>?>? watch = null, CancellationToken cancellation = default)
    {
        options.Validate();
        _ml = ml;
        _options = options;
        _watch = watch ?? (_ => null);
        _cancellation = cancellation;
    }

    /// <summary>Trains and measures everything.</summary>
    /// <param name="train">Training data with the columns <c>Image</c> and <c>Label</c>, as from <c>ml.Data.LoadMnist</c>.</param>
    /// <param name="test">Test data, likewise.</param>
    /// <returns>The results, pixels first; and for each code size the trained pipeline from image to class, to be disposed.</returns>
    public (IReadOnlyList<CompressionResult> Results, IReadOnlyList<TransformerChain<ITransformer>> Pipelines) Run(IDataView train, IDataView test)
    {
        (train, test) = (RereadRows.Of(train, "The training data"), RereadRows.Of(test, "The test data"));
        var labels = _ml.Transforms.Conversion.MapValueToKey(Label, keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue).Fit(train);
        var (keyed, keyedTest) = (labels.Transform(train), labels.Transform(test));
        var column = InputColumn.FromSchema(train.Schema, Image);
        List<Contender> contenders = [new("pixels", Image, null, column.Bind(train.Schema).Field.Bytes, keyed, keyedTest)];
        foreach (var size in _options.CodeSizes)
            contenders.Add(Compress(size, keyed, keyedTest));

        WarmUp(contenders);
        var trainings = contenders.ToDictionary(contender => contender, _ => new List<TrainingRecord>());
        for (var repetition = 0; repetition < _options.Repetitions; repetition++)
        {
            foreach (var contender in contenders)
                trainings[contender].Add(Classify(contender));
        }

        var principal = PrincipalComponents.Errors(train, test, column, _options.CodeSizes);
        var results = contenders.Select((contender, i) => contender.Result(trainings[contender], _options.TargetAccuracy, Linear(contender), i == 0 ? null : principal[i - 1])).ToList();
        contenders[0].Classifier!.Dispose();
        return (
            [results[0], .. results.Skip(1).Select(result => result.ComparedWith(results[0]))],
            [.. contenders.Skip(1).Select(contender => new TransformerChain<ITransformer>(labels, contender.Encoder!, contender.Classifier!))]);
    }

    private Contender Compress(int size, IDataView train, IDataView test)
    {
        var options = _options.Autoencoder with
        {
            Network = _options.Autoencoder.Network with { CodeSize = size },
            ReconstructionErrorColumnName = Error,
            Progress = _watch($"autoencoder, code {size}"),
            CancellationToken = _cancellation,
        };
        var encoder = _ml.Transforms.Autoencoder(Code, Image, options).Fit(train);
        var clock = Stopwatch.StartNew();
        var codes = Keep(encoder.Transform(train));
        var seconds = clock.Elapsed.TotalSeconds;
        return new Contender($"code {size}", Code, size, size * sizeof(float), codes, Keep(encoder.Transform(test)))
        {
            Encoder = encoder,
            EncodingSeconds = seconds,
            ReconstructionError = encoder.Transform(test).GetColumn<float>(Error).Average(),
        };
    }

    /// <summary>Caches codes and labels, so that a classifier's time excludes the encoder's.</summary>
    private IDataView Keep(IDataView encoded)
    {
        var cached = _ml.Data.Cache(encoded, Code, Label);
        foreach (var _ in cached.GetColumn<VBuffer<float>>(Code).Zip(cached.GetColumn<uint>(Label)))
            _cancellation.ThrowIfCancellationRequested();
        return cached;
    }

    /// <summary>Runs each classifier for some steps as a warm-up.</summary>
    private void WarmUp(IEnumerable<Contender> contenders)
    {
        foreach (var contender in contenders)
            _ml.MulticlassClassification.Trainers.DenseNetwork(
                _options.Classifier with { FeatureColumnName = contender.Column, NumberOfSteps = 50, ValidationSet = contender.Test }).Fit(contender.Train).Dispose();
    }

    private TrainingRecord Classify(Contender contender)
    {
        contender.Classifier?.Dispose();
        contender.Classifier = _ml.MulticlassClassification.Trainers.DenseNetwork(_options.Classifier with
        {
            LabelColumnName = Label,
            FeatureColumnName = contender.Column,
            ValidationSet = contender.Test,
            ValidationInterval = _options.MeasuredEvery,
            Progress = _watch($"classifier, {contender.Name}"),
            CancellationToken = _cancellation,
        }).Fit(contender.Train);
        return contender.Classifier.Model.Training;
    }

    private double? Linear(Contender contender)
    {
        if (_options.LinearClassifier is not { } options)
            return null;
        using var model = _ml.MulticlassClassification.Trainers.SoftmaxRegression(options with
        {
            LabelColumnName = Label,
            FeatureColumnName = contender.Column,
            ValidationSet = contender.Test,
            Progress = _watch($"linear, {contender.Name}"),
            CancellationToken = _cancellation,
        }).Fit(contender.Train);
        return model.Model.Training.Validation[^1].Metric;
    }

    /// <summary>One input to the classifier.</summary>
    private sealed class Contender(string name, string column, int? codeSize, int bytesPerRow, IDataView train, IDataView test)
    {
        public string Name => name;

        public string Column => column;

        public IDataView Train => train;

        public IDataView Test => test;

        public TorchTransformer? Encoder { get; init; }

        public TorchTransformer? Classifier { get; set; }

        public double EncodingSeconds { get; init; }

        public double ReconstructionError { get; init; }

        public CompressionResult Result(List<TrainingRecord> trainings, double target, double? linear, double? principal)
        {
            var toTarget = trainings.Select(training => training.Validation.FirstOrDefault(measured => measured.Metric >= target)?.Seconds).ToList();
            var seconds = Median(trainings.Select(training => training.History.Sum(epoch => epoch.Seconds)));
            return new CompressionResult(
                name, codeSize, bytesPerRow, toTarget.Contains(null) ? null : Median(toTarget.Select(time => time!.Value)), seconds,
                Median(trainings.Select(training => training.History.Sum(epoch => epoch.SamplesPerSecond * epoch.Seconds))) / seconds, trainings[0].Validation[^1].Metric!.Value, linear,
                Encoder?.Model.Training.Seconds, Encoder is null ? null : EncodingSeconds, Encoder is null ? null : ReconstructionError, principal);
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
