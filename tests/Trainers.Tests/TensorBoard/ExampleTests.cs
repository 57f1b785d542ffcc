using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Storage;
using Sconce.Trainers.TensorBoardFiles;

namespace Sconce.Trainers.Tests.TensorBoard;

/// <summary>Images, tables and codes of a training's examples, against what ML.NET gives for the same rows.</summary>
public sealed class ExampleTests : IDisposable
{
    private const int Size = Digits.Size;

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Reconstructions_stand_below_their_rows()
    {
        using var model = Autoencode(new() { Images = 10 });
        var (step, value) = Assert.Single(EventRecord.ReadFolder(_folder.FullName).Tagged("reconstructions"));
        Assert.Equal(20, step);
        var image = value.Message(4)!;
        var (height, width, pixels) = ReadPng(image.Bytes(4)!);
        Assert.Equal((height, width, 1), (image.Integer(1), image.Integer(2), image.Integer(3)));
        Assert.Equal((4 * Size + 3 * 2, 8 * Size + 7 * 2), (height, width));
        var rows = Digits.Create(10, first: 50);
        var reconstructions = model.Transform(Digits.Load(_ml, 10, first: 50)).GetColumn<byte[]>("Reconstruction").ToList();
        for (var i = 0; i < rows.Count; i++)
        {
            Assert.Equal(rows[i].Image, Cell(i / 8 * 2, i % 8));
            // The row path's sums may differ in the last bit, which may round the other way.
            Assert.All(reconstructions[i].Zip(Cell(i / 8 * 2 + 1, i % 8)), pair => Assert.InRange(pair.First - pair.Second, -1, 1));
        }

        byte[] Cell(int row, int column) => [.. Enumerable.Range(0, Size).SelectMany(y => pixels.Skip((row * (Size + 2) + y) * width + column * (Size + 2)).Take(Size))];
    }

    [Fact]
    public void Codes_are_written_for_the_projector()
    {
        using var model = Autoencode(new() { NumberOfExamples = 30 });
        var config = File.ReadAllText(_folder.PathOf("projector_config.pbtxt"));
        foreach (var part in (string[])["tensor_name: \"Code\"", "tensor_path: \"codes.tsv\"", "metadata_path: \"code-labels.tsv\"", "image_path: \"code-images.png\"", "single_image_dim: 28 single_image_dim: 28"])
            Assert.Contains(part, config, StringComparison.Ordinal);
        var expected = model.Transform(Digits.Load(_ml, 30, first: 50)).GetColumn<float[]>("Code").ToList();
        var written = File.ReadLines(_folder.PathOf("codes.tsv")).Select(line => line.Split('\t').Select(value => float.Parse(value, CultureInfo.InvariantCulture)).ToArray()).ToList();
        Assert.Equal(expected.Count, written.Count);
        Assert.All(expected.Zip(written), pair => Assert.All(pair.First.Zip(pair.Second), values => Assert.Equal(values.First, values.Second, 1e-5f)));
        var rows = Digits.Create(30, first: 50);
        Assert.Equal(rows.Select(row => row.Label.ToString(CultureInfo.InvariantCulture)), File.ReadLines(_folder.PathOf("code-labels.tsv")));
        var (height, width, pixels) = ReadPng(File.ReadAllBytes(_folder.PathOf("code-images.png")));
        Assert.Equal((5 * Size, 6 * Size), (height, width));
        byte[] last = [.. Enumerable.Range(0, Size).SelectMany(y => pixels.Skip((4 * Size + y) * width + 5 * Size).Take(Size))];
        Assert.Equal(rows[29].Image, last);
    }

