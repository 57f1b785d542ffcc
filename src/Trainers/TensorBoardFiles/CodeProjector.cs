using System.Globalization;
using System.Runtime.InteropServices;
using Sconce.Core.Storage;
using static TorchSharp.torch;

namespace Sconce.Trainers.TensorBoardFiles;

/// <summary>An autoencoder's codes as files for TensorBoard's projector: the values, the labels, the images as a sprite, and the configuration.</summary>
internal static class CodeProjector
{
    /// <summary>The file by which TensorBoard finds the others.</summary>
    public const string ConfigurationFile = "projector_config.pbtxt";

    private const string Codes = "codes.tsv";
    private const string Labels = "code-labels.tsv";
    private const string Sprite = "code-images.png";
    /// <summary>The label of a code without one: TensorBoard skips empty lines, and would use the next label.</summary>
    private const string NoLabel = "(none)";
    /// <summary>The maximum width and height that browsers draw.</summary>
    private const int LargestSprite = 8192;

    /// <exception cref="IOException">A file cannot be written; the message names it and the reason.</exception>
    public static void Write(string folder, ExampleRows examples, nn.Module<Tensor, Tensor> network, Reconstruction objective)
    {
        var codes = new List<float[]>();
        examples.Score(network, objective with { ReconstructionColumnName = null, ErrorColumnName = null }, batch =>
            codes.AddRange(MemoryMarshal.Cast<byte, float>(batch[0]!.contiguous().bytes).ToArray().Chunk(objective.CodeSize)));
        WriteLines(Path.Combine(folder, Codes), codes.Select(code => string.Join('\t', code.Select(value => value.ToString("R", CultureInfo.InvariantCulture)))));
        List<string> config = [$"  tensor_name: \"{Escape(objective.CodeColumnName)}\"", $"  tensor_path: \"{Codes}\""];
        if (examples.Labels.Count > 0)
        {
            WriteLines(Path.Combine(folder, Labels), examples.Labels.Select(OneCell));
            config.Add($"  metadata_path: \"{Labels}\"");
        }

        if (SpriteOf(examples) is var (sprite, image))
        {
            AtomicFile.Write(Path.Combine(folder, Sprite), stream => stream.Write(sprite.ToPng()));
            config.Add(string.Create(CultureInfo.InvariantCulture, $"  sprite {{ image_path: \"{Sprite}\" single_image_dim: {image.Width} single_image_dim: {image.Height} }}"));
        }

        WriteLines(Path.Combine(folder, ConfigurationFile), ["embeddings {", .. config, "}"]);
    }

    /// <summary>All images in a square, row by row; null if there are none, or too many for one sprite.</summary>
    private static (PixelImage Sprite, PixelImage Image)? SpriteOf(ExampleRows examples)
    {
        if (examples.Image(0) is not { } image)
            return null;
        var columns = (int)Math.Ceiling(Math.Sqrt(examples.Count));
        return (long)columns * Math.Max(image.Height, image.Width) > LargestSprite
            ? null
            : (PixelImage.Grid([.. Enumerable.Range(0, examples.Count).Select(row => examples.Image(row)!)], columns, gap: 0), image);
    }

    private static void WriteLines(string path, IEnumerable<string> lines) => AtomicFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        foreach (var line in lines)
            writer.WriteLine(line);
    });

    private static string OneCell(string label) => string.IsNullOrWhiteSpace(label) ? NoLabel : label.ReplaceLineEndings(" ").Replace('\t', ' ');

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
