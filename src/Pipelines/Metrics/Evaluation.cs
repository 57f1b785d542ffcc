using System.Text.Json;
using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Core.Storage;
using Sconce.Pipelines.Metrics;
using Sconce.Trainers;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Runs;
using Sconce.Trainers.Training;

namespace Sconce.Pipelines;

/// <summary>A model's metrics on a test set, and its worst predictions. A run folder keeps it as <c>evaluation.json</c>.</summary>
public sealed record Evaluation
{
    /// <summary>The name of the file in a run folder.</summary>
    public const string FileName = RunFolder.EvaluationFile;

    /// <summary>The maximum number of mistakes that are kept.</summary>
    internal const int MistakesKept = 24;

    /// <summary>The number of rows measured.</summary>
    public long Rows { get; init; }

    /// <summary>The number of rows without a label, which are not measured.</summary>
    public long UnlabeledRows { get; init; }

    /// <summary>How long reading and scoring took, in seconds.</summary>
    public double Seconds { get; init; }

    /// <summary>The metrics by name: "accuracy" and "log-loss", for two classes also "area under the curve", "area under the precision-recall curve" and "F1"; for several labels "exact match", "Hamming loss" and "mean area under the curve"; "mean absolute error", "root mean squared error" and "R²", of quantiles also "pinball loss" and "interval coverage"; "mean squared error"; or "exact match".</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();

    /// <summary>Precision and recall of each class; empty unless the model is a classifier.</summary>
    public IReadOnlyList<ClassResult> Classes { get; init; } = [];

    /// <summary>The number of rows by true class (first index) and predicted class (second); empty likewise.</summary>
    public IReadOnlyList<IReadOnlyList<long>> Confusion { get; init; } = [];

    /// <summary>The class, of two, that counts as positive; null for another kind of model.</summary>
    public string? PositiveClass { get; init; }

    /// <summary>One entry for each of several labels; empty for another kind of model.</summary>
    public IReadOnlyList<LabelResult> Labels { get; init; } = [];

    /// <summary>What is undefined, and why; null if nothing is.</summary>
    public string? Remark { get; init; }

    /// <summary>The worst predictions, the worst first: at most 24.</summary>
    public IReadOnlyList<Mistake> Mistakes { get; init; } = [];

    /// <summary>Whether <see cref="Of"/> can measure a model on data: whether the data has the model's columns, the label included.</summary>
    public static bool IsPossible(ModelFile model, IDataView data) => model.Objective switch
    {
        Classification or BinaryClassification or Regression or Reconstruction or SequenceTranslation =>
            model.InputSchema.All(column => data.Schema.GetColumnOrNull(column.Name) is { } found && found.Type.Equals(column.Type)),
        _ => false,
    };

