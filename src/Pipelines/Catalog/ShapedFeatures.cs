using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers;
using Sconce.Trainers.Training;

namespace Sconce.Pipelines.Catalog;

/// <summary>
/// Reshapes a flat vector for the training, because rows of files have no dimensions. The trained network reads any vector of that size.
/// </summary>
/// <param name="trainer">The trainer.</param>
/// <param name="columnName">The vector.</param>
/// <param name="shape">The dimensions, whose product is the vector's size.</param>
internal sealed class ShapedFeatures(IEstimator<TorchTransformer> trainer, string columnName, IReadOnlyList<int> shape) : IEstimator<TorchTransformer>
{
    public TorchTransformer Fit(IDataView input) => trainer.Fit(new View(input, input.Schema[columnName], shape));

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => trainer.GetOutputSchema(inputSchema);

    private sealed class View : IDataView
    {
        private readonly IDataView _source;

        public View(IDataView source, DataViewSchema.Column features, IReadOnlyList<int> shape)
        {
            var vector = (VectorDataViewType)features.Type;
            var schema = new DataViewSchema.Builder();
            // Hidden columns too, so that indexes stay the same.
            foreach (var column in source.Schema)
                schema.AddColumn(column.Name, column.Index == features.Index ? new VectorDataViewType(vector.ItemType, shape.ToArray()) : column.Type, column.Annotations);
            (_source, Schema) = (source, schema.ToSchema());
        }

        public DataViewSchema Schema { get; }

        public bool CanShuffle => _source.CanShuffle;

        public long? GetRowCount() => _source.GetRowCount();

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
            new Cursor(Schema, _source.Schema, _source.GetRowCursor(columnsNeeded.Select(column => _source.Schema[column.Index]), rand));

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];
    }

    private sealed class Cursor(DataViewSchema schema, DataViewSchema source, DataViewRowCursor input) : WrappedCursor(input)
    {
        public override DataViewSchema Schema => schema;

        public override bool MoveNext() => Input.MoveNext();

        public override bool IsColumnActive(DataViewSchema.Column column) => Input.IsColumnActive(source[column.Index]);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => Input.GetGetter<TValue>(source[column.Index]);
    }
}
