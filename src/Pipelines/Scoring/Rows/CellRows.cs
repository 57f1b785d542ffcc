using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Trainers.Scoring;

namespace Sconce.Pipelines.Scoring.Rows;

/// <summary>Rows that are replaced again and again, as a view with the columns of a model's input. Columns that scoring does not need have default values.</summary>
/// <param name="schema">The columns.</param>
/// <param name="needed">The names of those that are needed.</param>
/// <param name="ignoresUnknown">Whether unknown names are ignored.</param>
internal sealed class CellRows(DataViewSchema schema, IReadOnlySet<string> needed, bool ignoresUnknown) : IDataView
{
    private readonly Dictionary<string, CellColumn> _columns = needed.ToDictionary(name => name, name => CellColumn.Create(schema[name]), StringComparer.Ordinal);

    public bool CanShuffle => false;

    public DataViewSchema Schema => schema;

    /// <summary>The number of rows.</summary>
    public int Count { get; private set; }

    /// <summary>Forgets all rows, and makes room for some.</summary>
    public void Restart(int rows)
    {
        Count = rows;
        foreach (var column in _columns.Values)
            column.Reserve(rows);
    }

    /// <summary>Keeps the values of a row.</summary>
    /// <exception cref="InvalidDataException">A value does not fit, a needed one is missing, or a name is unknown.</exception>
    public void Set(int row, IEnumerable<KeyValuePair<string, object?>> values)
    {
        foreach (var (name, value) in values)
        {
            if (_columns.TryGetValue(name, out var column))
                column.Set(row, value);
            else if (!ignoresUnknown && schema.GetColumnOrNull(name) is null)
                throw Unknown(row, name);
        }

        foreach (var column in _columns.Values)
            column.Complete(row);
    }

    /// <summary>The number of rows changes, and ML.NET may keep what it is told.</summary>
    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new CellCursor(this);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private InvalidDataException Unknown(int row, string name) =>
        new InvalidDataException($"Row {row + 1}: the model has no column '{name}'{NearestName.Question(name, _columns.Keys)}. It reads: {string.Join(", ", _columns.Keys)}. Remove the value, or set {nameof(RowScorerOptions.IgnoresUnknownColumns)}.")
            .About(property: nameof(RowScorerOptions.IgnoresUnknownColumns), row: row + 1, column: name);

    /// <summary>A cursor over the rows; also a row whose values are replaced.</summary>
    internal sealed class CellCursor(CellRows rows) : DataViewRowCursor
    {
        private int _row = -1;
        private long _position = -1;

        public override DataViewSchema Schema => rows.Schema;

        public override long Position => _position;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => rows._columns.ContainsKey(column.Name) && rows.Schema[column.Name].Index == column.Index;

        public override bool MoveNext()
        {
            if (_row + 1 >= rows.Count)
            {
                _position = -1;
                return false;
            }

            (_row, _position) = (_row + 1, _position + 1);
            return true;
        }

        /// <summary>Goes to the first row again. Its position is a new one, because steps compute a row once for each position.</summary>
        public void Reread() => (_row, _position) = (0, _position + 1);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => IsColumnActive(column)
            ? ScoringSchema.Cast<TValue>(rows._columns[column.Name].CreateGetter(() => _row), column)
            : throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column.Name}' is not active in this cursor.");

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new DataViewRowId((ulong)_position, 0);
    }
}
