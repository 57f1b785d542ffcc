using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Pipelines.Onnx;
using Sconce.Trainers;
using Sconce.Trainers.Interop;

namespace Sconce.Pipelines;

/// <summary>Adds the outputs of an ONNX graph as columns, a batch of rows at a time. Nothing is learned.</summary>
public sealed class OnnxBatchEstimator : IEstimator<OnnxBatchTransformer>
{
    private readonly OnnxSettings _settings;
    private readonly byte[] _content;
    private readonly IReadOnlyList<ScoreColumn> _columns;
    private readonly InputColumn _input;

    internal OnnxBatchEstimator(OnnxSettings settings, byte[] content)
    {
        Check.AtLeast(settings.BatchSize, 1, "batchSize");
        (_settings, _content) = (settings, content);
        using var scorer = new OnnxBatchScorer(settings, content);
        (_columns, _input) = (scorer.Columns, scorer.Input);
    }

    /// <summary>Creates the transformer for data of this schema. No row is read.</summary>
    /// <exception cref="ArgumentException">The data has no column that the graph can read.</exception>
    public OnnxBatchTransformer Fit(IDataView input)
    {
        var transformer = new OnnxBatchTransformer(new OnnxBatchScorer(_settings, _content));
        try
        {
            transformer.GetOutputSchema(input.Schema);
            return transformer;
        }
        catch
        {
            transformer.Dispose();
            throw;
        }
    }

    /// <summary>Checks that the column is there, and adds the columns of the graph's outputs.</summary>
    /// <exception cref="ArgumentException">The column is missing.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        var names = inputSchema.Select(column => column.Name).ToList();
        if (!names.Contains(_input.Name))
            throw OnnxBatchScorer.Missing(_settings.File, _input.Name, names);
        var columns = inputSchema.ToDictionary(column => column.Name);
        foreach (var column in ScoreAnnotations.Shapes(_columns))
            columns[column.Name] = column;
        return new SchemaShape(columns.Values);
    }
}
