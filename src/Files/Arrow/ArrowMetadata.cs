using Apache.Arrow;
using Apache.Arrow.Types;
using Sconce.Files.Rows;

namespace Sconce.Files.Arrow;

/// <summary>Checks Arrow's metadata before the library allocates what it claims.</summary>
internal static class ArrowMetadata
{
    private const int MostDepth = 64;
    /// <summary>Record batches are padded to a multiple of 8 or 64 bytes.</summary>
    public const int MostPadding = 64;

    // Fields of the tables of Arrow's Schema.fbs and Message.fbs, in their order.
    private const int SchemaEndianness = 0, SchemaFields = 1;
    private const int FieldName = 0, FieldChildren = 5, FieldMetadata = 6;
    private const int MetadataKey = 0, MetadataValue = 1;
    private const int BatchLength = 0, BatchNodes = 1, BatchBuffers = 2, BatchCompression = 3, BatchVariadicCounts = 4;
    private const int CompressionCodec = 0;
    private const int NodeBytes = 16, BufferBytes = 16;
    private const short BigEndian = 1;
    private const byte Lz4 = 0;
    /// <summary>The maximum compression ratio of a buffer: 255 for LZ4; Zstandard compresses 128 KB to a block of a few bytes.</summary>
    private const long MostLz4 = 255, MostZstandard = 1 << 16;
    /// <summary>
    /// The maximum number of values of a record batch that take no bytes: missing values of a column without a type, and values of a single
    /// run.
    /// </summary>
    private const long MostWithoutBytes = 1 << 22;

    /// <summary>Checks a schema.</summary>
    /// <param name="schema">The table.</param>
    /// <param name="bytes">The length of the metadata, which bounds the number of columns.</param>
    /// <exception cref="RefusedFileException">The file's numbers are big-endian.</exception>
    public static void CheckSchema(FlatTable schema, int bytes)
    {
        if (schema.Int16(SchemaEndianness) == BigEndian)
            throw new RefusedFileException("has numbers in big-endian byte order, which is not supported. Write it again on a little-endian machine");
        var left = bytes;
        CheckFields(schema, SchemaFields, depth: 0, ref left);
    }

    /// <summary>Checks a record batch, or the record batch of a dictionary.</summary>
    /// <param name="batch">The table.</param>
    /// <param name="body">The length of the message's body, in which its buffers lie.</param>
    public static void CheckBatch(FlatTable batch, long body)
    {
        if (batch.Int64(BatchLength) is < 0 or > int.MaxValue)
            throw new InvalidDataException($"a record batch claims {batch.Int64(BatchLength)} rows");
        var nodes = batch.Vector(BatchNodes, NodeBytes);
        for (var i = 0; i < nodes.Count; i++)
        {
            var (length, missing) = (nodes.Int64(i), nodes.Int64(i, sizeof(long)));
            if (length is < 0 or > int.MaxValue || missing < 0 || missing > length)
                throw new InvalidDataException($"a record batch claims a column of {length} values, {missing} of them missing");
        }

        var buffers = batch.Vector(BatchBuffers, BufferBytes);
        var end = 0L;
        for (var i = 0; i < buffers.Count; i++)
        {
            var (offset, length) = (buffers.Int64(i), buffers.Int64(i, sizeof(long)));
            if (offset < 0 || length < 0 || offset > body || length > body - offset)
                throw new InvalidDataException($"a record batch of {body} bytes claims {length} of them from byte {offset}");
            end = Math.Max(end, offset + length);
        }

        // Bytes that no column uses might hide another batch.
        if (body - end >= MostPadding)
            throw new InvalidDataException($"a record batch has {body} bytes, but its columns have {end}");
        var variadic = batch.Vector(BatchVariadicCounts, sizeof(long));
        for (var i = 0; i < variadic.Count; i++)
        {
            if (variadic.Int64(i) < 0 || variadic.Int64(i) > buffers.Count)
                throw new InvalidDataException($"a record batch of {buffers.Count} buffers claims {variadic.Int64(i)} of them for a column");
        }
    }

    /// <summary>Whether a record batch is compressed.</summary>
    public static bool IsPacked(FlatTable batch) => batch.Table(BatchCompression) is not null;

