using System.CommandLine;
using Microsoft.ML;
using Sconce.Files;
using Sconce.Host.Display;
using Sconce.Pipelines;
using Sconce.Pipelines.Catalog;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary>What a network learns to predict from rows.</summary>
internal enum LearningTask
{
    /// <summary>Their classes.</summary>
    Classification,

    /// <summary>A number of each.</summary>
    Regression,

    /// <summary>The rows themselves; there is no label.</summary>
    Reconstruction,
}

/// <summary>The data that a command trains on, from wherever its options say, and the pipeline from it to a network.</summary>
/// <param name="Train">The rows to learn from.</param>
/// <param name="Test">The rows to test with; null for a command that does not test.</param>
/// <param name="Noun">What the rows are: "images".</param>
/// <param name="CreatePipeline">
/// Creates the pipeline around a trainer, from a function that creates the trainer for the names of its label and feature columns.
/// </param>
internal sealed record TrainingData(
    IDataView Train, IDataView? Test, string Noun, Func<Func<string, string, IEstimator<TorchTransformer>>, IEstimator<ITransformer>> CreatePipeline)
{
    /// <summary>The label's column.</summary>
    public string Label { get; private init; } = DigitPipeline.Label;

    /// <summary>What is learned from them.</summary>
    public LearningTask Task { get; private init; }

    /// <summary>The images that were skipped.</summary>
    public IReadOnlyList<UnusableImage> Skipped { get; private init; } = [];

    /// <summary>Opens the data. The options of the training have been checked before.</summary>
    public static TrainingData Open(ParseResult result, Terminal terminal, MLContext ml, int seed, CancellationToken cancellation, LearningTask task = LearningTask.Classification, bool isTested = true)
    {
        if (result.GetValue(InputArguments.Input) is { Length: > 0 } inputs)
            return OpenRows(result, ml, seed, inputs, task, isTested, cancellation);
        if (task != LearningTask.Reconstruction && result.GetValue(ImageArguments.Images) is not null)
            return OpenImages(result, terminal, ml, seed, cancellation);
        var (train, test) = ml.Data.LoadMnist(result.GetValue(TrainingArguments.Data));
        return new(train, test, "images", trainer => task == LearningTask.Reconstruction
            ? trainer("", DigitPipeline.Image)
            : DigitPipeline.Create(ml, trainer(DigitPipeline.Label, DigitPipeline.Image)));
    }

    private static TrainingData OpenImages(ParseResult result, Terminal terminal, MLContext ml, int seed, CancellationToken cancellation)
    {
        var (train, test, options) = ImageArguments.Open(result, terminal, seed, cancellation);
        return new(train.ToDataView(ml), test.ToDataView(ml), "images", trainer => ImagePipeline.Create(ml, trainer(DigitPipeline.Label, ImagePipeline.Image), DigitPipeline.Label, options))
        {
            Skipped = [.. train.Skipped, .. test.Skipped],
        };
    }

    private static TrainingData OpenRows(ParseResult result, MLContext ml, int seed, IReadOnlyList<string> inputs, LearningTask task, bool isTested, CancellationToken cancellation)
    {
        var reading = InputArguments.ReadingOf(result, cancellation);
        var label = task == LearningTask.Reconstruction ? null : InputArguments.LabelOf(result);
        var train = ml.Data.LoadRows(inputs, reading);
        var rows = new RowPipeline(ml, train.Schema, label, DataArguments.FeaturesOf(result), DataArguments.ShapeOf(result), task == LearningTask.Regression);
        train = rows.RequireFinite(train);
        IDataView? test = null;
        if (isTested && DataArguments.TestInputOf(result) is { } paths)
        {
            var columns = train.Schema.Where(column => column.Name == label || rows.FeatureColumns.Contains(column.Name));
            test = rows.RequireFinite(ml.Data.LoadRows(paths, reading with { Columns = [.. columns.Select(column => new RowColumn(column.Name, column.Type))] }));
        }
        else if (isTested)
        {
            var parts = ml.Data.TrainTestSplit(train, result.GetValue(DataArguments.TestFraction) ?? DataArguments.DefaultTestFraction, seed: seed);
            (train, test) = (parts.TrainSet, parts.TestSet);
        }

        return new(train, test, "rows", trainer => rows.Create(trainer(label ?? "", rows.Features))) { Label = label ?? "", Task = task };
    }
}
