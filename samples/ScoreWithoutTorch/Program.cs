using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

// Scores by a zip of 'sconce export MODEL NAME.zip', with no libtorch anywhere: MODEL PIXELS, where PIXELS is a file of
// 784 bytes an image. It prints each image's probabilities, one image a line.
var ml = new MLContext();
var model = ml.Model.Load(args[0], out _);
var images = File.ReadAllBytes(args[1]).Chunk(28 * 28).Select(pixels => new Digit { Image = pixels });
foreach (var score in model.Transform(ml.Data.LoadFromEnumerable(images)).GetColumn<float[]>("Score"))
    Console.WriteLine(string.Join(',', score.Select(value => value.ToString(CultureInfo.InvariantCulture))));

internal sealed class Digit
{
    [VectorType(28, 28)]
    public byte[] Image { get; set; } = [];

    public uint Label { get; set; }
}