    /// <summary>The buffers of a compressed record batch, which begin with their uncompressed length; empty if it is not compressed.</summary>
    public static IEnumerable<(long Offset, long Length)> PackedBuffers(FlatTable batch)
    {
        var buffers = batch.Vector(BatchBuffers, BufferBytes);
        for (var i = 0; IsPacked(batch) && i < buffers.Count; i++)
        {
            if (buffers.Int64(i, sizeof(long)) >= sizeof(long))
                yield return (buffers.Int64(i), buffers.Int64(i, sizeof(long)));
        }
    }

    /// <summary>Checks the uncompressed length that a buffer claims, before it is allocated.</summary>
    public static void CheckPacked(FlatTable batch, long length, long unpacked)
    {
        var most = length * (batch.Table(BatchCompression)?.Byte(CompressionCodec) == Lz4 ? MostLz4 : MostZstandard);
        // -1 marks a buffer that is not compressed after all.
        if (unpacked < -1 || unpacked > most)
            throw new InvalidDataException($"a compressed buffer of {length} bytes claims to have {unpacked}");
    }

    /// <summary>Checks the number of values that a record batch claims: a value takes at least a bit, except in runs and where all are missing.</summary>
    /// <param name="batch">The table.</param>
    /// <param name="bytes">The number of its bytes, uncompressed.</param>
    /// <exception cref="RefusedFileException">There are too many values.</exception>
    public static void CheckValues(FlatTable batch, long bytes)
    {
        var values = 0L;
        var nodes = batch.Vector(BatchNodes, NodeBytes);
        for (var i = 0; i < nodes.Count; i++)
            values += nodes.Int64(i);
        if (Math.Max(values, batch.Int64(BatchLength)) / 8 > bytes + MostWithoutBytes / 8)
            throw new RefusedFileException($"has a record batch of {batch.Int64(BatchLength)} rows, whose columns claim {values} values in {bytes} bytes. Write it again in smaller record batches, unless it is damaged");
    }

    /// <summary>The names, types and order of a schema's columns, as text for comparison.</summary>
    public static string Describe(Schema schema) => string.Join('\n', schema.FieldsList.Select(Describe));

    private static string Describe(Field field) => $"{field.Name}: {Describe(field.DataType)}{(field.IsNullable ? "" : " required")}";

    private static string Describe(IArrowType type) => type switch
    {
        FixedSizeListType list => $"{list.Name}[{list.ListSize}]<{string.Join(", ", list.Fields.Select(Describe))}>",
        NestedType nested => $"{nested.Name}<{string.Join(", ", nested.Fields.Select(Describe))}>",
        DictionaryType dictionary => $"dictionary<{Describe(dictionary.IndexType)}, {Describe(dictionary.ValueType)}>",
        TimestampType timestamp => $"timestamp<{timestamp.Unit}, {timestamp.Timezone}>",
        TimeBasedType time => $"{time.Name}<{time.Unit}>",
        Decimal32Type number => $"{number.Name}<{number.Precision}, {number.Scale}>",
        Decimal64Type number => $"{number.Name}<{number.Precision}, {number.Scale}>",
        Decimal128Type number => $"{number.Name}<{number.Precision}, {number.Scale}>",
        Decimal256Type number => $"{number.Name}<{number.Precision}, {number.Scale}>",
        _ => type.Name,
    };

    private static void CheckFields(FlatTable table, int fields, int depth, ref int left)
    {
        if (depth > MostDepth)
            throw new InvalidDataException($"its columns are nested more than {MostDepth} deep");
        foreach (var field in table.Tables(fields))
        {
            if (--left < 0)
                throw new InvalidDataException("it claims more columns than its metadata contains");
            // Many fields may share one name.
            left -= field.Text(FieldName).Length;
            foreach (var pair in field.Tables(FieldMetadata))
                left -= 1 + pair.Text(MetadataKey).Length + pair.Text(MetadataValue).Length;
            if (left < 0)
                throw new InvalidDataException("it claims more text for its columns than its metadata contains");
            CheckFields(field, FieldChildren, depth + 1, ref left);
        }
    }
}
