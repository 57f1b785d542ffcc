using System.Buffers.Binary;
using System.Text.Json;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>
/// The safetensors format (huggingface/safetensors, format description of 2022): eight bytes of header length,
/// a JSON header that gives each tensor's type, shape and place, then the tensors' little-endian bytes.
/// </summary>
/// <remarks>Nothing in it is executable, and every length is checked before anything is allocated.</remarks>
internal static class Safetensors
{
    private static readonly (string Name, ScalarType Type)[] _types =
    [
        ("F32", ScalarType.Float32), ("F64", ScalarType.Float64), ("F16", ScalarType.Float16), ("BF16", ScalarType.BFloat16),
        ("I64", ScalarType.Int64), ("I32", ScalarType.Int32), ("I16", ScalarType.Int16), ("I8", ScalarType.Int8), ("U8", ScalarType.Byte), ("BOOL", ScalarType.Bool),
    ];

    /// <summary>Whether the format has a name for the type.</summary>
    public static bool CanHold(ScalarType type) => Array.Exists(_types, known => known.Type == type);

    /// <summary>Writes the tensors in the order given.</summary>
    public static void Write(Stream stream, IReadOnlyCollection<KeyValuePair<string, Tensor>> tensors)
    {
        using var header = new MemoryStream();
        using (var json = new Utf8JsonWriter(header))
        {
            json.WriteStartObject();
            long offset = 0;
            foreach (var (name, tensor) in tensors)
            {
                var length = tensor.numel() * tensor.element_size();
                json.WriteStartObject(name);
                json.WriteString("dtype", _types.Single(type => type.Type == tensor.dtype).Name);
                WriteNumbers(json, "shape", tensor.shape);
                WriteNumbers(json, "data_offsets", [offset, offset += length]);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        // The format asks for tensors that begin at a multiple of eight: the header is padded with spaces.
        while (header.Length % 8 != 0)
            header.WriteByte((byte)' ');

        Span<byte> lengthBytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(lengthBytes, (ulong)header.Length);
        stream.Write(lengthBytes);
        stream.Write(header.GetBuffer().AsSpan(0, (int)header.Length));
        foreach (var (_, tensor) in tensors)
        {
            using var scope = NewDisposeScope();
            stream.Write(tensor.detach().cpu().contiguous().bytes);
        }
    }

    /// <summary>Copies the tensors that <paramref name="content"/> holds into those of the same name.</summary>
    /// <exception cref="InvalidDataException">The content is not in the format, or does not hold exactly the tensors of <paramref name="destinations"/>.</exception>
    public static void Read(ReadOnlySpan<byte> content, string entry, IReadOnlyCollection<KeyValuePair<string, Tensor>> destinations)
    {
        if (content.Length < 8)
            throw Invalid($"it has {content.Length} bytes, fewer than its header");
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(content);
        if (headerLength > (ulong)content.Length - 8)
            throw Invalid($"it claims a header of {headerLength} bytes, more than the entry's {content.Length}");

        var header = Parse(content.Slice(8, (int)headerLength));
        var data = content[(8 + (int)headerLength)..];
        var stored = new Dictionary<string, (string Type, long[] Shape, long Begin, long End)>();
        foreach (var property in header.EnumerateObject().Where(property => property.Name != "__metadata__"))
        {
            if (!stored.TryAdd(property.Name, Describe(property)))
                throw Invalid($"its header has the tensor '{property.Name}' twice");
        }

        var ranges = stored.Values.Select(tensor => (tensor.Begin, tensor.End)).Order().ToList();
        using var noGradient = no_grad();
        foreach (var (name, destination) in destinations)
        {
            if (!stored.Remove(name, out var found))
                throw Invalid($"it lacks the tensor '{name}'");

            var type = _types.Single(type => type.Type == destination.dtype).Name;
            if (found.Type != type || !found.Shape.AsSpan().SequenceEqual(destination.shape))
                throw Invalid($"its tensor '{name}' is {found.Type}[{string.Join(", ", found.Shape)}]; the network has {type}[{string.Join(", ", destination.shape)}]");
            var length = destination.numel() * destination.element_size();
            if (found.Begin < 0 || found.End < found.Begin || found.End > data.Length)
                throw Invalid($"its tensor '{name}' claims the bytes {found.Begin} to {found.End} of {data.Length}");
            if (found.End - found.Begin != length)
                throw Invalid($"its tensor '{name}' has {found.End - found.Begin} bytes; its shape needs {length}");
            data[(int)found.Begin..(int)found.End].CopyTo(destination.bytes);
        }

        if (stored.Count > 0)
            throw Invalid($"it has the tensor '{stored.Keys.First()}', which the network has not");

        // The format has neither holes nor overlaps.
        long covered = 0;
        foreach (var (begin, end) in ranges)
            covered = begin == covered ? end : throw Invalid($"a tensor begins at byte {begin}, where {covered} is expected");
        if (covered != data.Length)
            throw Invalid($"its tensors fill {covered} of {data.Length} bytes");

        JsonElement Parse(ReadOnlySpan<byte> json)
        {
            try
            {
                using var document = JsonDocument.Parse(json.ToArray());
                if (document.RootElement.ValueKind == JsonValueKind.Object)
                    return document.RootElement.Clone();
            }
            catch (JsonException)
            {
                // Said below.
            }

            throw Invalid("its header is no JSON object");
        }

        (string, long[], long, long) Describe(JsonProperty property)
        {
            try
            {
                var offsets = property.Value.GetProperty("data_offsets");
                var shape = property.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()).ToArray();
                return (property.Value.GetProperty("dtype").GetString()!, shape, offsets[0].GetInt64(), offsets[1].GetInt64());
            }
            catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
            {
                throw Invalid($"its header describes the tensor '{property.Name}' in a way that is not the format's");
            }
        }

        InvalidDataException Invalid(string found) => new($"The model's entry '{entry}' does not hold the network's weights: {found}. Train and save the model again.");
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IEnumerable<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
