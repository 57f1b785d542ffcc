using Apache.Arrow;
using Apache.Arrow.Compression;
using Apache.Arrow.Ipc;
using Apache.Arrow.Memory;
using Sconce.Files.Columnar;
using Sconce.Files.Rows;

namespace Sconce.Files.Arrow;

/// <summary>Reads an Arrow file or stream, one record batch after another. The native memory of a batch is freed before the next is read.</summary>
internal sealed class ArrowRowReader : ColumnarRowReader
{
    private readonly Stream _content;
    private readonly MemoryAllocator? _memory;
    private readonly ArrowMessages _messages;
    private readonly ArrowField[] _fields;
    private readonly ArrowStreamReader _reader;
    private RecordBatch? _batch;

    /// <param name="path">The file, for messages.</param>
    /// <param name="content">The file; it is disposed with the reader.</param>
    /// <param name="request">The requested columns.</param>
    /// <param name="memory">Allocates record batches; null for the library's allocator.</param>
    /// <exception cref="InvalidDataException">The file is damaged, or lacks a column.</exception>
    public ArrowRowReader(string path, Stream content, RowRequest request, MemoryAllocator? memory = null)
        : base(path, "Arrow", "record batch")
    {
        (_content, _memory) = (content, memory);
        try
        {
            _messages = Translate(() => new ArrowMessages(content));
            _reader = Open();
            Translate(CheckSchemas);
            _fields = Translate(() => ArrowField.Of(_reader.Schema).ToArray());
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

    protected override FieldChunk ReadField(int field) => Translate(() =>
    {
        var path = _fields[field].Path;
        var array = _batch!.Column(path[0]);
        ArrowBuffers.Check(array.Data);
        return ArrowChunks.Read(array, path.AsSpan(1), ArrowChunks.Read);
    });

    protected override void CloseChunk()
    {
        // The library frees dictionaries with a batch, although later batches need them. If they have their own memory, the garbage
        // collector frees them.
        if (!_messages.HasPackedDictionaries)
            _batch?.Dispose();
        _batch = null;
    }

    private ArrowStreamReader Open()
    {
        _content.Position = 0;
        var compression = new CompressionCodecFactory();
        return _messages.IsStream
            ? new ArrowStreamReader(_content, _memory, compression, leaveOpen: true)
            : new ArrowFileReader(_content, _memory, compression, leaveOpen: true);
    }

    /// <summary>Compares the columns in a file's table of contents with those in its first message: damage in one of them is not detected otherwise.</summary>
    private bool CheckSchemas()
    {
        var schema = _reader.Schema;
        if (_messages.IsStream)
            return true;
        var position = _content.Position;
        _content.Position = _messages.Start;
        using var first = new ArrowStreamReader(_content, leaveOpen: true);
        if (ArrowMetadata.Describe(first.Schema) != ArrowMetadata.Describe(schema))
            throw new InvalidDataException("its columns at the beginning and in its table of contents differ");
        _content.Position = position;
        return true;
    }

    private RecordBatch? ReadBatch() => Translate(() =>
    {
        if (!_messages.CheckNext())
            return null;
        var batch = _reader.ReadNextRecordBatch() ?? throw new InvalidDataException("a record batch was not found");
        if (batch.ColumnCount == _reader.Schema.FieldsList.Count && batch.Arrays.All(array => array.Length == batch.Length))
            return batch;
        batch.Dispose();
        throw new InvalidDataException($"a record batch of {batch.Length} rows has columns of other lengths");
    });
}
