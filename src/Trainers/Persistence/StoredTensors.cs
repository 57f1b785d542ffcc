using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using Sconce.Trainers.Networks;

namespace Sconce.Trainers.Persistence;

/// <summary>
/// The tensors that a file of the safetensors format holds. Every length is checked before anything is allocated, and what the format's
/// own reader rejects is rejected here as well.
/// </summary>
internal readonly ref struct StoredTensors
{
    /// <summary>The maximum length of a header in the format's own reader.</summary>
    private const int LongestHeader = 100_000_000;
    private const int LengthBytes = 8;
    private const string Metadata = "__metadata__";

    private readonly ReadOnlySpan<byte> _data;
    private readonly Func<string, InvalidDataException> _refuse;
    private readonly Dictionary<string, StoredTensor> _left;
    private readonly List<(string Name, StoredTensor Tensor)> _inOrder;

    /// <param name="content">The file's content.</param>
    /// <param name="refuse">Creates the exception from a description: "it has no header".</param>
    /// <exception cref="InvalidDataException">The content is not in the format.</exception>
    public StoredTensors(ReadOnlySpan<byte> content, Func<string, InvalidDataException> refuse)
    {
        _refuse = refuse;
        if (content.Length < LengthBytes)
            throw refuse($"it has {content.Length} bytes, fewer than its header");
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(content);
        if (!HasHeader(content, content.Length))
            throw refuse($"its header claims {headerLength} bytes, more than the {content.Length} in the file");
        if (headerLength > LongestHeader)
            throw refuse($"its header has {headerLength} bytes; the format allows at most {LongestHeader}");

        _data = content[(LengthBytes + (int)headerLength)..];
        _left = [];
        foreach (var property in Parse(content.Slice(LengthBytes, (int)headerLength), refuse))
        {
            if (property.Name == Metadata)
                CheckMetadata(property.Value, refuse);
            else
                _left.Add(property.Name, Describe(property, refuse));
        }

        _inOrder = [.. _left.Select(tensor => (tensor.Key, tensor.Value)).OrderBy(tensor => tensor.Value.Begin).ThenBy(tensor => tensor.Value.End)];
    }

    /// <summary>The names of the remaining tensors.</summary>
    public IReadOnlyCollection<string> Left => _left.Keys;

    /// <summary>Whether a file is as long as its first bytes claim: most files of other formats are not.</summary>
    public static bool HasHeader(ReadOnlySpan<byte> content, long length) =>
        content.Length >= LengthBytes && BinaryPrimitives.ReadUInt64LittleEndian(content) <= (ulong)length - LengthBytes;

    /// <summary>Removes a tensor from the remaining ones.</summary>
    public bool TryTake(string name, out StoredTensor tensor) => _left.Remove(name, out tensor);

    /// <summary>Removes a tensor that a network needs from the remaining ones, and returns its bytes.</summary>
    /// <exception cref="InvalidDataException">It is missing, or has another type or shape.</exception>
    public ReadOnlySpan<byte> Take(WeightShape expected)
    {
        if (!TryTake(expected.Name, out var found))
            throw _refuse($"it lacks the tensor '{expected.Name}'");
        if (found.Type != expected.Type || !found.Shape.AsSpan().SequenceEqual(expected.Shape))
            throw _refuse($"its tensor '{expected.Name}' is {found}; the network has {expected.Type}[{string.Join(", ", expected.Shape)}]");
        return Bytes(expected.Name, found);
    }

    /// <summary>Returns the bytes of a tensor.</summary>
    /// <exception cref="InvalidDataException">Its bytes are outside the file, or do not match its shape.</exception>
    public ReadOnlySpan<byte> Bytes(string name, StoredTensor tensor)
    {
        if (tensor.Begin < 0 || tensor.End < tensor.Begin || tensor.End > _data.Length)
            throw _refuse($"its tensor '{name}' claims the bytes {tensor.Begin} to {tensor.End} of {_data.Length}");
        if (tensor.End - tensor.Begin != tensor.Length)
            throw _refuse($"its tensor '{name}' has {tensor.End - tensor.Begin} bytes; its shape needs {tensor.Length}");
        return _data[(int)tensor.Begin..(int)tensor.End];
    }

    /// <summary>Checks that the tensors fill the file: the format has neither gaps nor overlaps.</summary>
    /// <exception cref="InvalidDataException">They do not.</exception>
    public void CheckCoverage()
    {
        long covered = 0;
        foreach (var (name, tensor) in _inOrder)
        {
            Bytes(name, tensor);
            covered = tensor.Begin == covered ? tensor.End : throw _refuse($"its tensor '{name}' begins at byte {tensor.Begin}, where {covered} is expected");
        }

        if (covered != _data.Length)
            throw _refuse($"its tensors fill {covered} of {_data.Length} bytes");
    }

    private static List<JsonProperty> Parse(ReadOnlySpan<byte> json, Func<string, InvalidDataException> refuse)
    {
        if (!Utf8.IsValid(json))
            throw refuse("its header is not UTF-8");
        if (json is not [(byte)'{', ..])
            throw refuse("its header is not a JSON object: it does not begin with '{'");
        JsonElement header;
        try
        {
            using var document = JsonDocument.Parse(json.ToArray());
            header = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw refuse("its header is not a JSON object");
        }

        return RefuseTwice(header, "its header", refuse);
    }

    private static void CheckMetadata(JsonElement metadata, Func<string, InvalidDataException> refuse)
    {
        if (metadata.ValueKind != JsonValueKind.Object)
            throw refuse($"'{Metadata}' in its header is not a JSON object");
        foreach (var property in RefuseTwice(metadata, $"'{Metadata}' in its header", refuse))
        {
            if (property.Value.ValueKind != JsonValueKind.String)
                throw refuse($"the metadata '{property.Name}' in its header is not a string");
        }
    }

    /// <summary>Refuses two values with one name, of which the later would silently win.</summary>
    private static List<JsonProperty> RefuseTwice(JsonElement element, string what, Func<string, InvalidDataException> refuse)
    {
        List<JsonProperty> properties = [.. element.EnumerateObject()];
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (var property in properties)
        {
            if (!names.Add(property.Name))
                throw refuse($"{what} has '{property.Name}' twice");
        }

        return properties;
    }

    private static StoredTensor Describe(JsonProperty property, Func<string, InvalidDataException> refuse)
    {
        StoredTensor tensor;
        try
        {
            RefuseTwice(property.Value, $"the tensor '{property.Name}' in its header", refuse);
            var offsets = property.Value.GetProperty("data_offsets");
            var shape = property.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()).ToArray();
            tensor = offsets.GetArrayLength() == 2 && Array.TrueForAll(shape, size => size >= 0)
                ? new(property.Value.GetProperty("dtype").GetString()!, shape, offsets[0].GetInt64(), offsets[1].GetInt64())
                : throw new FormatException();
        }
        catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw refuse($"its header has an invalid description of the tensor '{property.Name}'");
        }

        return StoredTensor.Bits.ContainsKey(tensor.Type ?? "") ? tensor : throw refuse($"its tensor '{property.Name}' has the type '{tensor.Type}', which is not a type of the format");
    }
}

