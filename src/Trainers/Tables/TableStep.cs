using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Trainers.Columns;
using Sconce.Trainers.Training;

namespace Sconce.Trainers.Tables;

/// <summary>A step of a table's preparation: it adds a column that is made of others, row by row.</summary>
internal sealed partial class TableStep(TableMapping mapping) : ITransformer
{
    public TableMapping Mapping => mapping;

    bool ITransformer.IsRowToRowMapper => true;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => new Mapper(mapping, inputSchema).OutputSchema;

    public IDataView Transform(IDataView input) => new View(new Mapper(mapping, input.Schema), input);

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => new Mapper(mapping, inputSchema);

    private sealed class Mapper : IRowToRowMapper
    {
        private readonly HashSet<int> _sources;

        public Mapper(TableMapping mapping, DataViewSchema input)
        {
            foreach (var name in mapping.Sources)
            {
                if (!SourceCell.Reads(input.Require("Source", name).Type))
                    throw new ArgumentException($"Column '{name}' has the type {input[name].Type}; text, a Boolean, a number, or a time is expected.").About(column: name);
            }

            (Mapping, InputSchema) = (mapping, input);
            _sources = [.. mapping.Sources.Select(name => input[name].Index)];
            var schema = new DataViewSchema.Builder();
            schema.AddColumns(input);
            var column = mapping.Describe();
            schema.AddColumn(column.Name, column.Type, column.Annotations);
            OutputSchema = schema.ToSchema();
        }

        public TableMapping Mapping { get; }

        public DataViewSchema InputSchema { get; }

        public DataViewSchema OutputSchema { get; }

        public bool IsMade(DataViewSchema.Column column) => column.Index == InputSchema.Count;

        public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
        {
            var columns = dependingColumns.ToList();
            var needed = columns.Where(column => !IsMade(column)).Select(column => column.Index).ToHashSet();
            if (columns.Exists(IsMade))
                needed.UnionWith(_sources);
            return InputSchema.Where(column => needed.Contains(column.Index));
        }

        public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) =>
            new Row(this, input, [.. activeColumns.Select(column => column.Index)]);
    }

    private sealed class View(Mapper mapper, IDataView input) : IDataView
    {
        public bool CanShuffle => input.CanShuffle;

        public DataViewSchema Schema => mapper.OutputSchema;

        public long? GetRowCount() => input.GetRowCount();

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        {
            var columns = columnsNeeded.ToList();
            return new Cursor(mapper, input.GetRowCursor(mapper.GetDependencies(columns), rand), [.. columns.Select(column => column.Index)]);
        }

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
        {
            var columns = columnsNeeded.ToList();
            return [.. input.GetRowCursorSet(mapper.GetDependencies(columns), n, rand).Select(cursor => new Cursor(mapper, cursor, [.. columns.Select(column => column.Index)]))];
        }
    }

    private sealed class Cursor(Mapper mapper, DataViewRowCursor input, HashSet<int> active) : WrappedCursor(input)
    {
        public override DataViewSchema Schema => mapper.OutputSchema;

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => GetterOf<TValue>(mapper, Input, column, IsColumnActive(column));

        public override bool MoveNext() => Input.MoveNext();
    }

    private sealed class Row(Mapper mapper, DataViewRow input, HashSet<int> active) : DataViewRow
    {
        public override DataViewSchema Schema => mapper.OutputSchema;

        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => GetterOf<TValue>(mapper, input, column, IsColumnActive(column));

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                input.Dispose();
            base.Dispose(disposing);
        }
    }

    private static ValueGetter<TValue> GetterOf<TValue>(Mapper mapper, DataViewRow input, DataViewSchema.Column column, bool isActive)
    {
        if (!isActive)
            throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column.Name}' is not active in this row.");
        if (!mapper.IsMade(column))
            return input.GetGetter<TValue>(mapper.InputSchema[column.Index]);
        return mapper.Mapping.CreateGetter(input) as ValueGetter<TValue>
            ?? throw new InvalidOperationException($"Column '{column.Name}' holds {column.Type.RawType}; a getter of {typeof(TValue)} was requested.");
    }
}

/// <summary>Fits a step of a table's preparation to the training rows.</summary>
/// <param name="sources">The columns that are read.</param>
/// <param name="output">The shape of the column that is made.</param>
/// <param name="fit">Learns the mapping.</param>
internal sealed class TableStepEstimator(IReadOnlyList<string> sources, SchemaShape.Column output, Func<IDataView, TableMapping> fit) : IEstimator<ITransformer>
{
    public ITransformer Fit(IDataView input)
    {
        foreach (var name in sources)
            input.Schema.Require("Source", name);
        return new TableStep(fit(RereadRows.Of(input, "The training data")));
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        foreach (var name in sources)
        {
            var column = inputSchema.Require("Source", name);
            if (column.IsKey || column.Kind != SchemaShape.Column.VectorKind.Scalar || !SourceCell.Reads(column.ItemType))
                throw new ArgumentException($"Column '{name}' has the type {(column.IsKey ? "key of " : "")}{column.ItemType}; text, a Boolean, a number, or a time is expected.").About(column: name);
        }

        var columns = inputSchema.ToDictionary(column => column.Name);
        columns[output.Name] = output;
        return new SchemaShape(columns.Values);
    }
}