    [Fact]
    public void Mistakes_are_those_that_scoring_makes()
    {
        var data = Keyed(Stripes.Load(_ml, rows: 100));
        // Few steps: many mistakes.
        using var model = _ml.ConvolutionalNetwork(Stripes.Quick with { NumberOfSteps = 1, TensorBoard = new() { Folder = _folder.FullName, Images = 20, Examples = data } }).Fit(data);
        var events = EventRecord.ReadFolder(_folder.FullName);
        var scored = model.Transform(data);
        var answers = scored.GetColumn<uint>("PredictedLabel").Zip(scored.GetColumn<uint>("Label"), scored.GetColumn<float[]>("Score")).Index()
            .Where(row => row.Item.First != row.Item.Second)
            .Select(row => (Row: row.Index, Label: Class(row.Item.Second), Answer: Class(row.Item.First), Probability: row.Item.Third.Max()))
            .OrderByDescending(mistake => mistake.Probability).Take(20).ToList();
        Assert.NotEmpty(answers);
        var tensor = Assert.Single(events.Tagged("mistakes")).Value.Message(8)!;
        var rows = tensor.Text(8)!.Split('\n')[2..^1].Select(line => int.Parse(line.Split('|')[1], CultureInfo.InvariantCulture));
        Assert.Equal(answers.Select(mistake => mistake.Row).Order(), rows.Order());
        Assert.Equal(
            answers.Select(mistake => $"mistakes/{mistake.Label}_taken_for_{mistake.Answer}").Distinct().Order(StringComparer.Ordinal),
            events.Tags().Where(tag => tag.StartsWith("mistakes/", StringComparison.Ordinal)));
        Assert.Equal("text", events.Tagged("mistakes")[0].Value.Message(9)!.Message(1)!.Text(1));

        string Class(uint key) => Stripes.Classes.Order(StringComparer.Ordinal).ElementAt((int)key - 1);
    }

    [Fact]
    public void Colours_are_laid_out_pixel_by_pixel()
    {
        var image = new PixelImage(1, 2, 3, [1, 2, 3, 4, 5, 6]);
        var (height, width, pixels) = ReadPng(image.ToPng());
        Assert.Equal((1, 2), (height, width));
        Assert.Equal([1, 2, 3, 4, 5, 6], pixels);
    }

    [Theory]
    [InlineData("text")]
    [InlineData("numbers")]
    [InlineData("keys")]
    public void Codes_without_a_label_keep_their_places(string kind)
    {
        // Of every three rows the second is without.
        var rows = Digits.Create(9).Select((row, i) => new Named { Image = row.Image, Label = i % 3 == 1 ? i == 4 ? " " : "" : $"row\t{i}", Number = i % 3 == 1 ? float.NaN : i }).ToList();
        var data = _ml.Data.LoadFromEnumerable(rows);
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Key", "Number").Fit(data).Transform(data);
        using var model = Autoencode(new() { Examples = keyed, CodeLabelColumnName = kind switch { "text" => "Label", "numbers" => "Number", _ => "Key" } });
        var labels = File.ReadAllLines(_folder.PathOf("code-labels.tsv"));
        Assert.Equal(9, labels.Length);
        Assert.All(labels, label => Assert.False(string.IsNullOrWhiteSpace(label)));
        Assert.Equal(9, File.ReadLines(_folder.PathOf("codes.tsv")).Count());
        Assert.Equal((kind == "text" ? "row 8" : "8", kind == "numbers" ? "NaN" : "(none)"), (labels[8], labels[7]));
    }

    [Theory]
    [InlineData("bytes' keys")]
    [InlineData("hashes")]
    [InlineData("hashes with names")]
    [InlineData("times' keys")]
    [InlineData("row ids")]
    [InlineData("numbers of a row")]
    public void Labels_that_name_nothing_are_left_out(string kind)
    {
        var data = _ml.Data.LoadFromEnumerable(Digits.Create(9).Select((row, i) => new Named { Image = row.Image, Label = $"{i}", Number = i, Day = new DateTime(2026, 1, 1 + i), Numbers = [i, i] }));
        var conversion = _ml.Transforms.Conversion;
        IEstimator<ITransformer> estimator = kind switch
        {
            "bytes' keys" => _ml.Transforms.CopyColumns("Other", "Byte"),
            "hashes" => conversion.Hash("Other", "Label", numberOfBits: 31),
            "hashes with names" => conversion.Hash("Other", "Label", numberOfBits: 30, maximumNumberOfInverts: -1),
            "times' keys" => conversion.MapValueToKey("Other", "Day"),
            "row ids" => _ml.Transforms.CopyColumns("Other", "Id"),
            _ => _ml.Transforms.CopyColumns("Other", "Numbers"),
        };
        using var model = Autoencode(new() { Examples = estimator.Fit(data).Transform(data), CodeLabelColumnName = "Other" });
        Assert.Equal(9, File.ReadLines(_folder.PathOf("codes.tsv")).Count());
        Assert.False(File.Exists(_folder.PathOf("code-labels.tsv")));
        Assert.DoesNotContain("metadata_path", File.ReadAllText(_folder.PathOf("projector_config.pbtxt")), StringComparison.Ordinal);
    }

