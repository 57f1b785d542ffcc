using System.Buffers.Binary;
using System.Text.Json;
using Sconce.Trainers.Networks;
using static TorchSharp.torch;

namespace Sconce.Trainers.Persistence;

/// <summary>
/// The safetensors format (huggingface/safetensors, format description of 2022): eight bytes of header length,
/// a JSON header with the type, shape and offsets of each tensor, then the tensors' little-endian bytes.
/// </summary>
/// <remarks>Files contain no executable code, and every length is checked before anything is allocated.</remarks>
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
                json.WriteString("dtype", TypeName(tensor));
                WriteNumbers(json, "shape", tensor.shape);
                WriteNumbers(json, "data_offsets", [offset, offset += length]);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        // The format aligns tensors to eight bytes: the header is padded with spaces.
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

    /// <summary>Copies the tensors in <paramref name="content"/> to those of the same names.</summary>
    /// <remarks>
    /// Models of format 1 may contain some tensors twice, the second time under the name of a module's field: with an underscore before a
    /// part of the name.
    /// </remarks>
    /// <exception cref="InvalidDataException">The content is not in the format, or does not hold exactly the tensors of <paramref name="destinations"/>.</exception>
    public static void Read(ReadOnlySpan<byte> content, string entry, IReadOnlyCollection<KeyValuePair<string, Tensor>> destinations)
    {
        var refuse = Refusal(entry);
        var stored = new StoredTensors(content, refuse);
        using var noGradient = no_grad();
        foreach (var (name, destination) in destinations)
            stored.Take(new WeightShape(name, TypeName(destination), destination.shape)).CopyTo(destination.bytes);

        var names = destinations.Select(destination => destination.Key).ToHashSet(StringComparer.Ordinal);
        if (stored.Left.FirstOrDefault(name => !names.Contains(WithoutFields(name))) is { } strange)
            throw refuse($"it has the tensor '{strange}', which the network does not have");
        stored.CheckCoverage();
    }

    /// <summary>Reads as <see cref="Read"/> does, and checks the values.</summary>
    /// <exception cref="InvalidDataException">As <see cref="Read"/>, or a value is NaN, infinite, or a negative variance.</exception>
    public static void ReadLearned(ReadOnlySpan<byte> content, string entry, IReadOnlyCollection<KeyValuePair<string, Tensor>> destinations)
    {
        Read(content, entry, destinations);
        foreach (var (name, tensor) in destinations)
            WeightValues.Check(name, tensor, Refusal(entry));
    }

    /// <summary>
    /// Checks that <paramref name="content"/> has the expected tensors, before memory is allocated for them. It may have others as well.
    /// </summary>
    /// <exception cref="InvalidDataException">The content is not in the format, or a tensor is missing or has another type or shape.</exception>
    public static void Require(ReadOnlySpan<byte> content, string entry, IEnumerable<WeightShape> expected)
    {
        var stored = new StoredTensors(content, Refusal(entry));
        foreach (var weight in expected)
            stored.Take(weight);
    }

    /// <summary>The format's name of a tensor's type, such as F32.</summary>
    public static string TypeName(Tensor tensor) => _types.Single(type => type.Type == tensor.dtype).Name;

    private static Func<string, InvalidDataException> Refusal(string entry) =>
        found => new($"The model's entry '{entry}' does not contain the network's weights: {found}. Train and save the model again.");

    private static string WithoutFields(string name) => string.Join('.', name.Split('.').Select(part => part.TrimStart('_')));

    private static void WriteNumbers(Utf8JsonWriter json, string name, IEnumerable<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
