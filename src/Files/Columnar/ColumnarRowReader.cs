using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Files.Rows;

namespace Sconce.Files.Columnar;

/// <summary>Reads files that store rows in chunks, column by column: only the requested columns of each chunk.</summary>
/// <param name="path">The file, for messages.</param>
/// <param name="format">The format, for messages.</param>
/// <param name="piece">The part of the file that is in memory at once, for messages.</param>
internal abstract class ColumnarRowReader(string path, string format, string piece) : RowReader(path)
{
    private readonly Dictionary<int, BadValue> _bad = [];
    private ChunkColumn[] _columns = [];
    private IReadOnlyList<ColumnarField> _fields = [];
    private DataViewSchema? _schema;
    private int _count;
    private int _row = -1;
    private bool _isLoaded;
    private bool _hasEnded;

    public override DataViewSchema Schema => _schema!;

    /// <summary>The indices of the fields that are read.</summary>
    protected IReadOnlyList<int> BoundFields { get; private set; } = [];

    /// <summary>Skips rows. Chunks that are skipped entirely are not read.</summary>
    public override void Skip(long rows)
    {
        while (rows > 0 && (_row + 1 < _count || GoToNext()))
        {
            var step = (int)Math.Min(rows, _count - 1 - _row);
            _row += step;
            Advance(step);
            rows -= step;
        }
    }

    /// <inheritdoc/>
    public override bool Fill(RowBatch batch, int rows)
    {
        while (rows - batch.Count - batch.Bad.Count is > 0 and var most)
        {
            if (!MoveNext())
                return false;
            if (_bad.TryGetValue(_row, out var bad))
            {
                Advance(1);
                batch.Bad.Add(new BadRow(Place, bad.Reason) { Column = bad.Column });
                continue;
            }

            // Consecutive good rows are copied together.
            var count = 1;
            while (count < most && _row + count < _count && !_bad.ContainsKey(_row + count))
                count++;
            for (var i = 0; i < _columns.Length; i++)
                _columns[i].Fill(batch.Columns[i], batch.Count, _row, count);
            for (_row += count - 1; count > 0; count--)
            {
                Advance(1);
                batch.Accept(Place);
            }
        }

        return true;
    }

    protected override bool MoveNext()
    {
        while (_row + 1 >= _count)
        {
            if (!GoToNext())
                return false;
        }

        if (!_isLoaded)
            Load();
        _row++;
        return true;
    }

    protected override string? Read(RowBatch batch, int row) => throw new NotSupportedException("Rows are read by Fill.");

    /// <summary>Finds the fields of the requested columns: a vector is a list, or a field for each value.</summary>
    /// <exception cref="InvalidDataException">A column is missing, or its type cannot be converted to the requested one.</exception>
    protected void Bind(IReadOnlyList<ColumnarField> fields, RowRequest request)
    {
        string[] names = [.. fields.Select(field => field.Name)];
        var columns = request.Columns;
        int[] named = [.. columns.Select(column => IsVector(column) ? FieldBinding.IndexOf(names, column.FieldName) : -1)];
        if (named.FirstOrDefault(place => place >= 0 && fields[place].Type is null, -1) is >= 0 and var unheld)
            throw Unreadable(fields[unheld]);
        int[] lists = [.. named.Select(place => place >= 0 && fields[place].Type is VectorDataViewType ? place : -1)];
        FieldBinding.CheckNames(Path, names, request, [.. lists.Select(list => list >= 0 ? new[] { list } : null)]);
        var flat = new Queue<int[]>(FieldBinding.Bind(Path, names, names.Length, request with { Columns = [.. columns.Where((_, i) => lists[i] < 0)] }));
        int[][] bound = [.. lists.Select(list => list >= 0 ? [list] : flat.Dequeue())];
        if (columns.Count == 0)
            (columns, bound) = ([.. names.Select(name => new RequestedColumn(name, null))], [.. names.Select((_, i) => new[] { i })]);

        List<RequestedColumn> read = [];
        List<ChunkColumn> made = [];
        foreach (var (column, places) in columns.Zip(bound))
        {
            if (places.Select(place => fields[place]).FirstOrDefault(field => field.Type is null) is { } unreadable)
                throw Unreadable(unreadable);
            var typed = column.Type is not null ? column : places is [var own]
                ? column with { Type = fields[own].Type, Annotations = fields[own].OwnForm.ToAnnotations() }
                : column with { Type = TextDataViewType.Instance };
            if (typed.Name.Length == 0)
                throw Invalid($"'{Path}' has a column without a name, which cannot be read. Name the column.", "");
            foreach (var place in places.Where(place => fields[place].Type is { } type && ((type as VectorDataViewType)?.ItemType ?? type) == typed.ItemType))
                StoredForm.CheckTimes(Path, typed, fields[place].Times);
            read.Add(typed);
            made.Add(Make(typed, places, fields) ?? throw Mismatch(typed, places.Select(place => fields[place])));
        }

        (_columns, _fields, _schema) = ([.. made], fields, RequestedColumn.SchemaOf(read));
        BoundFields = [.. bound.SelectMany(places => places).Distinct()];

        static bool IsVector(RequestedColumn column) => column.Type is null or VectorDataViewType;
    }

