using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Sconce.Trainers;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Training;

namespace Sconce.Pipelines;

/// <summary>A training in a report, read from a run folder or from the record in a model.</summary>
public sealed record ReportRun
{
    /// <summary>The name of the folder or file.</summary>
    public required string Name { get; init; }

    /// <summary>The network, its input, and its objective; null if unknown.</summary>
    public ModelDefinition? Definition { get; init; }

    /// <summary>The layers of the network, in execution order; empty if unknown.</summary>
    public IReadOnlyList<NetworkLayer> Layers { get; init; } = [];

    /// <summary>Why the layers are unknown; null if they are known, or if there is no network.</summary>
    public string? NetworkProblem { get; init; }

    /// <summary>The number of trained parameters; null if unknown.</summary>
    public long? NumberOfParameters { get; init; }

    /// <summary>The record of the training: options, seed, rows, steps, times, epochs, and validations.</summary>
    public TrainingRecord Training { get; init; } = new();

    /// <summary>The status of the run.</summary>
    public RunStatus Status { get; init; } = RunStatus.Finished;

    /// <summary>1-second means of the steps' metrics; empty for a model, which does not keep them.</summary>
    public IReadOnlyList<RunMetric> Steps { get; init; } = [];

    /// <summary>The evaluation on a test set; null if there is none.</summary>
    public Evaluation? Evaluation { get; init; }

    /// <summary>The importance of the model's columns; null if it was not measured.</summary>
    public PermutationImportance? Importance { get; init; }

    /// <summary>How the model's predictions depend on its columns; null if it was not measured.</summary>
    public PartialDependence? Dependence { get; init; }

    /// <summary>The network as JSON, which can be shown even if its type is not available.</summary>
    internal JsonNode? Network { get; init; }

    /// <summary>Reads a run folder. If the network cannot be read or built, such as one of another program, its layers are left out.</summary>
    /// <exception cref="IOException">There is no such run folder, or its files cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file is not one that a training writes.</exception>
    public static ReportRun FromFolder(string path)
    {
        var run = RunFolder.Read(path);
        var (info, metrics) = (run.Info, run.Metrics.ToLookup(metric => metric.Split));
        return new ReportRun
        {
            Name = info.Name,
            Network = info.Network?[nameof(ModelDefinition.Network)],
            NumberOfParameters = info.Parameters > 0 ? info.Parameters : null,
            Status = info.Status,
            Steps = [.. metrics[RunMetric.Train]],
            Evaluation = Evaluation.Load(path),
            Importance = PermutationImportance.Load(path),
            Dependence = PartialDependence.Load(path),
            Training = new(info)
            {
                Finished = info.Finished ?? default,
                Steps = run.Metrics.Select(metric => metric.Step).Append(info.Steps).Max(),
                // So far, if the run is in progress.
                Seconds = metrics[RunMetric.Train].Select(metric => metric.Seconds).Append(info.Seconds).Max(),
                History = [.. metrics[RunMetric.WholeEpoch].Select(epoch =>
                    new EpochSummary(epoch.Epoch ?? 0, epoch.Steps ?? 0, epoch.Loss, epoch.Metric, epoch.Seconds, epoch.SamplesPerSecond ?? 0))],
                Validation = [.. metrics[RunMetric.Validation].Select(measured => new ValidationSummary(measured.Step, measured.Seconds, measured.Loss, measured.Metric))],
            },
        }.WithNetwork(() => info.Definition);
    }

    /// <summary>Reads a model zip, and evaluates the model.</summary>
    /// <param name="ml">The context to evaluate with.</param>
    /// <param name="path">The zip.</param>
    /// <param name="test">The data to evaluate on; null for no evaluation. A model that reads other columns is not evaluated.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is not a model with one of Sconce's networks, or is damaged.</exception>
    public static ReportRun FromModel(MLContext ml, string path, IDataView? test)
    {
        using var file = ModelFile.Load(ml, path);
        var model = file.Network.Model;
        return new ReportRun
        {
            Name = Path.GetFileNameWithoutExtension(path),
            Network = JsonSerializer.SerializeToNode(model.Definition.Network, RecordJson.Options),
            NumberOfParameters = model.NumberOfParameters,
            Training = model.Training,
            Evaluation = test is not null && Evaluation.IsPossible(file, test) ? Evaluation.Of(ml, file, test) : null,
        }.WithNetwork(() => model.Definition);
    }

    /// <summary>Training samples per second, over all epochs; null if none is complete.</summary>
    internal double? SamplesPerSecond => Training.History.Sum(epoch => epoch.Seconds) is > 0 and var seconds
        ? Training.History.Sum(epoch => epoch.SamplesPerSecond * epoch.Seconds) / seconds
        : null;

    /// <summary>The value of every option of training and network by its path, such as "Optimizer.WeightDecay".</summary>
    internal IReadOnlyDictionary<string, string> Settings()
    {
        var settings = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in OptionSettings.Values(Training, Network))
            settings.TryAdd(name, OptionSettings.Text(value));
        return settings;
    }

    private ReportRun WithNetwork(Func<ModelDefinition?> read)
    {
        ModelDefinition? definition = null;
        try
        {
            definition = read();
            return this with { Definition = definition, Layers = definition is null ? [] : NetworkLayer.Of(definition) };
        }
        // The type may belong to another program, and a user's layers may throw anything; the rest of the page is still useful.
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return this with { Definition = definition, NetworkProblem = exception.Message };
        }
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
