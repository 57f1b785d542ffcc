using Apache.Arrow;
using Apache.Arrow.Ipc;
using Microsoft.ML.Data;
using ParquetSharp;
using ParquetSharp.Arrow;
using Sconce.Files.Arrow;
using Sconce.Files.Columnar;
using Sconce.Files.Rows;

namespace Sconce.Files.Parquet;

/// <summary>
/// Reads a Parquet file with Arrow, some rows of a row group at a time: memory holds a page of each column, never a whole group.
/// </summary>
internal sealed class ParquetRowReader : ColumnarRowReader
{
    private const int UsualChunkValues = 1 << 22;
    private const int MostChunkRows = 1 << 16;
    private const int LeastChunkRows = 1 << 4;
    /// <summary>The memory of a text besides its characters, in values.</summary>
    private const int ValuesPerText = 10;
    private const int BufferedBytes = 32 << 20;
    private const int FooterBytes = 1 << 13;
    private const string Encrypted = $"{FileSignature.EncryptedParquet}; {FileSignature.DecryptParquet}";

    private readonly Stream _content;
    private readonly FileReader _reader;
    private readonly ParquetFileReader _file;
    private readonly ParquetField[] _fields;
    private readonly int[] _leaves = [];
    private readonly Dictionary<int, int[]> _places = [];
    private readonly int _chunkRows;
    private readonly Dictionary<int, FieldChunk> _chunk = [];
    private IArrowArrayStream? _batches;
    private RecordBatch? _batch;
    private int _group = -1;
    private long _groupRows;
    // The chunk, as rows of its group.
    private long _start;
    private int _count;
    // The row of the group at which the next batch begins.
    private long _position;