    [Fact]
    public void Examples_that_lack_the_column_are_refused()
    {
        var exception = Assert.Throws<ArgumentException>(() => Autoencode(new() { Examples = Stripes.Load(_ml, 3) }).Dispose());
        Sentence.Has(exception, "Image", "the network was trained on");
    }

    private sealed class Named
    {
        [VectorType(Size, Size)]
        public byte[] Image { get; set; } = [];

        public string Label { get; set; } = "";

        public float Number { get; set; }

        public DateTime Day { get; set; }

        [KeyType(5)]
        public byte Byte { get; set; }

        public DataViewRowId Id { get; set; }

        [VectorType(2)]
        public float[] Numbers { get; set; } = [0, 0];
    }

    private static IDataView Keyed(IDataView data)
    {
        var ml = new MLContext();
        return ml.Transforms.Conversion.MapValueToKey("Label", "Name", keyOrdinality: Microsoft.ML.Transforms.ValueToKeyMappingEstimator.KeyOrdinality.ByValue).Fit(data).Transform(data);
    }

    /// <summary>Takes a PNG apart: its chunks' checksums are checked, and its rows are not to be filtered.</summary>
    private static (int Height, int Width, byte[] Pixels) ReadPng(byte[] png)
    {
        Assert.Equal([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], png[..8]);
        int height = 0, width = 0, channels = 0;
        using var packed = new MemoryStream();
        for (var position = 8; position < png.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(position));
            var type = System.Text.Encoding.ASCII.GetString(png, position + 4, 4);
            var content = png.AsSpan(position + 8, length);
            Assert.Equal(Crc32(png.AsSpan(position + 4, length + 4)), BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(position + 8 + length)));
            if (type == "IHDR")
            {
                (width, height) = (BinaryPrimitives.ReadInt32BigEndian(content), BinaryPrimitives.ReadInt32BigEndian(content[4..]));
                channels = content[9] == 2 ? 3 : 1;
                Assert.Equal(8, content[8]);
            }
            else if (type == "IDAT")
            {
                packed.Write(content);
            }

            position += 12 + length;
        }

        packed.Position = 0;
        using var zlib = new ZLibStream(packed, CompressionMode.Decompress);
        using var unpacked = new MemoryStream();
        zlib.CopyTo(unpacked);
        var rows = unpacked.ToArray().Chunk(1 + width * channels).ToList();
        Assert.Equal(height, rows.Count);
        Assert.All(rows, row => Assert.Equal(0, row[0]));
        return (height, width, [.. rows.SelectMany(row => row.Skip(1))]);
    }

    private static uint Crc32(ReadOnlySpan<byte> data)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 1 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }

        return ~crc;
    }

    /// <summary>Trains one pass, and shows the rows from 50 on after it.</summary>
    private TorchTransformer Autoencode(Trainers.TensorBoard board) => _ml.Transforms.Autoencoder("Code", "Image", new()
    {
        Network = new() { HiddenLayerSizes = [16], CodeSize = 3 },
        ReconstructionColumnName = "Reconstruction",
        BatchSize = 10,
        NumberOfSteps = 20,
        TensorBoard = board with { Folder = _folder.FullName, Examples = board.Examples ?? Digits.Load(_ml, 60, first: 50) },
    }).Fit(Digits.Load(_ml, 200));
}
