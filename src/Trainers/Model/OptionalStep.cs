using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Model;

/// <summary>A step that is skipped if its column is missing, such as a step for labels, which rows to score do not have.</summary>
/// <remarks>ML.NET's <c>Transform</c> skips steps by their scope; its <c>PredictionEngine</c> does not.</remarks>
internal sealed partial class OptionalStep(ITransformer step, string columnName) : ITransformer
{
    internal ITransformer Step => step;

    bool ITransformer.IsRowToRowMapper => step.IsRowToRowMapper;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => IsThere(inputSchema) ? step.GetOutputSchema(inputSchema) : inputSchema;

    public IDataView Transform(IDataView input) => IsThere(input.Schema) ? step.Transform(input) : input;

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => IsThere(inputSchema) ? step.GetRowToRowMapper(inputSchema) : new Same(inputSchema);

    private bool IsThere(DataViewSchema schema) => schema.GetColumnOrNull(columnName) is not null;

    private sealed class Same(DataViewSchema schema) : IRowToRowMapper
    {
        public DataViewSchema InputSchema => schema;

        public DataViewSchema OutputSchema => schema;

        public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) => dependingColumns;

        public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) => input;
    }
}

/// <summary>Fits another estimator on data that has the column, and wraps its transformer in an <see cref="OptionalStep"/>.</summary>
internal sealed class OptionalStepEstimator(IEstimator<ITransformer> step, string columnName) : IEstimator<ITransformer>
{
    public ITransformer Fit(IDataView input) => new OptionalStep(step.Fit(input), columnName);

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => step.GetOutputSchema(inputSchema);
}
