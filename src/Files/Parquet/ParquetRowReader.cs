using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using Microsoft.ML.Data;
using ParquetSharp;
using ParquetSharp.Arrow;
using Sconce.Core.Errors;
using Sconce.Files.Arrow;
using Sconce.Files.Columnar;
using Sconce.Files.Rows;

namespace Sconce.Files.Parquet;

/// <summary>Reads a Parquet file by Arrow, some rows of a row group at a time: a page of each column is held, and never a whole group.</summary>
internal sealed class ParquetRowReader : ColumnarRowReader
{
    private const int UsualChunkValues = 1 << 20;
    private const int MostChunkRows = 1 << 16;
    private const int LeastChunkRows = 1 << 4;
    /// <summary>The memory of a text beside its characters, in values.</summary>
    private const int ValuesPerText = 10;
    private const int BufferedBytes = 32 << 20;
    private const int FooterBytes = 1 << 13;
    private const string Encrypted = $"{FileSignature.EncryptedParquet}; {FileSignature.DecryptParquet}";

    private readonly Stream _content;
    private readonly FileReader _reader;
    private readonly ParquetField[] _fields;
    private readonly int[] _leaves = [];
    private readonly int _chunkRows;
    private readonly Dictionary<int, FieldChunk> _chunk = [];
    private IArrowArrayStream? _group;
    private RecordBatch? _batch;
    private int _next;
    private long _groupRows;
    private long _start;
    private int _count;
    // The row of the group at which the next batch begins.
    private long _position;

