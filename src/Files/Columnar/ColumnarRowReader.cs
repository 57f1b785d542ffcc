using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Rows;

namespace Sconce.Files.Columnar;

/// <summary>Reads files that hold rows in chunks, and in a chunk each column by itself: of each chunk only the columns that are asked for, and each at once.</summary>
internal abstract class ColumnarRowReader(string path) : RowReader(path)
{
    private readonly Dictionary<int, string> _bad = [];
    private ChunkColumn[] _columns = [];
    private IReadOnlyList<ColumnarField> _fields = [];
    private DataViewSchema? _schema;
    private int _count;
    private int _row = -1;
    private bool _isLoaded;
    private bool _hasEnded;

    public override DataViewSchema Schema => _schema!;

    /// <summary>The places of the fields that are read, among those that <see cref="Bind"/> was given.</summary>
    protected IReadOnlyList<int> BoundFields { get; private set; } = [];

    /// <summary>Passes over rows: chunks that are passed over whole are never read.</summary>
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

    protected override string? Read(RowBatch batch, int row)
    {
        if (_bad.TryGetValue(_row, out var reason))
            return reason;
        for (var i = 0; i < _columns.Length; i++)
            _columns[i].Fill(batch.Columns[i], row, _row);
        return null;
    }

    /// <summary>Finds the columns that are asked for among those of the file: a list has all values of a vector, or else a field each.</summary>
    /// <exception cref="InvalidDataException">A column is missing, or of a type that cannot stand for what is asked for.</exception>
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

        var schema = new DataViewSchema.Builder();
        List<ChunkColumn> made = [];
        foreach (var (column, places) in columns.Zip(bound))
        {
            if (places.Select(place => fields[place]).FirstOrDefault(field => field.Type is null) is { } unreadable)
                throw Unreadable(unreadable);
            var typed = column.Type is not null ? column : places is [var own]
                ? column with { Type = fields[own].Type, Annotations = fields[own].OwnForm.ToAnnotations() }
                : column with { Type = TextDataViewType.Instance };
            if (typed.Name.Length == 0)
                throw new InvalidDataException($"'{Path}' has a column without a name, which cannot be read. Give it one.");
            foreach (var place in places.Where(place => fields[place].Type is { } type && ((type as VectorDataViewType)?.ItemType ?? type) == typed.ItemType))
                StoredForm.CheckTimes(Path, typed, fields[place].Times);
            schema.AddColumn(typed.Name, typed.Type, typed.Annotations);
            made.Add(Make(typed, places, fields) ?? throw Mismatch(typed, places.Select(place => fields[place])));
        }

        (_columns, _fields, _schema) = ([.. made], fields, schema.ToSchema());
        BoundFields = [.. bound.SelectMany(places => places).Distinct()];

        static bool IsVector(RequestedColumn column) => column.Type is null or VectorDataViewType;
    }

    /// <summary>Goes to the next chunk, without reading what it holds where the format allows it.</summary>
    /// <returns>The number of rows in it; null when there is none.</returns>
    protected abstract int? OpenChunk();

    /// <summary>Reads a field of the chunk.</summary>
    /// <param name="field">Its place among those that <see cref="Bind"/> was given.</param>
    protected abstract FieldChunk ReadField(int field);

    /// <summary>Frees what is held to read the chunk, all of whose fields were read that will be.</summary>
    protected virtual void CloseChunk()
    {
    }

    private static ChunkColumn? Make(RequestedColumn column, int[] places, IReadOnlyList<ColumnarField> fields)
    {
        if (places is [var place] && fields[place].Type is VectorDataViewType)
            return column.Type is VectorDataViewType ? ChunkColumn.OfList(column, place, fields[place]) : null;
        var isFlat = column.Type is not VectorDataViewType { IsKnownSize: false } && Array.TrueForAll(places, each => fields[each].Type is not VectorDataViewType);
        return isFlat ? ChunkColumn.OfFields(column, places, places.Select(each => fields[each])) : null;
    }

    private InvalidDataException Unreadable(ColumnarField field) =>
        new($"'{Path}': column '{field.Name}' holds {field.Holds}, which cannot be read; numbers, text, truth values, times, and lists of them can.");

    private InvalidDataException Mismatch(RequestedColumn column, IEnumerable<ColumnarField> fields)
    {
        var field = fields.FirstOrDefault(each => each.Type is VectorDataViewType || ChunkColumn.OfFields(column with { Type = column.ItemType }, [0], [each]) is null) ?? fields.First();
        return new($"'{Path}': column '{field.Name}' holds {field.Holds}; {column.Type} is expected{(column.Name == field.Name ? "" : $" for '{column.Name}'")}.");
    }

    private bool GoToNext()
    {
        // What has ended is not asked again: a stream would be read beyond its end.
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
