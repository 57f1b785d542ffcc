using System.Text;

namespace Sconce.Trainers.Persistence;

/// <summary>Recognizes files that are often mistaken for weights or models, by their first bytes.</summary>
internal static class ForeignFile
{
    private const int LookedAt = 1 << 12;

    private const string Torch = "In Python, safetensors.torch.save_file(torch.load(path, weights_only=True), name) writes its tensors to a safetensors file.";

    /// <summary>Describes the kind of a file, as the end of a sentence "it is ...", followed by a remedy; null if it is not recognized.</summary>
    /// <param name="content">The file's content, or its beginning.</param>
    /// <param name="length">The file's length, if the content is only its beginning.</param>
    public static string? Describe(ReadOnlySpan<byte> content, long? length = null)
    {
        var head = content[..Math.Min(content.Length, LookedAt)];
        if (content.IsEmpty)
            return "empty (0 bytes). Copy or download it again.";
        if (head.StartsWith("version https://git-lfs"u8))
            return "a Git LFS pointer, which stands in for the file itself. 'git lfs pull' fetches that.";
        if (head.StartsWith("PK\u0003\u0004"u8) || head.StartsWith("PK\u0005\u0006"u8))
            return DescribeZip(content);
        if (head is [0x80, >= 2 and <= 5, ..])
            return $"a PyTorch checkpoint of the older format, or another pickle. {Torch}";
        if (head.StartsWith("GGUF"u8) || head.StartsWith("ggml"u8))
            return "a GGUF file for llama.cpp. Use the safetensors file that it was converted from.";
        if (head is [0x89, (byte)'H', (byte)'D', (byte)'F', ..])
            return "an HDF5 file, as Keras writes weights. In Python, safetensors.numpy.save_file writes them to a safetensors file.";
        if (head is [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', ..])
            return "a NumPy array. In Python, safetensors.numpy.save_file writes arrays, each by its name, to a safetensors file.";
        if (head is [0x1F, 0x8B, ..])
            return "compressed with gzip. Unpack it first.";
        if (IsText(head, "<!doctype html") || IsText(head, "<html"))
            return "an HTML page, probably from a failed download. Download the file itself.";
        if (head.IndexOf("\"weight_map\""u8) >= 0)
            return "the index of weights in several files. Merge those files into one.";
        return StoredTensors.HasHeader(content, length ?? content.Length) && content.Length > sizeof(long) && content[sizeof(long)] == '{' ? "a safetensors file: weights without their model. TorchTransformer.WithWeights puts them into a model." : null;
    }

    private static string DescribeZip(ReadOnlySpan<byte> content)
    {
        if (content.IndexOf("/data.pkl"u8) >= 0)
            return $"a PyTorch checkpoint (a zip archive). {Torch}";
        if (content.IndexOf("TransformerChain"u8) >= 0 || content.IndexOf("Model.key"u8) >= 0)
            return "an ML.NET model zip, not a weights file. TorchTransformer.SaveWeights writes the weights of its network.";
        if (content.IndexOf(".npy"u8) >= 0)
            return "an archive of NumPy arrays (npz). In Python, safetensors.numpy.save_file writes them to a safetensors file.";
        return content.IndexOf("model.weights.h5"u8) >= 0
            ? "a Keras model. In Python, safetensors.numpy.save_file writes its weights to a safetensors file."
            : $"a zip archive, as PyTorch's checkpoints are. {Torch}";
    }

    private static bool IsText(ReadOnlySpan<byte> head, string begin)
    {
        var text = head.TrimStart([.. " \t\r\n"u8, .. Encoding.UTF8.Preamble]);
        return text.Length >= begin.Length && Ascii.EqualsIgnoreCase(text[..begin.Length], begin);
    }
}