    /// <param name="path">What messages call the file.</param>
    /// <param name="content">The file; it is disposed with the reader.</param>
    /// <param name="request">The requested columns.</param>
    /// <param name="chunkValues">About how many values are held of the columns that are read.</param>
    /// <exception cref="InvalidDataException">The file is damaged, or lacks a column.</exception>
    public ParquetRowReader(string path, Stream content, RowRequest request, int chunkValues = UsualChunkValues)
        : base(path)
    {
        _content = content;
        try
        {
            _reader = Translate(() => Open(content, request, LeastChunkRows));
            _fields = Translate(() => ParquetField.Of(_reader).ToArray());
            Bind([.. _fields.Select(field => field.Field)], request);
            _leaves = [.. BoundFields.Select(field => _fields[field].Leaf).Order()];
            _chunkRows = Translate(() => CheckCounts(chunkValues));
            // The number of rows in a batch is known when the columns are, and is fixed when a file is opened.
            _reader.Dispose();
            _reader = Translate(() => Open(content, request, _chunkRows));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override long? RowCount => Translate(() => _reader.ParquetReader.FileMetaData.NumRows);

    public override void Dispose()
    {
        CloseGroup();
        _reader?.Dispose();
        _content.Dispose();
    }

    protected override int? OpenChunk()
    {
        _start += _count;
        while (_start >= _groupRows)
        {
            CloseGroup();
            if (_next == _reader.NumRowGroups)
                return null;
            _groupRows = Translate(() => RowsIn(_next++));
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
            var places = PlacesOf(_fields[field].Path);
            return ArrowChunks.Read(_batch!.Column(places[0]), places.Skip(1), _fields[field].Read);
        });
    }

    protected override void CloseChunk()
    {
        _chunk.Clear();
        _batch?.Dispose();
        _batch = null;
    }

    /// <summary>Reads the batch of the chunk, past those of chunks that were passed over.</summary>
    private void ReadBatch()
    {
        _group ??= _reader.GetRecordBatchReader([_next - 1], _leaves);
        while (_position <= _start)
        {
            _batch?.Dispose();
            _batch = _group.ReadNextRecordBatchAsync().AsTask().GetAwaiter().GetResult() ?? throw Damaged("a column ends before its row group does");
            if (_batch.Length != Math.Min(_chunkRows, _groupRows - _position))
                throw Damaged($"a column has {_batch.Length} values where {Math.Min(_chunkRows, _groupRows - _position)} are expected");
            _position += _batch.Length;
        }
    }

    /// <summary>A field's places in a batch, which has only the fields that are read.</summary>
    private int[] PlacesOf(IReadOnlyList<int> path) => [.. path.Select((place, depth) => BoundFields.Select(field => _fields[field].Path)
        .Where(other => other.Count > depth && other[depth] < place && other.Take(depth).SequenceEqual(path.Take(depth))).Select(other => other[depth]).Distinct().Count())];

    private long RowsIn(int group)
    {
        using var reader = _reader.ParquetReader.RowGroup(group);
        return reader.MetaData.NumRows;
    }

    /// <summary>
    /// Compares the numbers of rows that the footer has in three places, as it has no checksum: of the file, of each row group, and of the columns in it.
    /// </summary>
    /// <returns>The number of rows in a chunk: of the group with the greatest rows, as many as have the values to hold. Of lists all values count, of texts their length.</returns>
    private int CheckCounts(int chunkValues)
    {
        var file = _reader.ParquetReader.FileMetaData;
        var (total, least) = (0L, (double)MostChunkRows);
        for (var i = 0; i < file.NumRowGroups; i++)
        {
            using var group = _reader.ParquetReader.RowGroup(i);
            var rows = group.MetaData.NumRows;
            if (rows < 0 || rows > file.NumRows - total)
                throw Damaged($"row group {i} claims {rows} rows, of the {file.NumRows} in all");
            total += rows;
            var weight = 1L;
            foreach (var field in BoundFields.Select(field => _fields[field]))
            {
                using var chunk = group.MetaData.GetColumnChunkMetaData(field.Leaf);
                weight += field.HoldsText ? chunk.NumValues * ValuesPerText + chunk.TotalUncompressedSize / sizeof(float) : chunk.NumValues;
                if (field.Field.Type is VectorDataViewType ? chunk.NumValues < rows : chunk.NumValues != rows)
                    throw Damaged($"row group {i} claims {rows} rows, and its column '{field.Field.Name}' {chunk.NumValues} values");
            }

            least = rows > 0 ? Math.Min(least, (double)chunkValues * rows / weight) : least;
        }

        return total == file.NumRows ? (int)Math.Max(least, Math.Min(LeastChunkRows, chunkValues)) : throw Damaged($"its row groups have {total} rows, and it claims {file.NumRows}");
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
        (arrow.PreBuffer, arrow.UseThreads, arrow.BatchSize, arrow.CoerceInt96TimestampUnit) = (false, false, batchRows, Apache.Arrow.Types.TimeUnit.Microsecond);
        return new FileReader(content, properties, arrow, leaveOpen: true);
    }

    /// <exception cref="RefusedFileException">The file's metadata is encrypted, or that of a column.</exception>
    private static void RefuseEncrypted(Stream content)
    {
        Span<byte> start = stackalloc byte[4];
        content.Position = 0;
        if (content.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.SequenceEqual("PARE"u8))
            throw new RefusedFileException(Encrypted);
        content.Position = 0;
    }

    /// <summary>About how many values of a row are read.</summary>
    private static int WidthOf(RowRequest request) => Math.Max(1, request.Columns.Sum(column => Math.Max(1, (column.Type as VectorDataViewType)?.Size ?? 1)));

    private void CloseGroup()
    {
        CloseChunk();
        _group?.Dispose();
        (_group, _groupRows, _start, _position, _count) = (null, 0, 0, 0, 0);
    }

    /// <summary>Says which file is damaged: the library throws whatever its decoders meet.</summary>
    private T Translate<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (RefusedFileException refusal)
        {
            throw new InvalidDataException($"'{Path}' {refusal.Message}.", refusal);
        }
        catch (OutOfMemoryException exception)
        {
            throw new InvalidDataException($"'{Path}' cannot be read as Parquet: a page needs more memory than there is. Write it again in smaller pages, unless it is damaged.", exception);
        }
        catch (Exception exception) when (exception is not (UnauthorizedAccessException or DllNotFoundException or TypeInitializationException))
        {
            var message = MessageOf(exception);
            if (message.Contains("encrypted", StringComparison.OrdinalIgnoreCase) || message.Contains("decrypt", StringComparison.OrdinalIgnoreCase))
                throw new InvalidDataException($"'{Path}' {Encrypted}.", exception);
            if (exception is InvalidDataException)
                throw new InvalidDataException($"'{Path}': {message}. Write it again without such.", exception);
            throw message.Contains("not yet implemented", StringComparison.OrdinalIgnoreCase) || message.Contains("unsupported", StringComparison.OrdinalIgnoreCase)
                ? new InvalidDataException($"'{Path}' has what cannot be read of Parquet here: {message}. Write it again, with plain columns of numbers or text.", exception)
                : new InvalidDataException($"'{Path}' cannot be read as Parquet: {message}. It is damaged or cut short: fetch or write it again.", exception);
        }
    }

    /// <summary>The first sentence of what the library says, without the name of its own exception around it.</summary>
    private static string MessageOf(Exception exception)
    {
        const string Begin = "(message: '", End = "')";
        var message = exception.Message;
        if (exception is ParquetException && message.IndexOf(Begin, StringComparison.Ordinal) is >= 0 and var begin && message.EndsWith(End, StringComparison.Ordinal))
            message = message[(begin + Begin.Length)..^End.Length];
        return message.Split('\n')[0].Trim().TrimEnd('.');
    }
}
