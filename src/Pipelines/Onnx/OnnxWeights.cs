using System.Globalization;
using Google.Protobuf;
using Onnx;
using Sconce.Core.Errors;
using Sconce.Core.Storage;
using DataLocation = Onnx.TensorProto.Types.DataLocation;

namespace Sconce.Pipelines.Onnx;

/// <summary>The external weights of an ONNX file, which are in other files.</summary>
internal static class OnnxWeights
{
    private const string Location = "location";

    /// <summary>The size limit of protocol buffers, minus some room for the lengths of fields.</summary>
    private const long MostBytes = int.MaxValue - (1 << 20);

    /// <summary>Finds the first external weights; null if there are none.</summary>
    /// <exception cref="InvalidProtocolBufferException">The file cannot be read.</exception>
    public static (string Weights, string? File)? FindOutside(byte[] content) =>
        Parse(content) is { } model && Outside(model).FirstOrDefault() is { } weights ? (weights.Name, Entry(weights, Location)) : null;

    /// <summary>Returns the file with all of its weights, including external ones.</summary>
    /// <exception cref="InvalidDataException">A file of weights is named by a path, is not beside the ONNX file, or is too short.</exception>
    public static byte[] Gather(byte[] content, string path)
    {
        ModelProto? model;
        try
        {
            model = Parse(content);
        }
        catch (InvalidProtocolBufferException)
        {
            // An unreadable file is rejected when it is opened.
            return content;
        }

        if (model is null)
            return content;
        var isWhole = true;
        long bytes = content.Length;
        foreach (var weights in Outside(model).ToList())
        {
            var read = Read(weights, path, MostBytes - bytes);
            bytes += read.Length;
            weights.RawData = UnsafeByteOperations.UnsafeWrap(read);
            weights.DataLocation = DataLocation.Default;
            weights.ExternalData.Clear();
            isWhole = false;
        }

        return isWhole ? content : model.ToByteArray();
    }

    private static byte[] Read(TensorProto weights, string path, long room)
    {
        var location = Entry(weights, Location) ?? "";
        if (location.Length == 0 || location is "." or ".." || location.AsSpan().ContainsAny("/\\:\0"))
        {
            throw new InvalidDataException($"'{path}' keeps the weights '{weights.Name}' in the file '{location}'; a file beside it, named without a folder, is expected.")
                .About(file: path);
        }

        var beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, location);
        if (!File.Exists(beside))
        {
            throw new InvalidDataException($"'{path}' keeps the weights '{weights.Name}' in the file '{location}', which is not beside it. Copy both files.")
                .About(file: path);
        }

        // A link could lead out of the folder, and reading a pipe would block.
        if (new FileInfo(beside).LinkTarget is not null || SpecialFile.Is(beside))
        {
            throw new InvalidDataException($"'{path}' keeps the weights '{weights.Name}' in '{location}', which is a link, a pipe or a device. Copy the file itself beside it.")
                .About(file: path);
        }

        using var file = File.OpenRead(beside);
        var offset = Number("offset") ?? 0;
        var length = Number("length") ?? file.Length - offset;
        if (offset < 0 || length < 0 || offset > file.Length - length)
        {
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"'{path}' keeps the weights '{weights.Name}' in '{location}', {length:N0} bytes from byte {offset:N0} on; the file has {file.Length:N0}. Copy both files again."))
                    .About(file: path);
        }

        if (length > room)
        {
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"'{path}' and the files beside it have more than {MostBytes:N0} bytes, the limit of an ONNX model; the weights '{weights.Name}' in '{location}' have {length:N0}. Export a smaller network, or weights of half precision."))
                .About(file: path);
        }

        file.Position = offset;
        var bytes = new byte[length];
        file.ReadExactly(bytes);
        return bytes;

        long? Number(string name) => Entry(weights, name) is { } text ? long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1 : null;
    }

    /// <summary>Parses a file that may have external weights; null if it names none.</summary>
    private static ModelProto? Parse(byte[] content) => content.AsSpan().IndexOf("location"u8) < 0 ? null : ModelProto.Parser.ParseFrom(content);

    private static IEnumerable<TensorProto> Outside(ModelProto model) =>
        (model.Graph is { } graph ? TensorsOf(graph) : []).Concat(model.Functions.SelectMany(function => TensorsOf(function.Node).Concat(TensorsOf(function.AttributeProto))))
            .Where(tensor => tensor.DataLocation == DataLocation.External || tensor.ExternalData.Count > 0);

    private static IEnumerable<TensorProto> TensorsOf(GraphProto graph) =>
        graph.Initializer.Concat(graph.SparseInitializer.SelectMany(Parts)).Concat(TensorsOf(graph.Node));

    private static IEnumerable<TensorProto> TensorsOf(IEnumerable<NodeProto> nodes) => TensorsOf(nodes.SelectMany(node => node.Attribute));

    private static IEnumerable<TensorProto> TensorsOf(IEnumerable<AttributeProto> attributes) => attributes.SelectMany(attribute => attribute.Tensors
        .Concat(attribute.T is { } tensor ? [tensor] : []).Concat(attribute.SparseTensor is { } sparse ? Parts(sparse) : []).Concat(attribute.SparseTensors.SelectMany(Parts))
        .Concat(attribute.Graphs.SelectMany(TensorsOf)).Concat(attribute.G is { } graph ? TensorsOf(graph) : []));

    private static IEnumerable<TensorProto> Parts(SparseTensorProto tensor) => new[] { tensor.Values, tensor.Indices }.OfType<TensorProto>();

    private static string? Entry(TensorProto weights, string name) => weights.ExternalData.FirstOrDefault(entry => entry.Key == name)?.Value;
}
