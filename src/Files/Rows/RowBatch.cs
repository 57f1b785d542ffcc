using Microsoft.ML;
using Sconce.Core.Errors;

namespace Sconce.Files.Rows;

/// <summary>A batch of rows, stored by column, with the bad rows that were read among them.</summary>
internal sealed class RowBatch
{
    private readonly RowPlace[] _places;

    /// <param name="schema">The columns.</param>
    /// <param name="capacity">The maximum number of rows.</param>
    public RowBatch(DataViewSchema schema, int capacity)
    {
        Schema = schema;
        Columns = [.. schema.Select(column => ColumnValues.Create(column.Name, column.Type, capacity))];
        _places = new RowPlace[capacity];
    }

    /// <summary>The rows of another batch with other columns.</summary>
    /// <param name="schema">The columns.</param>
    /// <param name="columns">Their values, for each of the rows.</param>
    /// <param name="rows">The rows, and the bad rows among them.</param>
    public RowBatch(DataViewSchema schema, IReadOnlyList<ColumnValues> columns, RowBatch rows)
    {
        (Schema, Columns, Bad) = (schema, columns, rows.Bad);
        (_places, Count) = (rows._places, rows.Count);
    }

    public DataViewSchema Schema { get; }

    /// <summary>The columns' values, in the schema's order.</summary>
    public IReadOnlyList<ColumnValues> Columns { get; }

    public int Capacity => _places.Length;

    /// <summary>The number of rows that are in it.</summary>
    public int Count { get; private set; }

    /// <summary>The rows that cannot be used, in the order in which they were read.</summary>
    public List<BadRow> Bad { get; } = [];

    /// <summary>The place of a row in its file.</summary>
    public RowPlace Place(int row) => _places[row];

    /// <summary>Adds the row whose values were written at index <see cref="Count"/>.</summary>
    public void Accept(RowPlace place) => _places[Count++] = place;

    /// <summary>Removes all rows.</summary>
    public void Clear()
    {
        Count = 0;
        Bad.Clear();
    }

    /// <summary>Adds a row of another batch with the same columns.</summary>
    public void Accept(RowBatch source, int row)
    {
        for (var i = 0; i < Columns.Count; i++)
            Columns[i].Copy(source.Columns[i], row, Count);
        Accept(source.Place(row));
    }

    /// <summary>Replaces a row by a row of another batch with the same columns.</summary>
    public void Replace(int place, RowBatch source, int row)
    {
        for (var i = 0; i < Columns.Count; i++)
            Columns[i].Copy(source.Columns[i], row, place);
        _places[place] = source.Place(row);
    }
}

/// <summary>The place where a row was read.</summary>
/// <param name="File">The file.</param>
/// <param name="Row">Its number in the file, from 1, without the header; 0 for a file that is itself a row.</param>
/// <param name="Line">The number of the line that it begins in, from 1; 0 if the file has no lines.</param>
internal readonly record struct RowPlace(string File, long Row, long Line)
{
    /// <summary>The beginning of a message.</summary>
    public override string ToString() => Row == 0 ? $"'{File}'" : Line > 0 ? $"'{File}', row {Row} (line {Line})" : $"'{File}', row {Row}";
}

/// <summary>A row that cannot be used, or the rest of a file that cannot be read.</summary>
/// <param name="Place">Its place; row 0 for a file without readable rows.</param>
/// <param name="Reason">The reason, without a period: "field 3 is 'x'; a finite number is expected".</param>
/// <param name="Content">The row's text in a text file; null for other files.</param>
internal sealed record BadRow(RowPlace Place, string Reason, string? Content = null)
{
    /// <summary>Whether this is the rest of a file rather than a row.</summary>
    public bool IsFile { get; init; }

    /// <summary>The column with the bad value; null if there is none, or it is unknown.</summary>
    public string? Column { get; init; }

    /// <summary>The exception of a reader that does not skip bad rows.</summary>
    public InvalidDataException ToException() => new InvalidDataException($"{this}.")
        .About(file: Place.File, row: Place.Row > 0 ? Place.Row : null, line: Place.Line > 0 ? Place.Line : null, column: Column);

    /// <summary>A sentence without its period. The reason of a bad file names the file.</summary>
    public override string ToString() => IsFile ? Reason : $"{Place}: {Reason}";
}
