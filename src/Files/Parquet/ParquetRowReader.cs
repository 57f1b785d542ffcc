using Microsoft.ML.Data;
using ParquetSharp;
using Sconce.Files.Columnar;
using Sconce.Files.Rows;

namespace Sconce.Files.Parquet;

/// <summary>Reads a Parquet file, some rows of a row group at a time, so that a page of each column is held and no whole group.</summary>
internal sealed class ParquetRowReader : ColumnarRowReader
{
    private const int UsualChunkValues = 1 << 20;
    private const int MostChunkRows = 1 << 16;
    private const int LeastChunkRows = 1 << 4;
    /// <summary>What a text takes beside its letters.</summary>
    private const int ValuesPerText = 10;
    private const int BufferedBytes = 32 << 20;
    private const int FooterBytes = 1 << 13;
    private const string Encrypted = $"{FileSignature.EncryptedParquet}; {FileSignature.DecryptParquet}";

    private readonly Stream _content;
    private readonly ParquetFileReader _reader;
    private readonly ParquetField[] _fields;
    private readonly int _chunkValues;
    private readonly Dictionary<int, (ParquetColumn Column, long Position)> _columns = [];
    private readonly Dictionary<int, FieldChunk> _chunk = [];
    private RowGroupReader? _group;
    private int _next;
    private long _groupRows;
    private int _chunkRows;
    private long _start;
    private int _count;

    /// <param name="path">What messages call the file.</param>
    /// <param name="content">The file; it is disposed with the reader.</param>
    /// <param name="request">What is read of it.</param>
    /// <param name="chunkValues">About how many values are held of the columns that are read.</param>
    /// <exception cref="InvalidDataException">The file is damaged, or has not what is asked for.</exception>
    public ParquetRowReader(string path, Stream content, RowRequest request, int chunkValues = UsualChunkValues)
        : base(path)
    {
        (_content, _chunkValues) = (content, chunkValues);
        try
        {
            _reader = Translate(() => Open(content, request));
            _fields = Translate(() => ParquetField.Of(_reader.FileMetaData.Schema).ToArray());
            Bind([.. _fields.Select(field => field.Field)], request);
            Translate(CheckCounts);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override long? RowCount => Translate(() => _reader.FileMetaData.NumRows);

    public override IReadOnlyList<long> Blocks => Translate(() => Enumerable.Range(0, _reader.FileMetaData.NumRowGroups).Select(RowsOf).ToArray());

    public override void Dispose()
    {
        CloseGroup();
        _reader?.Dispose();
        _content.Dispose();
    }

    protected override int? OpenChunk()
    {
        _start += _count;
        if (_start >= _groupRows)
        {
            Translate(CheckEnd);
            CloseGroup();
            if (_next == Translate(() => _reader.FileMetaData.NumRowGroups))
                return null;
            (_group, _start) = (Translate(() => _reader.RowGroup(_next++)), 0);
            _groupRows = Translate(() => _group.MetaData.NumRows);
            _chunkRows = (int)Math.Clamp(Translate(CountChunkRows), Math.Min(LeastChunkRows, _chunkValues), MostChunkRows);
        }

        return _count = (int)Math.Min(_chunkRows, _groupRows - _start);
    }

    protected override FieldChunk ReadField(int field)
    {
        // One that two columns are made of comes once.
        if (_chunk.TryGetValue(field, out var read))
            return read;
        return _chunk[field] = Translate(() =>
        {
            var (column, position) = _columns.TryGetValue(field, out var opened) ? opened : (_fields[field].Open!(_group!.Column(_fields[field].Leaf)), 0L);
            _columns[field] = (column, _start + _count);
            column.Skip(_start - position);
            return column.Read(_count);
        });
    }

    protected override void CloseChunk() => _chunk.Clear();

    /// <summary>How many rows of the group have about as many values as are held, by what the file says of its columns: of lists all values count, of texts their length.</summary>
    private long CountChunkRows()
    {
        var weight = 1L;
        foreach (var field in BoundFields)
        {
            using var chunk = _group!.MetaData.GetColumnChunkMetaData(_fields[field].Leaf);
            weight += _fields[field].HoldsText ? chunk.NumValues * ValuesPerText + chunk.TotalUncompressedSize / sizeof(float) : chunk.NumValues;
        }

        return (long)((double)_chunkValues * _groupRows / weight);
    }

    /// <summary>Compares what the footer says of rows in three places, as it has no checksum: in all, of each row group, and of the columns in it.</summary>
    private bool CheckCounts()
    {
        var file = _reader.FileMetaData;
        var total = 0L;
        for (var i = 0; i < file.NumRowGroups; i++)
        {
            using var group = _reader.RowGroup(i);
            var rows = group.MetaData.NumRows;
            if (rows < 0 || rows > file.NumRows - total)
                throw Damaged($"row group {i} claims {rows} rows, of the {file.NumRows} in all");
            total += rows;
            foreach (var field in BoundFields)
            {
                using var chunk = group.MetaData.GetColumnChunkMetaData(_fields[field].Leaf);
                var isList = _fields[field].Field.Type is VectorDataViewType;
                if (isList ? chunk.NumValues < rows : chunk.NumValues != rows)
                    throw Damaged($"row group {i} claims {rows} rows, and its column '{_fields[field].Field.Name}' {chunk.NumValues} values");
            }
        }

        return total == file.NumRows ? true : throw Damaged($"its row groups have {total} rows, and it claims {file.NumRows}");
    }

    /// <summary>Checks that nothing is left of the columns that were read to their end.</summary>
    private bool CheckEnd()
    {
        foreach (var (field, (column, position)) in _columns)
        {
            if (position == _groupRows && column.HasMore)
                throw Damaged($"column '{_fields[field].Field.Name}' has more values than its row group has rows");
        }

        return true;
    }

    private static EndOfStreamException Damaged(string what) => new(what);

    private static ParquetFileReader Open(Stream content, RowRequest request)
    {
        RefuseEncrypted(content);
        using var properties = ReaderProperties.GetDefaultReaderProperties();
        properties.EnableBufferedStream();
        properties.EnablePageChecksumVerification();
        properties.BufferSize = Math.Clamp(BufferedBytes / WidthOf(request), 1 << 14, 1 << 20);
        properties.SetFooterReadSize(FooterBytes);
        return new ParquetFileReader(content, properties, leaveOpen: true);
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

    private long RowsOf(int rowGroup)
    {
        using var group = _reader.RowGroup(rowGroup);
        return group.MetaData.NumRows;
    }

    /// <summary>About how many values of a row are read.</summary>
    private static int WidthOf(RowRequest request) => Math.Max(1, request.Columns.Sum(column => Math.Max(1, (column.Type as VectorDataViewType)?.Size ?? 1)));

    private void CloseGroup()
    {
        foreach (var (column, _) in _columns.Values)
            column.Dispose();
        _columns.Clear();
        _group?.Dispose();
        (_group, _groupRows, _start, _count) = (null, 0, 0, 0);
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
