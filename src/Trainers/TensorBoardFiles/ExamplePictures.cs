using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using static TorchSharp.torch;

namespace Sconce.Trainers.TensorBoardFiles;

/// <summary>Images of examples: the reconstructions of an autoencoder, and the mistakes of a classifier.</summary>
internal static class ExamplePictures
{
    private const int ImagesPerRow = 8;
    private const int Gap = 2;

    /// <summary>The first examples, each above its reconstruction.</summary>
    public static void AddReconstructions(Summary summary, ExampleRows examples, nn.Module<Tensor, Tensor> network, Reconstruction objective, int most)
    {
        var count = Math.Min(most, examples.Count);
        if (count == 0 || examples.Image(0) is null)
            return;
        var made = new List<PixelImage>();
        examples.Score(network, objective with { ReconstructionColumnName = "Reconstruction", ErrorColumnName = null }, batch =>
        {
            // Reconstructions have the type of the examples.
            var bytes = batch[1]!.contiguous().bytes;
            var rows = (int)batch[1]!.shape[0];
            for (var i = 0; i < rows && made.Count < count; i++)
                made.Add(examples.Image(bytes.Slice(i * (bytes.Length / rows), bytes.Length / rows))!);
        });
        // The last row may be shorter: black images keep those below it in their columns.
        var images = made.Index().Chunk(ImagesPerRow).SelectMany(row =>
            Pad([.. row.Select(image => examples.Image(image.Index)!)]).Concat(Pad([.. row.Select(image => image.Item)])));
        summary.Image("reconstructions", PixelImage.Grid([.. images], ImagesPerRow, Gap));

        IEnumerable<PixelImage> Pad(PixelImage[] row) => count < ImagesPerRow
            ? row
            : row.Concat(Enumerable.Repeat(row[0] with { Pixels = new byte[row[0].Pixels.Length] }, ImagesPerRow - row.Length));
    }

    /// <summary>The most confident mistakes of a classifier: the images for each pair of classes, and a table.</summary>
    public static void AddMistakes(Summary summary, ExampleRows examples, nn.Module<Tensor, Tensor> network, Classification objective, int most)
    {
        if (examples.Count == 0 || examples.Labels.Count == 0)
            return;
        var mistakes = new List<(int Row, string Label, string Answer, float Probability)>();
        var row = 0;
        examples.Score(network, objective, batch =>
        {
            var answers = MemoryMarshal.Cast<byte, long>(batch[0]!.contiguous().bytes);
            var probabilities = MemoryMarshal.Cast<byte, float>(batch[1]!.contiguous().bytes);
            for (var i = 0; i < answers.Length; i++, row++)
            {
                var answer = objective.Classes.Values[(int)answers[i]];
                if (examples.Labels[row] is { Length: > 0 } label && label != answer)
                    mistakes.Add((row, label, answer, probabilities[i * objective.Classes.Count + (int)answers[i]]));
            }
        });
        mistakes = [.. mistakes.OrderByDescending(mistake => mistake.Probability).ThenBy(mistake => mistake.Row).Take(most)];
        var table = new StringBuilder("| row | class | taken for | probability |\n| --- | --- | --- | --- |\n");
        foreach (var mistake in mistakes)
            table.Append(CultureInfo.InvariantCulture, $"| {mistake.Row} | {Cell(mistake.Label)} | {Cell(mistake.Answer)} | {mistake.Probability:P1} |\n");
        summary.Text("mistakes", table.ToString());
        if (examples.Image(0) is null)
            return;
        foreach (var pair in mistakes.GroupBy(mistake => (mistake.Label, mistake.Answer)))
            summary.Image($"mistakes/{Tag(pair.Key.Label)}_taken_for_{Tag(pair.Key.Answer)}", PixelImage.Grid([.. pair.Select(mistake => examples.Image(mistake.Row)!)], ImagesPerRow, Gap));
    }

    private static string Cell(string name) => name.Replace("|", "\\|", StringComparison.Ordinal);

    private static string Tag(string name) => name.Replace('/', '_');
}
