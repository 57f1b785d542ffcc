using System.Buffers.Binary;
using Sconce.Files.Rows;

namespace Sconce.Files.Arrow;

/// <summary>The messages of an Arrow file or stream, each checked first: Arrow has no checksums, and the library treats unreadable messages as the end.</summary>
internal sealed class ArrowMessages
{
    private const int Continuation = -1;
    private const int PrefixBytes = 8;
    private const int LegacyPrefixBytes = 4;
    private const int BlockBytes = 24;
    private const int FileStart = 8;
    private const int LengthBytes = 4;
    private const int MessageVersion = 0, MessageType = 1, MessageHeader = 2, MessageBody = 3;
    private const int FooterSchema = 1, FooterDictionaries = 2, FooterBatches = 3;
    private const int DictionaryData = 1;
    private const byte SchemaType = 1, DictionaryType = 2, BatchType = 3;
    private const short OldestVersion = 3, NewestVersion = 4;

    private readonly Stream _content;
    private readonly List<Block> _batches = [];
    private int _next;

    /// <exception cref="InvalidDataException">The file is damaged, or is not Arrow.</exception>
    /// <exception cref="RefusedFileException">The file is of an unsupported kind.</exception>
    public ArrowMessages(Stream content)
    {
        _content = content;
        content.Position = 0;
        Span<byte> start = stackalloc byte[64];
        start = start[..content.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        if (start.StartsWith("FEA1"u8))
            throw new RefusedFileException($"{FileSignature.Feather1}; {FileSignature.RewriteFeather1}");
        IsStream = start is [0xFF, 0xFF, 0xFF, 0xFF, ..] || IsLegacyStream(start);
        if (!IsStream && !start.StartsWith("ARROW1"u8))
            throw new InvalidDataException("it begins with neither ARROW1 nor a stream's first message");
        if (IsStream)
            CheckSchema(Read(0, content.Length));
        else
            CheckFile();
        content.Position = 0;
    }

    /// <summary>Whether the content is a stream, which has no table of contents.</summary>
    public bool IsStream { get; }

    /// <summary>Whether a dictionary that was checked is compressed.</summary>
    public bool HasPackedDictionaries { get; private set; }

    /// <summary>The position of the first message, which has the schema.</summary>
    public int Start => IsStream ? 0 : FileStart;

    /// <summary>Whether a file is a stream of version 0.14 or earlier, which begins with the length of the schema message.</summary>
    /// <param name="start">The first 64 bytes, or all if there are fewer.</param>
    public static bool IsLegacyStream(ReadOnlySpan<byte> start)
    {
        const int LeastLength = 32, MostLength = 1 << 24;
        if (start.Length < LeastLength || BinaryPrimitives.ReadInt32LittleEndian(start) is < LeastLength or > MostLength)
            return false;
        try
        {
            var message = FlatTable.Root(start[LegacyPrefixBytes..].ToArray());
            return message.Int16(MessageVersion) is >= 0 and <= NewestVersion && message.Byte(MessageType) == SchemaType;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>Checks the next messages up to a record batch, and leaves the content at its position.</summary>
    /// <returns>False at the end.</returns>
    public bool CheckNext() => IsStream ? CheckNextOfStream() : CheckNextOfFile();

    private bool CheckNextOfStream()
    {
        var start = _content.Position;
        Message message;
        for (var position = start; ; position = message.End)
        {
            message = Read(position, _content.Length);
            if (message.Type is not DictionaryType)
                break;
            CheckBatch(message);
        }

        if (message.Type != 0)
            CheckBatch(message, BatchType);
        else if (message.End < _content.Length)
            throw new InvalidDataException($"it ends at byte {message.End}, but {_content.Length - message.End} bytes follow");
        _content.Position = start;
        return message.Type != 0;
    }

    private bool CheckNextOfFile()
    {
        if (_next == _batches.Count)
            return false;
        var block = _batches[_next++];
        CheckBatch(Read(block), BatchType);
        return true;
    }

    /// <summary>Checks the table of contents at the end, and that it lists all that lies before it.</summary>
    private void CheckFile()
    {
        var magic = "ARROW1"u8;
        var end = _content.Length - magic.Length - LengthBytes;
        if (end < FileStart)
            throw new InvalidDataException("it ends before its table of contents");
        Span<byte> tail = stackalloc byte[LengthBytes + magic.Length];
        _content.Position = end;
        _content.ReadExactly(tail);
        var length = BinaryPrimitives.ReadInt32LittleEndian(tail);
        if (!tail[LengthBytes..].SequenceEqual(magic))
            throw new InvalidDataException("it does not end with ARROW1");
        if (length <= 0 || length > end - FileStart)
            throw new InvalidDataException($"it claims a table of contents of {length} bytes, more than the {end - FileStart} in the file");
        var contents = new byte[length];
        _content.Position = end - length;
        _content.ReadExactly(contents);
        var footer = FlatTable.Root(contents);
        ArrowMetadata.CheckSchema(footer.Table(FooterSchema) ?? throw new InvalidDataException("its table of contents names no columns"), length);

        List<Block> dictionaries = [.. Block.Of(footer.Vector(FooterDictionaries, BlockBytes))];
        _batches.AddRange(Block.Of(footer.Vector(FooterBatches, BlockBytes)));
        var schema = Read(FileStart, end - length);
        CheckSchema(schema);
        var position = schema.End;
        foreach (var block in dictionaries.Concat(_batches).OrderBy(block => block.Offset))
        {
            var isAfter = block.Offset >= position && block.Offset - position < ArrowMetadata.MostPadding;
            if (!isAfter || block.MetadataLength <= 0 || block.BodyLength < 0 || block.BodyLength > end - length - block.Offset - block.MetadataLength)
                throw new InvalidDataException($"its table of contents has a record batch at byte {block.Offset} of {block.MetadataLength} and {block.BodyLength} bytes, but the one before it ends at byte {position}");
            position = block.Offset + block.MetadataLength + block.BodyLength;
        }

        if (end - length - position >= ArrowMetadata.MostPadding + PrefixBytes)
            throw new InvalidDataException($"its table of contents ends at byte {position}, but {end - length - position} bytes follow");
        foreach (var block in dictionaries)
            CheckBatch(Read(block), DictionaryType);
    }

    private static void CheckSchema(Message message)
    {
        if (message.Type != SchemaType)
            throw new InvalidDataException("its first message is not a schema");
        ArrowMetadata.CheckSchema(message.Header, message.MetadataLength);
    }

    private void CheckBatch(Message message, byte type = DictionaryType)
    {
        if (message.Type != type)
            throw new InvalidDataException($"the message at byte {message.Position} is of kind {message.Type}; a {(type == BatchType ? "record batch" : "dictionary")} is expected");
        var batch = type == BatchType ? message.Header : message.Header.Table(DictionaryData) ?? throw new InvalidDataException("a dictionary has no values");
        ArrowMetadata.CheckBatch(batch, message.BodyLength);
        HasPackedDictionaries |= type == DictionaryType && ArrowMetadata.IsPacked(batch);
        Span<byte> unpacked = stackalloc byte[sizeof(long)];
        var bytes = message.BodyLength;
        foreach (var (offset, length) in ArrowMetadata.PackedBuffers(batch))
        {
            _content.Position = message.End - message.BodyLength + offset;
            _content.ReadExactly(unpacked);
            var claimed = BinaryPrimitives.ReadInt64LittleEndian(unpacked);
            ArrowMetadata.CheckPacked(batch, length, claimed);
            bytes += Math.Max(claimed, 0);
        }

        ArrowMetadata.CheckValues(batch, bytes);
    }

    private Message Read(Block block)
    {
        var message = Read(block.Offset, block.Offset + block.MetadataLength + block.BodyLength);
        return message.End == block.Offset + block.MetadataLength + block.BodyLength && message.BodyLength == block.BodyLength ? message
            : throw new InvalidDataException($"its table of contents claims {block.MetadataLength} and {block.BodyLength} bytes at byte {block.Offset}, but the record batch there has other lengths");
    }

    /// <summary>Reads a message's metadata.</summary>
    /// <returns>The message; one of kind 0 at the end mark.</returns>
    private Message Read(long position, long end)
    {
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        _content.Position = position;
        if (_content.ReadAtLeast(prefix[..LegacyPrefixBytes], LegacyPrefixBytes, throwOnEndOfStream: false) < LegacyPrefixBytes)
            throw new InvalidDataException("it has no end");
        var length = BinaryPrimitives.ReadInt32LittleEndian(prefix);
        var metadata = position + LegacyPrefixBytes;
        if (length == Continuation)
        {
            if (_content.ReadAtLeast(prefix[LegacyPrefixBytes..], LegacyPrefixBytes, throwOnEndOfStream: false) < LegacyPrefixBytes)
                throw new InvalidDataException("it has no end");
            length = BinaryPrimitives.ReadInt32LittleEndian(prefix[LegacyPrefixBytes..]);
            metadata = position + PrefixBytes;
        }

        if (length == 0)
            return new(position, 0, 0, default, 0, metadata);
        if (length < 0 || length > end - metadata)
            throw new InvalidDataException($"the message at byte {position} claims metadata of {length} bytes, but {end - metadata} follow");
        var bytes = new byte[length];
        _content.ReadExactly(bytes);
        var message = FlatTable.Root(bytes);
        if (message.Int16(MessageVersion) is < OldestVersion or > NewestVersion)
            throw new RefusedFileException($"has Arrow metadata version V{message.Int16(MessageVersion) + 1}, which is not supported; V4 and V5 are. Write it again with a newer program, unless it is damaged");
        var body = message.Int64(MessageBody);
        if (body < 0 || body > end - metadata - length)
            throw new InvalidDataException($"the message at byte {position} claims {body} bytes, but {end - metadata - length} follow");
        if (body > int.MaxValue)
            throw new RefusedFileException($"has a record batch of {body} bytes, more than the supported {int.MaxValue}. Write it again in smaller record batches");
        var type = message.Byte(MessageType);
        return new(position, type, length, message.Table(MessageHeader) ?? throw new InvalidDataException($"the message at byte {position} is empty"), body, metadata + length + body);
    }

    private readonly record struct Message(long Position, byte Type, int MetadataLength, FlatTable Header, long BodyLength, long End);

    /// <summary>An entry of the table of contents.</summary>
    private readonly record struct Block(long Offset, int MetadataLength, long BodyLength)
    {
        public static IEnumerable<Block> Of(FlatVector blocks)
        {
            for (var i = 0; i < blocks.Count; i++)
                yield return new(blocks.Int64(i), blocks.Int32(i, sizeof(long)), blocks.Int64(i, 2 * sizeof(long)));
        }
    }
}
