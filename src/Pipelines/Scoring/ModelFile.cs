using Microsoft.ML;
using Sconce.Core.Storage;
using Sconce.Pipelines.Scoring;
using Sconce.Trainers;
using Sconce.Trainers.Model;

namespace Sconce.Pipelines;

/// <summary>A model zip that holds one of Sconce's networks, or an ONNX graph that is scored in batches, loaded and checked.</summary>
public sealed class ModelFile : IDisposable
{
    private ModelFile(string path, ITransformer transformer, DataViewSchema inputSchema)
    {
        Path = path;
        Transformer = transformer;
        InputSchema = inputSchema;
        Scorers = [.. PipelineSteps.Of(transformer).OfType<ScoringTransformer>()];
    }

    /// <summary>The file that was read.</summary>
    public string Path { get; }

    /// <summary>The file as it was when it was loaded; null of a model that was in memory.</summary>
    internal HashedFile? Content { get; private init; }

    /// <summary>The whole pipeline.</summary>
    public ITransformer Transformer { get; }

    /// <summary>The columns of the data that it was trained on.</summary>
    public DataViewSchema InputSchema { get; }

    /// <summary>The networks and graphs in it, in order: at least one in what <see cref="Load"/> gives.</summary>
    public IReadOnlyList<ScoringTransformer> Scorers { get; }

    /// <summary>What the last network or graph in it was trained for; null where a graph does not say it.</summary>
    public Objective? Objective => Scorers is [.., var last] ? last.Scorer.Objective : null;

    /// <summary>The network in it; the last one if there are several.</summary>
    /// <exception cref="InvalidDataException">It holds ONNX graphs alone.</exception>
    public TorchTransformer Network => Scorers.OfType<TorchTransformer>().LastOrDefault()
        ?? throw Graph();

    /// <summary>What the first network in it reads: the later ones read what those before them make.</summary>
    public InputColumn Input => Scorers[0].Scorer.Input;

    /// <summary>How it reads image files; null where it reads none.</summary>
    public ImageInput? Images => ImageInput.Of(Transformer, InputSchema);

    /// <summary>The autoencoder in it.</summary>
    /// <exception cref="InvalidDataException">There is none, or only its ONNX graph.</exception>
    public TorchTransformer Autoencoder => Encoder.Step as TorchTransformer ?? throw Graph();

    /// <summary>What encodes rows in it, an autoencoder or its graph, and what it was trained for.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    internal (ScoringTransformer Step, Reconstruction Objective) Encoder => Scorers.LastOrDefault(step => step.Scorer.Objective is Reconstruction) is { } encoder
        ? (encoder, (Reconstruction)encoder.Scorer.Objective!)
        : throw new InvalidDataException($"'{Path}' has no autoencoder in it; 'sconce train autoencoder' makes a model that has.");

    /// <summary>What makes texts of texts in it: the column that it reads, and what it was trained for.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public (InputColumn Input, SequenceTranslation Objective) Translator => Network.Model.Definition is { Input: { Type: FeatureType.Text } input, Objective: SequenceTranslation { Label.Type: FeatureType.Text } objective }
        ? (input, objective)
        : throw new InvalidDataException($"'{Path}' makes no texts of texts; 'sconce train dates' makes a model that does.");

    /// <summary>Reads a model zip.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no model, is damaged, needs a newer version, or holds no network of Sconce's.</exception>
    public static ModelFile Load(MLContext ml, string path)
    {
        var file = LoadAny(ml, path);
        if (file.Scorers.Count > 0)
            return file;
        var forecasts = PipelineSteps.Of(file.Transformer).OfType<ForecastTransformer>().Any();
        file.Dispose();
        throw new InvalidDataException(forecasts ? $"'{path}' forecasts series; it is 'sconce forecast' that uses it."
            : $"'{path}' is an ML.NET model without one of Sconce's networks; 'sconce train' makes one that has.");
    }

    /// <summary>Reads a model zip whatever is in it: <see cref="Scorers"/> may be empty.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no model, is damaged, needs a newer version, or was saved without the columns that it reads.</exception>
    internal static ModelFile LoadAny(MLContext ml, string path)
    {
        if (Directory.Exists(path))
            throw new InvalidDataException($"'{path}' is a folder; a model is a zip file.");
        RealPath.RequireTarget(path);
        if (SpecialFile.Is(path))
            throw new InvalidDataException($"'{path}' is a pipe, a socket or a device; a model is read from a file.");
        HashedFile? content = null;
        var transformer = ml.Model.LoadVerified(path, out var schema, stream => content = new(path, stream.Length, FileHash.Of(stream)));
        if (schema is not null)
            return new(path, transformer, schema) { Content = content };
        (transformer as IDisposable)?.Dispose();
        throw new InvalidDataException($"'{path}' was saved without the schema of its input; pass the training data's schema to Save.");
    }

    /// <summary>Takes a model that is in memory.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="transformer">The model; it is disposed with this.</param>
    /// <param name="inputSchema">The columns that it reads.</param>
    internal static ModelFile Of(string name, ITransformer transformer, DataViewSchema inputSchema) => new(name, transformer, inputSchema);

    /// <summary>Runs the pipeline on data that has what the wanted columns are made of; columns that they do not need (the label, in scoring) may be missing.</summary>
    /// <param name="data">The data.</param>
    /// <param name="wanted">The columns of the result that will be read.</param>
    /// <exception cref="InvalidDataException">The data lacks a column that is needed; the message names it.</exception>
    public IDataView Transform(IDataView data, params IReadOnlyList<string> wanted)
    {
        var missing = InputSchema.Where(column => data.Schema.GetColumnOrNull(column.Name) is null).ToList();
        if (missing.Count == 0)
            return Transformer.Transform(data);

        var completed = new DefaultColumnsView(data, missing);
        var needed = PipelineSteps.ColumnsNeeded(Transformer, completed.Schema, wanted);
        var lacking = missing.Where(column => needed.Contains(column.Name)).Select(column => $"'{column.Name}' ({column.Type})").ToList();
        return lacking.Count == 0
            ? Transformer.Transform(completed)
            : throw new InvalidDataException(
                $"'{Path}' needs the column {string.Join(" and ", lacking)}, which the data has not. Its columns are: {string.Join(", ", data.Schema.Select(column => column.Name))}.");
    }

    private InvalidDataException Graph() => new($"'{Path}' holds an ONNX graph, which scores and no more; use the model that it was exported from.");

    /// <summary>Frees the networks' native memory.</summary>
    public void Dispose()
    {
        if (Transformer is IDisposable disposable)
            disposable.Dispose();
    }
}
