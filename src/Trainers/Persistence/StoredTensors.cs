using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Sconce.Trainers;

/// <summary>The tensors that a file of the safetensors format holds. Every length is checked before anything is allocated.</summary>
internal readonly ref struct StoredTensors
{
    private const int LengthBytes = 8;
    private const string Metadata = "__metadata__";

    private readonly ReadOnlySpan<byte> _data;
    private readonly Func<string, InvalidDataException> _refuse;
    private readonly Dictionary<string, StoredTensor> _left;
    private readonly List<(long Begin, long End)> _ranges;

    /// <param name="content">The file's content.</param>
    /// <param name="refuse">Makes an exception of what was found: "it has no header".</param>
    /// <exception cref="InvalidDataException">The content is not in the format.</exception>
    public StoredTensors(ReadOnlySpan<byte> content, Func<string, InvalidDataException> refuse)
    {
        _refuse = refuse;
        if (content.Length < LengthBytes)
            throw refuse($"it has {content.Length} bytes, fewer than its header");
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(content);
        if (headerLength > (ulong)content.Length - LengthBytes)
            throw refuse($"it claims a header of {headerLength} bytes, more than the {content.Length} that it has");

        _data = content[(LengthBytes + (int)headerLength)..];
        _left = [];
        foreach (var property in Parse(content.Slice(LengthBytes, (int)headerLength), refuse).EnumerateObject().Where(property => property.Name != Metadata))
        {
            if (!_left.TryAdd(property.Name, Describe(property, refuse)))
                throw refuse($"its header has the tensor '{property.Name}' twice");
        }

        _ranges = [.. _left.Values.Select(tensor => (tensor.Begin, tensor.End)).Order()];
    }

    /// <summary>The names of the tensors that were not taken.</summary>
    public IReadOnlyCollection<string> Left => _left.Keys;

    /// <summary>Takes a tensor out of those that are left.</summary>
    public bool TryTake(string name, out StoredTensor tensor) => _left.Remove(name, out tensor);

    /// <summary>Gives a tensor's bytes.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="tensor">What <see cref="TryTake"/> gave.</param>
    /// <param name="length">How many bytes its shape and type need.</param>
    /// <exception cref="InvalidDataException">It claims bytes that are not there, or another number of them.</exception>
    public ReadOnlySpan<byte> Bytes(string name, StoredTensor tensor, long length)
    {
        if (tensor.Begin < 0 || tensor.End < tensor.Begin || tensor.End > _data.Length)
            throw _refuse($"its tensor '{name}' claims the bytes {tensor.Begin} to {tensor.End} of {_data.Length}");
        if (tensor.End - tensor.Begin != length)
            throw _refuse($"its tensor '{name}' has {tensor.End - tensor.Begin} bytes; its shape needs {length}");
        return _data[(int)tensor.Begin..(int)tensor.End];
    }

    /// <summary>Checks that tensors fill the file: the format has neither holes nor overlaps.</summary>
    /// <exception cref="InvalidDataException">They do not.</exception>
    public void CheckCoverage()
    {
        long covered = 0;
        foreach (var (begin, end) in _ranges)
            covered = begin == covered ? end : throw _refuse($"a tensor begins at byte {begin}, where {covered} is expected");
        if (covered != _data.Length)
            throw _refuse($"its tensors fill {covered} of {_data.Length} bytes");
    }

    private static JsonElement Parse(ReadOnlySpan<byte> json, Func<string, InvalidDataException> refuse)
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

        throw refuse("its header is no JSON object");
    }

    private static StoredTensor Describe(JsonProperty property, Func<string, InvalidDataException> refuse)
    {
        try
        {
            var offsets = property.Value.GetProperty("data_offsets");
            var shape = property.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()).ToArray();
            return new(property.Value.GetProperty("dtype").GetString()!, shape, offsets[0].GetInt64(), offsets[1].GetInt64());
        }
        catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            throw refuse($"its header describes the tensor '{property.Name}' in a way that is not the format's");
        }
    }
}

/// <summary>A tensor in a file.</summary>
/// <param name="Type">The format's name of its type: F32.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Begin">Where its bytes begin, after the header.</param>
/// <param name="End">Where they end.</param>
internal readonly record struct StoredTensor(string Type, long[] Shape, long Begin, long End)
{
    private const int BFloat16Shift = 16;

    /// <summary>The types whose numbers <see cref="ToSingles"/> reads, with the number of their bytes.</summary>
    public static IReadOnlyDictionary<string, int> FloatTypes { get; } = new Dictionary<string, int> { ["F32"] = sizeof(float), ["F16"] = 2, ["BF16"] = 2, ["F64"] = sizeof(double) };

    /// <summary>Reads numbers as floats of 32 bits: those of 16 exactly, those of 64 rounded.</summary>
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
