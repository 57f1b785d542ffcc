using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Sconce.Core.Errors;
using Sconce.Core.Storage;
using static TorchSharp.torch;

namespace Sconce.Trainers.Persistence;

/// <summary>A safetensors file of weights, to exchange with PyTorch.</summary>
internal static class WeightsFile
{
    /// <summary>The number of batches that a normalization has seen, in PyTorch. It is not needed for scoring and may be missing.</summary>
    private const string BatchCount = ".num_batches_tracked";

    private const int MostNamed = 12;

    /// <summary>Writes weights atomically.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, IReadOnlyCollection<KeyValuePair<string, Tensor>> weights) => AtomicFile.Write(path, stream => Safetensors.Write(stream, weights));

    /// <summary>Copies a file's tensors into those of the same name, and converts floats of 16 or 64 bits to 32 bits.</summary>
    /// <returns>The SHA-256 of the file.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// It is not in the format, or does not have exactly the tensors of <paramref name="destinations"/>; the message names the tensor and
    /// what was found and expected.
    /// </exception>
    public static string Read(string path, IReadOnlyCollection<KeyValuePair<string, Tensor>> destinations)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"The weights file '{path}' does not exist.", path).About(file: path);
        var content = ReadWhole(path);
        if (!StoredTensors.HasHeader(content, content.Length) && ForeignFile.Describe(content) is { } kind)
            throw new InvalidDataException($"'{path}' does not contain weights for this network: it is {kind}").About(file: path);
        var stored = new StoredTensors(content, Invalid);
        using var noGradient = no_grad();
        foreach (var (name, destination) in destinations)
        {
            if (stored.TryTake(name, out var found))
                Copy(stored, name, found, destination);
            else if (!name.EndsWith(BatchCount, StringComparison.Ordinal))
                throw Invalid($"it lacks the tensor '{name}', {Safetensors.TypeName(destination)}[{string.Join(", ", destination.shape)}]; its tensors that the network does not have: {List(stored.Left.Except(destinations.Select(each => each.Key), StringComparer.Ordinal))}");
        }

        if (stored.Left.Count > 0)
            throw Invalid($"the network has no tensor {List(stored.Left)}; it has {List(destinations.Select(destination => destination.Key))}");
        stored.CheckCoverage();
        return Convert.ToHexStringLower(SHA256.HashData(content));

        InvalidDataException Invalid(string found) =>
            new InvalidDataException($"'{path}' does not contain weights for this network: {found}. Names, shapes and types have to match those in TorchModel.Parameters.").About(file: path);

        void Copy(StoredTensors stored, string name, StoredTensor found, Tensor destination)
        {
            var isFloat = destination.dtype == ScalarType.Float32;
            if (!found.Shape.AsSpan().SequenceEqual(destination.shape) || (isFloat ? !StoredTensor.FloatTypes.Contains(found.Type) : found.Type != Safetensors.TypeName(destination)))
                throw Invalid($"its tensor '{name}' is {found}; {(isFloat ? string.Join(", ", StoredTensor.FloatTypes) : Safetensors.TypeName(destination))} [{string.Join(", ", destination.shape)}] is expected");
            var bytes = stored.Bytes(name, found);
            if (isFloat)
                found.ToSingles(bytes, MemoryMarshal.Cast<byte, float>(destination.bytes));
            else
                bytes.CopyTo(destination.bytes);
            WeightValues.Check(name, destination, Invalid);
        }
    }

    private static byte[] ReadWhole(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"Cannot read '{path}': {exception.Message.TrimEnd('.')}.", exception).About(file: path);
        }
    }

    private static string List(IEnumerable<string> names)
    {
        var all = names.ToList();
        return all.Count == 0 ? "none" : string.Join(", ", all.Take(MostNamed).Select(name => $"'{name}'")) + (all.Count > MostNamed ? $" and {all.Count - MostNamed} more" : "");
    }
}
