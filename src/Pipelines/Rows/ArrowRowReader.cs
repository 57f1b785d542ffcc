using Apache.Arrow;
using Apache.Arrow.Compression;
using Apache.Arrow.Ipc;
using Apache.Arrow.Memory;

namespace Sconce.Pipelines;

/// <summary>Reads an Arrow file or stream, one record batch after another: its memory, which is native, is freed before the next.</summary>
internal sealed class ArrowRowReader : ColumnarRowReader
{
    private const int EndOfStreamLength = 8;

    private readonly Stream _content;
    private readonly MemoryAllocator? _memory;
    private readonly bool _isStream;
    private readonly (ColumnarField Field, bool MayBeMissing)[] _fields;
    private ArrowStreamReader _reader;
    private RecordBatch? _batch;
    private bool[]? _missing;

    /// <param name="path">What messages call the file.</param>
    /// <param name="content">The file; it is disposed with the reader.</param>
    /// <param name="request">What is read of it.</param>
    /// <param name="memory">Where record batches lie; null for the library's own.</param>
    /// <exception cref="InvalidDataException">The file is damaged, or has not what is asked for.</exception>
    public ArrowRowReader(string path, Stream content, RowRequest request, MemoryAllocator? memory = null)
        : base(path)
    {
        (_content, _memory) = (content, memory);
        try
        {
            Span<byte> start = stackalloc byte[6];
            start = start[..content.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
            _isStream = start is [0xFF, 0xFF, 0xFF, 0xFF, ..];
            if (!_isStream && !start.SequenceEqual("ARROW1"u8))
                throw Damaged("it begins with neither ARROW1 nor a stream's first message");
            _reader = Open();
            _fields = Translate(() => _reader.Schema.FieldsList.Select(field => (ArrowChunks.Describe(field), field.IsNullable)).ToArray());
            Bind([.. _fields.Select(field => field.Field)], request);
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    public override void Dispose()
    {
        CloseChunk();
        _content.Dispose();
    }

    protected override int? OpenChunk()
    {
        CloseChunk();
        _batch = ReadBatch();
        return _batch?.Length;
    }

    protected override FieldChunk ReadField(int field)
    {
        var rows = _batch!.Length;
        var array = Translate(() => _batch.Column(field));
        return array.Length == rows ? Translate(() => ArrowChunks.Read(array))
            : throw Damaged($"column '{_fields[field].Field.Name}' has {array.Length} values in a record batch of {rows} rows");
    }

    protected override void CloseChunk()
    {
        _batch?.Dispose();
        _batch = null;
    }

    // Record batches alone know it, so that all are read for it.
    protected override bool HasMissing(int field) => _fields[field].MayBeMissing && (_missing ??= FindMissing())[field];

    private bool[] FindMissing()
    {
        var missing = new bool[_fields.Length];
        while (ReadBatch() is { } batch)
        {
            using (batch)
            {
                for (var i = 0; i < missing.Length; i++)
                    missing[i] |= Translate(() => batch.Column(i).NullCount) > 0;
            }
        }

        _reader = Open();
        return missing;
    }

    private ArrowStreamReader Open()
    {
        _content.Position = 0;
        var compression = new CompressionCodecFactory();
        return _isStream ? new ArrowStreamReader(_content, _memory, compression, leaveOpen: true) : new ArrowFileReader(_content, _memory, compression, leaveOpen: true);
    }

    private RecordBatch? ReadBatch()
    {
        var start = _content.Position;
        var batch = Translate(_reader.ReadNextRecordBatch);
        // A stream says where it ends; one that is cut between two batches does not.
        if (batch is null && _isStream && _content.Position - start != EndOfStreamLength)
            throw Damaged("it has no end");
        return batch;
    }

    /// <summary>Says which file is damaged: the library throws whatever it meets.</summary>
    private T Translate<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is NotSupportedException or NotImplementedException)
        {
            throw new InvalidDataException($"'{Path}' has what cannot be read of Arrow here: {exception.Message.TrimEnd('.')}. Write it again, with plain columns of numbers or text.", exception);
        }
        catch (Exception exception) when (exception is not (OutOfMemoryException or UnauthorizedAccessException))
        {
            throw Damaged(exception.Message, exception);
        }
    }

    private InvalidDataException Damaged(string what, Exception? cause = null) =>
        new($"'{Path}' cannot be read as Arrow: {what.TrimEnd('.')}. It is damaged or cut short: fetch or write it again.", cause);
}