    /// <summary>Moves to the next chunk, without reading its values if the format allows it.</summary>
    /// <returns>The number of its rows; null at the end.</returns>
    protected abstract int? OpenChunk();

    /// <summary>Reads a field of the chunk.</summary>
    /// <param name="field">Its index.</param>
    protected abstract FieldChunk ReadField(int field);

    /// <summary>Frees the buffers of the chunk.</summary>
    protected virtual void CloseChunk()
    {
    }

    /// <summary>Wraps exceptions of the libraries, which have many types, in one that names the file.</summary>
    /// <exception cref="InvalidDataException"><paramref name="read"/> failed.</exception>
    protected T Translate<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is not (UnauthorizedAccessException or DllNotFoundException or TypeInitializationException))
        {
            throw new InvalidDataException($"'{Path}' {Describe(exception)}", exception).About(file: Path);
        }
    }

    /// <summary>The rest of a sentence that begins with the file's name, and the remedy.</summary>
    protected virtual string Describe(Exception exception) => Describe(exception, exception.Message.TrimEnd('.'));

    protected string Describe(Exception exception, string message) => exception switch
    {
        RefusedFileException => $"{message}.",
        OutOfMemoryException => $"cannot be read as {format}: a {piece} does not fit into memory. Write the file again with smaller ones, unless it is damaged.",
        NotSupportedException or NotImplementedException => $"uses a feature of {format} that is not supported: {message}. Write it again with plain columns of numbers or text.",
        _ => $"cannot be read as {format}: {message}. It is damaged or cut short: fetch or write it again.",
    };

    private static ChunkColumn? Make(RequestedColumn column, int[] places, IReadOnlyList<ColumnarField> fields)
    {
        if (places is [var place] && fields[place].Type is VectorDataViewType)
            return column.Type is VectorDataViewType ? ChunkColumn.OfList(column, place, fields[place]) : null;
        var isFlat = column.Type is not VectorDataViewType { IsKnownSize: false } && Array.TrueForAll(places, each => fields[each].Type is not VectorDataViewType);
        return isFlat ? ChunkColumn.OfFields(column, places, places.Select(each => fields[each])) : null;
    }

    private InvalidDataException Unreadable(ColumnarField field) =>
        Invalid($"'{Path}': column '{field.Name}' holds {field.Holds}, which cannot be read; numbers, text, Booleans, times, and lists of them can.", field.Name);

    private InvalidDataException Mismatch(RequestedColumn column, IEnumerable<ColumnarField> fields)
    {
        var field = fields.FirstOrDefault(each => each.Type is VectorDataViewType || ChunkColumn.OfFields(column with { Type = column.ItemType }, [0], [each]) is null)
            ?? fields.First();
        return Invalid($"'{Path}': column '{field.Name}' holds {field.Holds}; {column.Type} is expected{(column.Name == field.Name ? "" : $" for '{column.Name}'")}.", field.Name);
    }

    private bool GoToNext()
    {
        // No chunk is opened after the end, because a stream would be read beyond it.
        var count = _hasEnded ? null : OpenChunk();
        (_count, _row, _isLoaded, _hasEnded) = (count ?? 0, -1, false, count is null);
        return !_hasEnded;
    }

    private void Load()
    {
        _bad.Clear();
        foreach (var column in _columns)
            column.Load(Read, _bad);
        CloseChunk();
        _isLoaded = true;

        FieldChunk Read(int field)
        {
            var chunk = ReadField(field);
            chunk.Times = _fields[field].Times;
            return chunk;
        }
    }
}