    /// <param name="path">The file, for messages.</param>
    /// <param name="content">The file; it is disposed with the reader.</param>
    /// <param name="request">The requested columns.</param>
    /// <param name="chunkValues">The approximate number of values in memory.</param>
    /// <exception cref="InvalidDataException">The file is damaged, or lacks a column.</exception>
    public ParquetRowReader(string path, Stream content, RowRequest request, int chunkValues = UsualChunkValues)
        : base(path, "Parquet", "page")
    {
        _content = content;
        try
        {
            _chunkRows = (int)Math.Clamp(chunkValues / WidthOf(request), Math.Min(LeastChunkRows, chunkValues), MostChunkRows);
            _reader = Translate(() => Open(content, request, _chunkRows));
            _file = _reader.ParquetReader;
            _fields = Translate(() => ParquetField.Of(_reader).ToArray());
            Bind([.. _fields.Select(field => field.Field)], request);
            _leaves = [.. BoundFields.Select(field => _fields[field].Leaf).Order()];
            _places = FindPlaces();
            if ((request.ChunkRows ?? Translate(() => CheckCounts(chunkValues))) is var rows && rows >= _chunkRows)
                return;
            // The number of rows in a batch is fixed when a file is opened.
            _chunkRows = rows;
            _reader.Dispose();
            _reader = Translate(() => Open(content, request, rows));
            _file = _reader.ParquetReader;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override long? RowCount => Translate(() => _file.FileMetaData.NumRows);

    public override int? ChunkRows => _chunkRows;

    public override IReadOnlyList<long> Blocks => Translate(() => Enumerable.Range(0, _reader.NumRowGroups).Select(RowsIn).ToArray());

    public override void Dispose()
    {
        CloseChunk();
        _batches?.Dispose();
        _reader?.Dispose();
        _content.Dispose();
    }

    protected override int? OpenChunk()
    {
        _start += _count;
        while (_start == _groupRows)
        {
            _batches?.Dispose();
            _batches = null;
            (_start, _count, _position) = (0, 0, 0);
            if (++_group >= _reader.NumRowGroups)
                return null;
            _groupRows = Translate(() => RowsIn(_group));
        }

        return _count = (int)Math.Min(_chunkRows, _groupRows - _start);
    }

    protected override FieldChunk ReadField(int field)
    {
        // A field may be read into two columns.
        if (_chunk.TryGetValue(field, out var read))
            return read;
        return _chunk[field] = Translate(() =>
        {
            ReadBatch();
            var places = _places[field];
            return ArrowChunks.Read(_batch!.Column(places[0]), places.AsSpan(1), _fields[field].Read);
        });
    }

    protected override void CloseChunk()
    {
        _chunk.Clear();
        _batch?.Dispose();
        _batch = null;
    }

    protected override string Describe(Exception exception)
    {
        var message = MessageOf(exception);
        return exception switch
        {
            RefusedFileException or OutOfMemoryException => Describe(exception, message),
            _ when Says("encrypted") || Says("decrypt") => $"{Encrypted}.",
            InvalidDataException => $"cannot be read as Parquet: {message}. Write it again without such values.",
            _ when Says("not yet implemented") || Says("unsupported") => Describe(new NotSupportedException(), message),
            _ => Describe(exception, message),
        };

        bool Says(string what) => message.Contains(what, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Reads the batch of the chunk. Each row group has its own reader, so that missing or surplus values do not shift other rows.</summary>
    private void ReadBatch()
    {
        _batches ??= _reader.GetRecordBatchReader([_group], _leaves);
        while (_position <= _start)
        {
            _batch?.Dispose();
            _batch = Next(_batches) ?? throw Damaged("a column has fewer values than its row group has rows");
            var expected = Math.Min(_chunkRows, _groupRows - _position);
            if (_batch.Arrays.Select(column => (long)column.Length).Prepend(_batch.Length).FirstOrDefault(length => length != expected, expected) is var length && length != expected)
                throw Damaged($"a column has {length} values where {expected} are expected");
            _position += expected;
            if (_position < _groupRows)
                continue;
            using var surplus = Next(_batches);
            if (surplus is not null)
                throw Damaged("a column has more values than its row group has rows");
        }

        static RecordBatch? Next(IArrowArrayStream batches) => batches.ReadNextRecordBatchAsync().AsTask().GetAwaiter().GetResult();
    }

    /// <summary>Finds the indices of fields in a batch, which has only the fields that are read.</summary>
    private Dictionary<int, int[]> FindPlaces()
    {
        var groups = BoundFields.SelectMany(field => Steps(_fields[field].Path)).Distinct().Order()
            .GroupBy(step => step.Group, step => step.Place).ToDictionary(group => group.Key, group => group.ToList());
        return BoundFields.ToDictionary(field => field, field => Steps(_fields[field].Path).Select(step => groups[step.Group].BinarySearch(step.Place)).ToArray());

        static IEnumerable<(string Group, int Place)> Steps(IReadOnlyList<int> path) => path.Select((place, depth) => (string.Join('.', path.Take(depth)), place));
    }

    private long RowsIn(int group)
    {
        using var reader = _file.RowGroup(group);
        return reader.MetaData.NumRows;
    }

    /// <summary>
    /// Compares the numbers of rows in the footer, which has no checksum: of the file, of each row group, and of its columns.
    /// </summary>
    /// <returns>The number of rows per chunk for the values to hold, by the number of values in lists and the lengths of texts.</returns>
    private int CheckCounts(int chunkValues)
    {
        var file = _file.FileMetaData;
        var (total, least) = (0L, (double)MostChunkRows);
        for (var i = 0; i < file.NumRowGroups; i++)
        {
            using var group = _file.RowGroup(i);
            var rows = group.MetaData.NumRows;
            if (rows < 0 || rows > file.NumRows - total)
                throw Damaged($"row group {i} claims {rows} rows, but the file {file.NumRows} in total");
            total += rows;
            var weight = 0L;
            foreach (var field in BoundFields.Select(field => _fields[field]))
            {
                using var chunk = group.MetaData.GetColumnChunkMetaData(field.Leaf);
                weight += field.HoldsText ? chunk.NumValues * ValuesPerText + chunk.TotalUncompressedSize / sizeof(float) : chunk.NumValues;
                if (field.Field.Type is VectorDataViewType ? chunk.NumValues < rows : chunk.NumValues != rows)
                    throw Damaged($"row group {i} claims {rows} rows, but its column '{field.Field.Name}' {chunk.NumValues} values");
            }

            least = weight > 0 ? Math.Min(least, (double)chunkValues * rows / weight) : least;
        }

        if (total != file.NumRows)
            throw Damaged($"its row groups have {total} rows, but it claims {file.NumRows}");
        return (int)Math.Max(least, Math.Min(LeastChunkRows, chunkValues));
    }

    private static EndOfStreamException Damaged(string what) => new(what);

    private static FileReader Open(Stream content, RowRequest request, int batchRows)
    {
        RefuseEncrypted(content);
        using var properties = ReaderProperties.GetDefaultReaderProperties();
        properties.EnableBufferedStream();
        properties.EnablePageChecksumVerification();
        properties.BufferSize = Math.Clamp(BufferedBytes / WidthOf(request), 1 << 14, 1 << 20);
        properties.SetFooterReadSize(FooterBytes);
        using var arrow = ArrowReaderProperties.GetDefault();
        (arrow.PreBuffer, arrow.UseThreads, arrow.BatchSize, arrow.CoerceInt96TimestampUnit) = (false, true, batchRows, Apache.Arrow.Types.TimeUnit.Microsecond);
        return new FileReader(content, properties, arrow, leaveOpen: true);
    }

    /// <exception cref="RefusedFileException">The footer is encrypted.</exception>
    private static void RefuseEncrypted(Stream content)
    {
        Span<byte> start = stackalloc byte[4];
        content.Position = 0;
        if (content.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.SequenceEqual("PARE"u8))
            throw new RefusedFileException(Encrypted);
        content.Position = 0;
    }

    /// <summary>The approximate number of values that are read from a row.</summary>
    private static int WidthOf(RowRequest request) => Math.Max(1, request.Columns.Sum(column => Math.Max(1, (column.Type as VectorDataViewType)?.Size ?? 1)));

    /// <summary>The first line of the library's message, without the name of its exception.</summary>
    private static string MessageOf(Exception exception)
    {
        const string Begin = "(message: '", End = "')";
        var message = exception.Message;
        if (exception is ParquetException && message.IndexOf(Begin, StringComparison.Ordinal) is >= 0 and var begin && message.EndsWith(End, StringComparison.Ordinal))
            message = message[(begin + Begin.Length)..^End.Length];
        return message.Split('\n')[0].Trim().TrimEnd('.');
    }
}