/// <summary>A tensor in a file.</summary>
/// <param name="Type">The format's name of its type: F32.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Begin">The offset of its first byte, after the header.</param>
/// <param name="End">The offset after its last byte.</param>
internal readonly record struct StoredTensor(string Type, long[] Shape, long Begin, long End)
{
    private const int BFloat16Shift = 16;
    private const int BitsPerByte = 8;
    private const long MostBits = long.MaxValue - BitsPerByte + 1;

    /// <summary>The format's types, with the number of bits of a value.</summary>
    public static IReadOnlyDictionary<string, int> Bits { get; } = new (int Bits, string[] Types)[]
    {
        (4, ["F4"]),
        (6, ["F6_E2M3", "F6_E3M2"]),
        (8, ["BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"]),
        (16, ["I16", "U16", "F16", "BF16"]),
        (32, ["I32", "U32", "F32"]),
        (64, ["C64", "F64", "I64", "U64"]),
    }.SelectMany(size => size.Types, (size, type) => (type, size.Bits)).ToDictionary();

    /// <summary>The types whose numbers <see cref="ToSingles"/> reads.</summary>
    public static IReadOnlyList<string> FloatTypes { get; } = ["F32", "F16", "BF16", "F64"];

    /// <summary>The number of bytes that its shape needs, capped at the maximum; -1 if they are not whole bytes.</summary>
    public long Length
    {
        get
        {
            var bits = Shape.Aggregate((Int128)Bits[Type], (product, size) => Int128.Min(product * size, MostBits));
            return bits % BitsPerByte != 0 ? -1 : (long)(bits / BitsPerByte);
        }
    }

    /// <summary>Converts numbers to 32-bit floats: from 16 bits exactly, from 64 bits rounded.</summary>
    public void ToSingles(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        switch (Type)
        {
            case "F32":
                bytes.CopyTo(MemoryMarshal.AsBytes(values));
                break;
            case "F16":
                Convert<Half>(bytes, values, value => (float)value);
                break;
            case "BF16":
                Convert<ushort>(bytes, values, bits => BitConverter.UInt32BitsToSingle((uint)bits << BFloat16Shift));
                break;
            default:
                Convert<double>(bytes, values, value => (float)value);
                break;
        }
    }

    public override string ToString() => $"{Type}[{string.Join(", ", Shape)}]";

    private static void Convert<T>(ReadOnlySpan<byte> bytes, Span<float> values, Func<T, float> convert)
        where T : struct
    {
        var read = MemoryMarshal.Cast<byte, T>(bytes);
        for (var i = 0; i < read.Length; i++)
            values[i] = convert(read[i]);
    }
}
