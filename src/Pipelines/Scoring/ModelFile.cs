using Microsoft.ML;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>A model zip that holds one of Sconce's networks, loaded and checked.</summary>
public sealed class ModelFile : IDisposable
{
    private ModelFile(string path, ITransformer transformer, DataViewSchema inputSchema, TorchTransformer network)
    {
        Path = path;
        Transformer = transformer;
        InputSchema = inputSchema;
        Network = network;
    }

    /// <summary>The file that was read.</summary>
    public string Path { get; }

    /// <summary>The whole pipeline.</summary>
    public ITransformer Transformer { get; }

    /// <summary>The columns of the data that it was trained on.</summary>
    public DataViewSchema InputSchema { get; }

    /// <summary>The network in it; the last one if there are several.</summary>
    public TorchTransformer Network { get; }

    /// <summary>Reads a model zip.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no model, is damaged, needs a newer version, or holds no network of Sconce's.</exception>
    public static ModelFile Load(MLContext ml, string path)
    {
        var transformer = ml.Model.LoadVerified(path, out var schema);
        var network = (transformer as IEnumerable<ITransformer> ?? [transformer]).OfType<TorchTransformer>().LastOrDefault();
        if (network is null || schema is null)
        {
            (transformer as IDisposable)?.Dispose();
            throw new InvalidDataException(network is null
                ? $"'{path}' is an ML.NET model without one of Sconce's networks; 'sconce train' makes one that has."
                : $"'{path}' was saved without the schema of its input; pass the training data's schema to Save.");
        }

        return new ModelFile(path, transformer, schema, network);
    }

    /// <summary>Runs the pipeline on data that has the feature column; other columns that only training needs (the label) may be missing.</summary>
    public IDataView Transform(IDataView data)
    {
        var missing = InputSchema.Where(column => data.Schema.GetColumnOrNull(column.Name) is null).ToList();
        return Transformer.Transform(missing.Count == 0 ? data : new DefaultColumnsView(data, missing));
    }

    /// <summary>Frees the network's native memory.</summary>
    public void Dispose()
    {
        if (Transformer is IDisposable disposable)
            disposable.Dispose();
    }
}