    /// <summary>Measures a model on data: a classifier of two or more classes or of several labels, a regression, an autoencoder, or a model from text to text.</summary>
    /// <param name="ml">The context to evaluate with.</param>
    /// <param name="model">The model.</param>
    /// <param name="data">Data with the columns that it was trained on, the label included.</param>
    /// <exception cref="InvalidDataException">The model is of another kind, or the data lacks a column or has no rows.</exception>
    public static Evaluation Of(MLContext ml, ModelFile model, IDataView data)
    {
        data = RereadRows.Of(data, "The data to evaluate on");
        switch (model.Objective)
        {
            case Reconstruction:
                var reconstruction = ReconstructionReport.Evaluate(model, data);
                return new()
                {
                    Rows = reconstruction.Rows,
                    Seconds = reconstruction.Seconds,
                    Metrics = new Dictionary<string, double> { ["mean squared error"] = reconstruction.MeanSquaredError },
                    Mistakes = WorstMistakes.OfAutoencoder(model, data, MistakesKept / 2),
                };
            case Regression:
                var regression = RegressionReport.Evaluate(model, data);
                return new()
                {
                    Rows = regression.Rows,
                    Seconds = regression.Seconds,
                    UnlabeledRows = regression.UnlabeledRows,
                    Metrics = regression.Metrics,
                    Mistakes = regression.Mistakes,
                };
            case SequenceTranslation:
                var translation = TranslationReport.Evaluate(model, data);
                return new()
                {
                    Rows = translation.Rows,
                    Seconds = translation.Seconds,
                    Metrics = new Dictionary<string, double> { ["exact match"] = translation.ExactMatch },
                    Mistakes = [.. translation.Mistakes.Select(mistake => new Mistake($"{mistake.Input} → {mistake.Expected}", mistake.Output, null, []))],
                };
            case Classification objective:
                // Scored once, and read twice.
                var columns = ClassificationReport.ScoredColumns(objective);
                var labels = ClassificationReport.WithLabelKeys(ml, objective, model.Transform(data, columns));
                var scored = ml.Data.Cache(labels, columns);
                var report = ClassificationReport.Measure(ml, objective, scored, labels);
                return new()
                {
                    Rows = report.Rows,
                    UnlabeledRows = report.UnlabeledRows,
                    Seconds = report.Seconds,
                    Metrics = new Dictionary<string, double> { ["accuracy"] = report.Accuracy, ["log-loss"] = report.LogLoss },
                    Classes = report.Classes,
                    Confusion = report.Confusion,
                    Mistakes = WorstMistakes.OfClassifier(model, data, scored, MistakesKept),
                };
            case BinaryClassification { IsMultiLabel: false }:
                var binary = BinaryReport.Evaluate(ml, model, data);
                return new()
                {
                    Rows = binary.Rows,
                    UnlabeledRows = binary.UnlabeledRows,
                    Seconds = binary.Seconds,
                    Metrics = binary.Metrics,
                    Classes = binary.Classes,
                    Confusion = binary.Confusion,
                    PositiveClass = binary.Classes[1].Name,
                    Remark = binary.UndefinedArea,
                    Mistakes = binary.Mistakes,
                };
            case BinaryClassification:
                var labeled = MultiLabelReport.Evaluate(model, data);
                return new()
                {
                    Rows = labeled.Rows,
                    UnlabeledRows = labeled.UnlabeledRows,
                    Seconds = labeled.Seconds,
                    Metrics = labeled.Metrics,
                    Labels = labeled.Labels,
                    Mistakes = labeled.Mistakes,
                };
            case var other:
                throw new InvalidDataException($"'{model.Path}' cannot be evaluated: {(other is null ? "its graph does not state its objective" : $"there are no metrics for {other.GetType().Name}")}.").About(file: model.Path);
        }
    }

    /// <summary>Writes <c>evaluation.json</c> into a run folder.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string runFolder) => AtomicFile.Write(Path.Combine(runFolder, FileName), stream => JsonSerializer.Serialize(stream, this, RunJson.Options));

    /// <summary>Reads the <c>evaluation.json</c> of a run folder.</summary>
    /// <returns>Null if there is none.</returns>
    /// <exception cref="InvalidDataException">The file is invalid.</exception>
    public static Evaluation? Load(string runFolder)
    {
        var path = Path.Combine(runFolder, FileName);
        if (!File.Exists(path))
            return null;
        const string Remedy = "Delete it, or train again";
        var evaluation = RunJson.Read<Evaluation>(File.ReadAllBytes(path), RunJson.Options, path, remedy: Remedy);
        var size = evaluation.Classes.Count;
        return evaluation.Confusion.Count == size && evaluation.Confusion.All(row => row.Count == size)
            ? evaluation
            : throw new InvalidDataException($"'{path}' cannot be read: its confusion matrix does not have {size} rows and columns, one for each class. {Remedy}.").About(file: path);
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}

/// <summary>A row with a wrong prediction.</summary>
/// <param name="Expected">The label.</param>
/// <param name="Given">The prediction.</param>
/// <param name="Measure">The probability that a classifier gave to the true class, the absolute error of a number, or an autoencoder's error; null if there is none.</param>
/// <param name="Images">The row as gray PNG images: one for a classifier, the original and its reconstruction for an autoencoder; empty if the row is not an image.</param>
public sealed record Mistake(string Expected, string Given, double? Measure, IReadOnlyList<byte[]> Images)
{
    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
