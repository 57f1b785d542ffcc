using Microsoft.ML;

namespace Sconce.Pipelines.Scoring.Rows;

/// <summary>What all lanes of a <see cref="RowScorer"/> share.</summary>
/// <param name="Model">The model.</param>
/// <param name="Input">The columns that it was trained on.</param>
/// <param name="Needed">The names of those that the results need.</param>
/// <param name="Columns">The names of the results.</param>
/// <param name="Options">The options.</param>
internal sealed record RowPlan(ITransformer Model, DataViewSchema Input, IReadOnlySet<string> Needed, IReadOnlyList<string> Columns, RowScorerOptions Options);

/// <summary>A model bound to rows, for one thread at a time: a single row through its row mapper, several through a view, in batches.</summary>
internal sealed class RowLane : IDisposable
{
    private readonly RowPlan _plan;
    private readonly CellRows _rows;
    private readonly CellRows.CellCursor _single;
    private readonly DataViewRow _scoredRow;
    private readonly ResultReader[] _readers;
    private IDataView? _scoredRows;

    public RowLane(RowPlan plan)
    {
        _plan = plan;
        _rows = new CellRows(plan.Input, plan.Needed, plan.Options.IgnoresUnknownColumns);
        _single = new CellRows.CellCursor(_rows);
        var mapper = plan.Model.GetRowToRowMapper(plan.Input);
        List<DataViewSchema.Column> columns = [.. plan.Columns.Select(name => mapper.OutputSchema[name])];
        _scoredRow = mapper.GetRow(_single, columns);
        _readers = ReadersOf(_scoredRow, columns);
    }

    /// <summary>Takes over the values of rows, at least one.</summary>
    /// <exception cref="InvalidDataException">A value does not fit, is missing, or has an unknown name.</exception>
    public void Fill(IReadOnlyList<IEnumerable<KeyValuePair<string, object?>>> rows)
    {
        _rows.Restart(rows.Count);
        for (var row = 0; row < rows.Count; row++)
            _rows.Set(row, rows[row]);
    }

    /// <summary>Scores the rows: a single one at once, several in batches of the network's size.</summary>
    public List<Dictionary<string, object?>> Score()
    {
        if (_rows.Count == 1)
        {
            _single.Reread();
            return [Read(_readers)];
        }

        _scoredRows ??= UnsplitRows.Read(_plan.Model.Transform(UnsplitRows.Mark(_rows)));
        List<DataViewSchema.Column> columns = [.. _plan.Columns.Select(name => _scoredRows.Schema[name])];
        using var cursor = _scoredRows.GetRowCursor(columns);
        var readers = ReadersOf(cursor, columns);
        var results = new List<Dictionary<string, object?>>(_rows.Count);
        while (cursor.MoveNext())
            results.Add(Read(readers));
        return results.Count == _rows.Count ? results
            : throw new InvalidDataException($"The model returns {results.Count} rows for {_rows.Count}; one row for each is expected.");
    }

    public void Dispose() => _scoredRow.Dispose();

    private ResultReader[] ReadersOf(DataViewRow row, IEnumerable<DataViewSchema.Column> columns) =>
        [.. columns.Select(column => ResultReader.Create(row, column, _plan.Options.NamesSlots))];

    private static Dictionary<string, object?> Read(ResultReader[] readers)
    {
        var result = new Dictionary<string, object?>(readers.Length, StringComparer.Ordinal);
        foreach (var reader in readers)
            result.Add(reader.Name, reader.Read());
        return result;
    }
}
