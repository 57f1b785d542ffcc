using System.Buffers.Binary;
using System.Text;

namespace Sconce.Trainers.Tests.TensorBoard;

/// <summary>Reads event files from the formats' specifications alone (TFRecord, protocol buffers' wire format, the field numbers of TensorBoard's .proto files), with nothing of the writer's.</summary>
internal sealed record EventRecord(double WallTime, long Step, string? FileVersion, WireMessage? Graph, IReadOnlyList<WireMessage> Values, long? SessionStatus)
{
    /// <summary>Every event of a file; each record's two checksums are checked.</summary>
    public static List<EventRecord> ReadFile(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var events = new List<EventRecord>();
        for (var position = 0; position < bytes.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(position));
            CheckSum(bytes.AsSpan(position, 8), bytes.AsSpan(position + 8));
            var content = bytes.AsSpan(position + 12, length);
            CheckSum(content, bytes.AsSpan(position + 12 + length));
            events.Add(Parse(new WireMessage(content.ToArray())));
            position += 12 + length + 4;
        }

        return events;
    }

    /// <summary>Every event of the one event file in a folder.</summary>
    public static List<EventRecord> ReadFolder(string folder) => ReadFile(Assert.Single(Directory.GetFiles(folder, "events.out.tfevents.*")));

    /// <summary>Every event of a folder, as TensorBoard reads it: files in the order of their names, and what begins at a step takes away what was told of it and of later ones.</summary>
    public static List<EventRecord> ReadRun(string folder)
    {
        var read = new List<EventRecord>();
        foreach (var file in Directory.GetFiles(folder, "events.out.tfevents.*").Order(StringComparer.Ordinal))
        {
            var events = ReadFile(file);
            if (events.SingleOrDefault(record => record.SessionStatus == 1) is { Step: var start })
                read.RemoveAll(record => record.Step >= start && record.Values.Any(value => value.Message(9) is null));
            read.AddRange(events);
        }

        return read;
    }

    /// <summary>CRC-32C bit by bit: the polynomial 0x1EDC6F41, reflected.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> data)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 1 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
        }

        return ~crc;
    }

    private static EventRecord Parse(WireMessage message) => new(
        message.Double(1) ?? 0, message.Integer(2) ?? 0, message.Text(3), message.Bytes(4) is { } graph ? new(graph) : null, message.Message(5)?.Messages(1) ?? [], message.Message(7)?.Integer(1));

    private static void CheckSum(ReadOnlySpan<byte> data, ReadOnlySpan<byte> expected)
    {
        // The mask turns the checksum by 15 bits and adds a constant: here it is taken off again.
        var turned = BinaryPrimitives.ReadUInt32LittleEndian(expected) - 0xA282EAD8;
        Assert.Equal(Crc32C(data), (turned << 15) | (turned >> 17));
    }
}

/// <summary>A protocol buffer message, taken apart into its fields.</summary>
internal sealed class WireMessage
{
    private readonly List<(int Field, int Type, ulong Number, byte[] Bytes)> _fields = [];

    public WireMessage(byte[] content)
    {
        var position = 0;
        while (position < content.Length)
        {
            var key = Varint();
            var (field, type) = ((int)(key >> 3), (int)(key & 7));
            Assert.True(field > 0);
            switch (type)
            {
                case 0:
                    _fields.Add((field, type, Varint(), []));
                    break;
                case 1:
                    _fields.Add((field, type, BinaryPrimitives.ReadUInt64LittleEndian(content.AsSpan(position)), []));
                    position += 8;
                    break;
                case 2:
                    var length = (int)Varint();
                    _fields.Add((field, type, 0, content[position..(position + length)]));
                    position += length;
                    break;
                case 5:
                    _fields.Add((field, type, BinaryPrimitives.ReadUInt32LittleEndian(content.AsSpan(position)), []));
                    position += 4;
                    break;
                default:
                    Assert.Fail($"Field {field} has the wire type {type}.");
                    break;
            }
        }

        Assert.Equal(content.Length, position);

        ulong Varint()
        {
            var value = 0UL;
            for (var shift = 0; ; shift += 7)
            {
                var next = content[position++];
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80)
                    return value;
            }
        }
    }

    public long? Integer(int field) => Find(field, 0) is { } found ? (long)found.Number : null;

    public double? Double(int field) => Find(field, 1) is { } found ? BitConverter.UInt64BitsToDouble(found.Number) : null;

    public float? Float(int field) => Find(field, 5) is { } found ? BitConverter.UInt32BitsToSingle((uint)found.Number) : null;

    public byte[]? Bytes(int field) => Find(field, 2)?.Bytes;

    public string? Text(int field) => Bytes(field) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    public IEnumerable<string> Texts(int field) => All(field).Select(Encoding.UTF8.GetString);

    public WireMessage? Message(int field) => Bytes(field) is { } bytes ? new(bytes) : null;

    public List<WireMessage> Messages(int field) => [.. All(field).Select(bytes => new WireMessage(bytes))];

    public double[] Doubles(int field) => [.. Bytes(field)!.Chunk(8).Select(bytes => BitConverter.ToDouble(bytes))];

    /// <summary>A map from text to messages.</summary>
    public Dictionary<string, WireMessage> Map(int field) => Messages(field).ToDictionary(entry => entry.Text(1)!, entry => entry.Message(2)!);

    private IEnumerable<byte[]> All(int field) => _fields.Where(found => found.Field == field).Select(found =>
    {
        Assert.Equal(2, found.Type);
        return found.Bytes;
    });

    private (int Field, int Type, ulong Number, byte[] Bytes)? Find(int field, int type)
    {
        var found = _fields.FindAll(one => one.Field == field);
        if (found.Count == 0)
            return null;
        Assert.Equal(type, Assert.Single(found).Type);
        return found[0];
    }
}

internal static class EventRecords
{
    /// <summary>The points of a curve.</summary>
    public static List<(long Step, float Value)> Scalars(this IEnumerable<EventRecord> events, string tag) =>
        [.. events.SelectMany(record => record.Values.Where(value => value.Text(1) == tag).Select(value => (record.Step, Assert.NotNull(value.Float(2)))))];

    /// <summary>What a plugin is told: of a tag TensorBoard keeps the metadata that it reads first. Null where there is none.</summary>
    public static WireMessage? PluginData(this IEnumerable<EventRecord> events, string tag, string plugin)
    {
        if (events.Tagged(tag) is not [var (_, first), ..])
            return null;
        var metadata = first.Message(9)!.Message(1)!;
        Assert.Equal(plugin, metadata.Text(1));
        return metadata.Message(2)!;
    }

    /// <summary>What a tag has, with the steps.</summary>
    public static List<(long Step, WireMessage Value)> Tagged(this IEnumerable<EventRecord> events, string tag) =>
        [.. events.SelectMany(record => record.Values.Where(value => value.Text(1) == tag).Select(value => (record.Step, value)))];

    /// <summary>All tags.</summary>
    public static SortedSet<string> Tags(this IEnumerable<EventRecord> events) => [.. events.SelectMany(record => record.Values).Select(value => value.Text(1)!)];
}
