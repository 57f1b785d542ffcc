using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Sconce.Trainers;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Training;

namespace Sconce.Pipelines;

/// <summary>A training as a report shows it: read from a run folder, or from what a model keeps of it.</summary>
public sealed record ReportRun
{
    /// <summary>What it is called: the name of the folder or of the file.</summary>
    public required string Name { get; init; }

    /// <summary>What was trained; null where that is not known, or cannot be read.</summary>
    public ModelDefinition? Definition { get; init; }

    /// <summary>The layers of the network, in the order in which they run; empty where they are not known.</summary>
    public IReadOnlyList<NetworkLayer> Layers { get; init; } = [];

    /// <summary>Why the layers are not known; null where they are, and where there is no network.</summary>
    public string? NetworkProblem { get; init; }

    /// <summary>The number of trained values; null where that is not known.</summary>
    public long? NumberOfParameters { get; init; }

    /// <summary>How it was trained: options, seed, number of rows and of steps, times, passes and validations.</summary>
    public TrainingRecord Training { get; init; } = new();

    /// <summary>Where it stands.</summary>
    public RunStatus Status { get; init; } = RunStatus.Finished;

    /// <summary>Means over the steps of about a second each; empty for a model, which does not keep them.</summary>
    public IReadOnlyList<RunMetric> Steps { get; init; } = [];

    /// <summary>What it came to on a test set; null where it was not measured.</summary>
    public Evaluation? Evaluation { get; init; }

    /// <summary>The network's description as JSON, which can be shown also where its type is not there.</summary>
    internal JsonNode? Network { get; init; }

    /// <summary>Reads a run folder. A run whose network cannot be read or built, as one of another program's, is shown without its layers.</summary>
    /// <exception cref="IOException">There is no such run, or its files cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file is not what a training writes; the message names it.</exception>
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
            Training = new(info)
            {
                Finished = info.Finished ?? default,
                Steps = run.Metrics.Select(metric => metric.Step).Append(info.Steps).Max(),
                // Of a run that is under way, so far.
                Seconds = metrics[RunMetric.Train].Select(metric => metric.Seconds).Append(info.Seconds).Max(),
                History = [.. metrics[RunMetric.WholeEpoch].Select(epoch => new EpochSummary(epoch.Epoch ?? 0, epoch.Steps ?? 0, epoch.Loss, epoch.Metric, epoch.Seconds, epoch.SamplesPerSecond ?? 0))],
                Validation = [.. metrics[RunMetric.Validation].Select(measured => new ValidationSummary(measured.Step, measured.Seconds, measured.Loss, measured.Metric))],
            },
        }.WithNetwork(() => info.Definition);
    }

    /// <summary>Reads a model zip, and measures the model.</summary>
    /// <param name="ml">The context to evaluate with.</param>
    /// <param name="path">The zip.</param>
    /// <param name="test">What to measure it on; null for no measuring. A model that reads other columns is shown without.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no model of Sconce's, or damaged.</exception>
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

    /// <summary>Rows trained a second, over all passes; null where none is over.</summary>
    internal double? SamplesPerSecond => Training.History.Sum(epoch => epoch.Seconds) is > 0 and var seconds ? Training.History.Sum(epoch => epoch.SamplesPerSecond * epoch.Seconds) / seconds : null;

    /// <summary>Every option of training and network by its path, as "Optimizer.WeightDecay", with its value.</summary>
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
        // Its type may be another program's, and a user's layers may throw anything: the rest of the page is worth having.
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return this with { Definition = definition, NetworkProblem = exception.Message };
        }
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
