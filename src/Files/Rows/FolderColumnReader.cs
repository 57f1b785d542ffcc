using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Files.Text;

namespace Sconce.Files.Rows;

/// <summary>Adds columns from the names of folders to a file: each has the same value in all rows.</summary>
internal sealed class FolderColumnReader : RowReader
{
    private readonly RowReader _file;
    private readonly int[] _read;
    private readonly (int Column, ColumnValues Value)[] _constant;

    /// <param name="file">Reads the other columns; it is disposed with this.</param>
    /// <param name="columns">All columns, in order.</param>
    /// <param name="taken">The columns from the names of folders.</param>
    /// <param name="values">Their values.</param>
    /// <exception cref="InvalidDataException">A value does not fit its column's type.</exception>
    public FolderColumnReader(RowReader file, IReadOnlyList<RequestedColumn> columns, IReadOnlyList<RequestedColumn> taken, IReadOnlyDictionary<string, string> values)
        : base(file.Path)
    {
        _file = file;
        try
        {
            _read = [.. Enumerable.Range(0, columns.Count).Where(i => !taken.Contains(columns[i]))];
            _constant = [.. Enumerable.Range(0, columns.Count).Except(_read).Select(i => (i, ValueOf(file.Path, columns[i], values[columns[i].FieldName])))];
            var own = new Queue<DataViewSchema.Column>(file.Schema);
            Schema = RequestedColumn.SchemaOf(columns.Select(column => taken.Contains(column) ? column : RequestedColumn.Of(own.Dequeue())));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public override DataViewSchema Schema { get; }

    public override long? RowCount => _file.RowCount;

    public override bool HasNames => _file.HasNames;

    public override IReadOnlyList<long> Blocks => _file.Blocks;

    public override int? ChunkRows => _file.ChunkRows;

    public override long Position => _file.Position;

    public override bool Fill(RowBatch batch, int rows)
    {
        // If no column is read from the file, it is read only for the number of rows.
        var columns = _read.Length > 0
            ? _read.Select(column => batch.Columns[column])
            : _file.Schema.Select(column => ColumnValues.Create(column.Name, column.Type, batch.Capacity));
        var read = new RowBatch(_file.Schema, [.. columns], batch);
        try
        {
            return _file.Fill(read, rows);
        }
        finally
        {
            // If the rest of the file cannot be read, the rows before it are kept.
            while (batch.Count < read.Count)
            {
                foreach (var (column, value) in _constant)
                    batch.Columns[column].Copy(value, 0, batch.Count);
                batch.Accept(read.Place(batch.Count));
            }
        }
    }

    public override void Skip(long rows) => _file.Skip(rows);

    public override void Dispose() => _file.Dispose();

    protected override bool MoveNext() => throw new NotSupportedException("Rows are read by Fill.");

    protected override string? Read(RowBatch batch, int row) => throw new NotSupportedException("Rows are read by Fill.");

    /// <summary>The value of a column in a folder's name, as a batch of one row.</summary>
    private static ColumnValues ValueOf(string path, RequestedColumn column, string text)
    {
        if (column.Type is VectorDataViewType)
        {
            throw new InvalidDataException($"'{path}' has the column '{column.Name}' only in the name of its folder, with the value '{text}'; {column.Type} is expected.")
                .About(file: path, column: column.Name);
        }

        column = column with { Type = column.Type ?? TextDataViewType.Instance };
        var (parser, value) = (ValueParser.For(column), ColumnValues.Create(column.Name, column.Type, capacity: 1));
        return parser.TryRead(text, value, row: 0) ? value
            : throw new InvalidDataException($"'{path}' has the column '{column.Name}' in the name of its folder, with the value '{text}'; {parser.Refuse(text)}.")
                .About(file: path, column: column.Name);
    }
}
