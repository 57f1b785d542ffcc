using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Core.Storage;
using Sconce.Pipelines.Scoring;
using Sconce.Trainers;
using Sconce.Trainers.Model;

namespace Sconce.Pipelines;

/// <summary>A model zip with at least one of Sconce's networks, or an ONNX graph that is scored in batches, loaded and verified.</summary>
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

    /// <summary>The file as it was loaded; null for a model in memory.</summary>
    internal HashedFile? Content { get; private init; }

    /// <summary>The whole pipeline.</summary>
    public ITransformer Transformer { get; }

    /// <summary>The columns of the data that it was trained on.</summary>
    public DataViewSchema InputSchema { get; }

    /// <summary>The networks and graphs in it, in order: at least one.</summary>
    public IReadOnlyList<ScoringTransformer> Scorers { get; }

    /// <summary>The objective of the last network or graph in it; null if a graph does not state it.</summary>
    public Objective? Objective => Scorers is [.., var last] ? last.Scorer.Objective : null;

    /// <summary>The network in it; the last one if there are several.</summary>
    /// <exception cref="InvalidDataException">The model has only ONNX graphs.</exception>
    public TorchTransformer Network => Scorers.OfType<TorchTransformer>().LastOrDefault()
        ?? throw Graph();

    /// <summary>The column that the first network in it reads.</summary>
    public InputColumn Input => Scorers[0].Scorer.Input;

    /// <summary>How it reads image files; null if it reads none.</summary>
    public ImageInput? Images => ImageInput.Of(Transformer, InputSchema);

    /// <summary>The autoencoder in it.</summary>
    /// <exception cref="InvalidDataException">The model has no autoencoder, or only its ONNX graph.</exception>
    public TorchTransformer Autoencoder => Encoder.Step as TorchTransformer ?? throw Graph();

    /// <summary>The autoencoder in it, or its graph, and its objective.</summary>
    /// <exception cref="InvalidDataException">It has none.</exception>
    internal (ScoringTransformer Step, Reconstruction Objective) Encoder => Scorers.LastOrDefault(step => step.Scorer.Objective is Reconstruction) is { } encoder
        ? (encoder, (Reconstruction)encoder.Scorer.Objective!)
        : throw new InvalidDataException($"'{Path}' is not an autoencoder.").About(file: Path, needed: ModelKind.Autoencoder);

    /// <summary>The text-to-text network in it: the column that it reads, and its objective.</summary>
    /// <exception cref="InvalidDataException">It has none.</exception>
    public (InputColumn Input, SequenceTranslation Objective) Translator => Network.Model.Definition is { Input: { Type: FeatureType.Text } input, Objective: SequenceTranslation { Label.Type: FeatureType.Text } objective }
        ? (input, objective)
        : throw new InvalidDataException($"'{Path}' is not a text-to-text model.").About(file: Path, needed: ModelKind.SequenceToSequence);

    /// <summary>Reads a model zip.</summary>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">The file is not a model, is damaged, needs a newer version, or has none of Sconce's networks.</exception>
    public static ModelFile Load(MLContext ml, string path)
    {
        var file = LoadAny(ml, path);
        if (file.Scorers.Count > 0)
            return file;
        var forecasts = PipelineSteps.Of(file.Transformer).OfType<ForecastTransformer>().Any();
        file.Dispose();
        throw new InvalidDataException(forecasts ? $"'{path}' is a forecasting model, which forecasts series and does not score rows." : $"'{path}' is an ML.NET model without one of Sconce's networks.")
            .About(file: path, needed: ModelKind.Network);
    }

    /// <summary>Reads any ML.NET model zip: <see cref="Scorers"/> may be empty.</summary>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is not a model, is damaged, needs a newer version, or was saved without the columns that it reads.
    /// </exception>
    internal static ModelFile LoadAny(MLContext ml, string path)
    {
        if (Directory.Exists(path))
            throw new InvalidDataException($"'{path}' is a folder; a model is a zip file.").About(file: path);
        RealPath.RequireTarget(path);
        if (SpecialFile.Is(path))
            throw new InvalidDataException($"'{path}' is a pipe, a socket or a device; a model is read from a file.").About(file: path);
        HashedFile? content = null;
        var transformer = ml.Model.LoadVerified(path, out var schema, stream => content = new(path, stream.Length, FileHash.Of(stream)));
        if (schema is not null)
            return new(path, transformer, schema) { Content = content };
        (transformer as IDisposable)?.Dispose();
        throw new InvalidDataException($"'{path}' was saved without the schema of its input; pass the training data's schema to Save.").About(file: path);
    }

    /// <summary>Wraps a model that is in memory.</summary>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="transformer">The model; it is disposed with this.</param>
    /// <param name="inputSchema">The columns that it reads.</param>
    internal static ModelFile Of(string name, ITransformer transformer, DataViewSchema inputSchema) => new(name, transformer, inputSchema);

    /// <summary>Runs the pipeline on data that has the columns needed for the wanted ones; others, such as the label, may be missing.</summary>
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
                $"'{Path}' needs the column {string.Join(" and ", lacking)}, which the data lacks. Its columns are: {string.Join(", ", data.Schema.Select(column => column.Name))}.")
                    .About(file: Path);
    }

    private InvalidDataException Graph() => new InvalidDataException($"'{Path}' has only an ONNX graph, which can only score rows. Use the model that it was exported from.")
        .About(file: Path, needed: ModelKind.Network);

    /// <summary>Frees the networks' native memory.</summary>
    public void Dispose()
    {
        if (Transformer is IDisposable disposable)
            disposable.Dispose();
    }
}
