using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers;

/// <summary>
/// A trained network as an ML.NET transformer: it adds its objective's columns to any data that has its feature column,
/// is saved by <c>mlContext.Model.Save</c> and comes back from <c>mlContext.Model.Load</c>.
/// </summary>
/// <remarks>It may be used from several threads at once; each thread needs a <c>PredictionEngine</c> of its own.</remarks>
public sealed partial class TorchTransformer : ISingleFeaturePredictionTransformer<TorchModel>, IDisposable
{
    internal TorchTransformer(TorchModel model) => Model = model;

    /// <summary>The network with its weights, and how they came to be.</summary>
    public TorchModel Model { get; }

    /// <summary>The name of the feature column.</summary>
    public string FeatureColumnName => Model.Definition.Input.Name;

    /// <summary>The type of the feature column, whose dimensions are the network's input shape.</summary>
    public DataViewType FeatureColumnType => Model.Definition.Input.ColumnType;

    bool ITransformer.IsRowToRowMapper => true;

    /// <summary>Gives the schema that <see cref="Transform"/> would give.</summary>
    /// <exception cref="ArgumentException">The feature column is missing, or has not the type and the number of values that the network was trained on.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => new ScoringSchema(Model, inputSchema).Output;

    /// <summary>Adds the score columns. Nothing is computed before rows are read; then rows are scored in batches.</summary>
    /// <exception cref="ArgumentException">The feature column is missing, or has not the type and the number of values that the network was trained on.</exception>
    public IDataView Transform(IDataView input) => new ScoringView(new ScoringSchema(Model, input.Schema), input);

    /// <summary>Frees the network's native memory. Views made by <see cref="Transform"/> can no longer be read.</summary>
    public void Dispose() => Model.Dispose();

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => new ScoringRowMapper(new ScoringSchema(Model, inputSchema));
}
