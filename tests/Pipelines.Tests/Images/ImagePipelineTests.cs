using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files;
using Sconce.Tests;
using Sconce.Trainers;
using SkiaSharp;

namespace Sconce.Pipelines.Tests.Images;

/// <summary>Networks that are trained on folders of images.</summary>
public sealed class ImagePipelineTests : IDisposable
{
    private static readonly ConvolutionalNetwork.Options _quick = new() { NumberOfEpochs = 2, BatchSize = 50 };

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    /// <summary>The same rows in the same order with the same seed: the weights are the same, byte for byte, and so is the accuracy.</summary>
    [Fact]
    public void A_folder_gives_the_network_that_the_IDX_file_gives()
    {
        var digits = ImageFiles.Export(_folder.PathOf("digits"), 600, 200);
        var (images, test) = (ImageSet.Open(Path.Combine(digits, "train")), ImageSet.Open(Path.Combine(digits, "test")));
        var (mnist, unseen) = _ml.Data.LoadMnist();
        var (pixels, labels) = (mnist.GetColumn<byte[]>("Image").Take(600).ToList(), mnist.GetColumn<uint>("Label").Take(600).ToList());
        var schema = SchemaDefinition.Create(typeof(Digit));
        schema[nameof(Digit.Image)].ColumnType = new VectorDataViewType(NumberDataViewType.Byte, 28, 28);
        var sameOrder = images.Images.Select(image => int.Parse(Path.GetFileNameWithoutExtension(image.Path), CultureInfo.InvariantCulture)).Select(row => new Digit { Image = pixels[row], Label = labels[row] }).ToList();

        var options = _quick with { NumberOfEpochs = 5 };
        var fromFolder = ImagePipeline.Create(_ml, options).Fit(images.ToDataView(_ml));
        var fromIdx = DigitPipeline.Create(_ml, options).Fit(_ml.Data.LoadFromEnumerable(sameOrder, schema));
        fromFolder.SaveWeights(_folder.PathOf("folder.safetensors"));
        fromIdx.SaveWeights(_folder.PathOf("idx.safetensors"));
        Assert.Equal(File.ReadAllBytes(_folder.PathOf("idx.safetensors")), File.ReadAllBytes(_folder.PathOf("folder.safetensors")));

        var accuracy = Accuracy(fromFolder, test.ToDataView(_ml));
        Assert.Equal(_ml.MulticlassClassification.Evaluate(fromIdx.Transform(_ml.Data.TakeRows(unseen, 200))).MicroAccuracy, accuracy);
        Assert.InRange(accuracy, 0.8, 1);
    }

    /// <summary>Paths are all that a saved model needs, in plain ML.NET.</summary>
    [Fact]
    public void A_saved_model_scores_paths_alone()
    {
        var digits = ImageFiles.Export(_folder.PathOf("digits"), 200, 50);
        var data = _ml.Data.LoadImageFolder(Path.Combine(digits, "train"));
        var model = ImagePipeline.Create(_ml, _quick).Fit(data);
        _ml.Model.Save(model, data.Schema, _folder.PathOf("model.zip"));

        var other = new MLContext();
        var loaded = other.Model.Load(_folder.PathOf("model.zip"), out _);
        var paths = ImageSet.Open(Path.Combine(digits, "test"), new() { Labeled = false });
        var scores = loaded.Transform(paths.ToDataView(other)).GetColumn<float[]>("Score").ToList();
        var expected = model.Transform(ImageSet.Open(Path.Combine(digits, "test")).ToDataView(_ml)).GetColumn<float[]>("Score").ToList();
        Assert.Equal(50, scores.Count);
        Assert.Equal(expected, scores);

        // A prediction engine goes through every step, whatever its scope.
        using var engine = other.Model.CreatePredictionEngine<ImagePathRow, Scored>(loaded);
        Assert.Equal(scores[7], engine.Predict(new() { ImagePath = paths.Images[7].Path }).Score, (one, by) => one.Zip(by).All(pair => Math.Abs(pair.First - pair.Second) < 1e-5));
        using var labelled = other.Model.CreatePredictionEngine<LabeledImageRow, Scored>(loaded);
        Assert.Equal(10, labelled.Predict(new() { ImagePath = paths.Images[7].Path, Label = "3" }).Score.Length);

        using var file = ModelFile.Load(other, _folder.PathOf("model.zip"));
        Assert.Equal(new ImageInput("ImagePath", ImagePolarity.LightOnDark, IsColor: false), file.Images);
        var report = ClassificationReport.Evaluate(other, file, ImageSet.Open(Path.Combine(digits, "test")).ToDataView(other));
        Assert.Equal(Accuracy(model, _ml.Data.LoadImageFolder(Path.Combine(digits, "test"))), report.Accuracy);
        FileScorer.Score(other, _folder.PathOf("model.zip"), [Path.Combine(digits, "test")], _folder.PathOf("scores.csv"), new() { Engine = ScoringEngine.AsSaved, CancellationToken = TestContext.Current.CancellationToken });
        var lines = File.ReadAllLines(_folder.PathOf("scores.csv"));
        Assert.StartsWith("ImagePath,PredictedLabel,Score.0,", lines[0], StringComparison.Ordinal);
        Assert.Equal(paths.Images.Select(image => image.Path), lines.Skip(1).Select(line => line.Split(',')[0]));
        Assert.Equal(scores, lines.Skip(1).Select(line => line.Split(',')[2..].Select(value => float.Parse(value, CultureInfo.InvariantCulture)).ToArray()));
    }

    [Fact]
    public void Polarity_is_part_of_the_saved_model()
    {
        var (ink, light) = (ImageFiles.Export(_folder.PathOf("ink"), 200, 60, turnOver: true), ImageFiles.Export(_folder.PathOf("light"), 200, 60));
        var dark = ImageSet.Open(Path.Combine(ink, "train"));
        var model = ImagePipeline.Create(_ml, _quick with { NumberOfEpochs = 6 }).Fit(dark.ToDataView(_ml));
        _ml.Model.SaveAtomically(model, dark.ToDataView(_ml).Schema, _folder.PathOf("ink.zip"));
        var loaded = _ml.Model.Load(_folder.PathOf("ink.zip"), out var schema);
        Assert.Equal(new ImageInput("ImagePath", ImagePolarity.DarkOnLight, IsColor: false), ImageInput.Of(loaded, schema));

        // It sees what a model of images light on dark sees: the same network, and the same scores within the last bits.
        var other = ImagePipeline.Create(_ml, _quick with { NumberOfEpochs = 6 }).Fit(ImageSet.Open(Path.Combine(light, "train")).ToDataView(_ml));
        var scores = loaded.Transform(ImageSet.Open(Path.Combine(ink, "test")).ToDataView(_ml)).GetColumn<float[]>("Score").SelectMany(row => row);
        var others = other.Transform(ImageSet.Open(Path.Combine(light, "test")).ToDataView(_ml)).GetColumn<float[]>("Score").SelectMany(row => row);
        Assert.All(scores.Zip(others), pair => Assert.Equal(pair.Second, pair.First, 1e-3));
    }

    [Fact]
    public void Colour_images_train()
    {
        var random = new Random(1);
        foreach (var (name, hue) in ((string, SKColor)[])[("blue", new(30, 30, 200)), ("green", new(30, 200, 30)), ("red", new(200, 30, 30))])
        {
            for (var i = 0; i < 30; i++)
                ImageFiles.Write(_folder.PathOf($"colours/{name}/{i}.png"), 12, 12, (_, _) => new SKColor((byte)(hue.Red + random.Next(40)), (byte)(hue.Green + random.Next(40)), (byte)(hue.Blue + random.Next(40))));
        }

        var (train, test) = ImageSet.Open(_folder.PathOf("colours")).Split(0.3, seed: 1);
        var options = new ConvolutionalNetwork.Options { Network = new() { Convolutions = [new(4)], Augmentation = null }, NumberOfEpochs = 10, BatchSize = 10 };
        var model = ImagePipeline.Create(_ml, options, new() { Width = 12, Height = 12, Color = true }).Fit(train.ToDataView(_ml));
        Assert.Equal(1, Accuracy(model, test.ToDataView(_ml)));
        Assert.Equal(new ImageInput("ImagePath", ImagePolarity.LightOnDark, IsColor: true), ImageInput.Of(model, train.ToDataView(_ml).Schema));

        // Grey alone they are all alike.
        var grey = ImagePipeline.Create(_ml, options, new() { Width = 12, Height = 12 }).Fit(train.ToDataView(_ml));
        Assert.Equal([1, 12, 12], ((VectorDataViewType)grey.LastTransformer.FeatureColumnType).Dimensions);
    }

    /// <summary>Any network reads them: row by row, or flattened.</summary>
    [Fact]
    public void Other_networks_train_on_images_too()
    {
        var data = _ml.Data.LoadImageFolder(Path.Combine(ImageFiles.Export(_folder.PathOf("digits"), 300, 60), "train"));
        var lstm = ImagePipeline.Create(_ml, new RecurrentNetwork.Options { Network = new() { Layers = new() { HiddenSize = 32 } }, NumberOfEpochs = 12, BatchSize = 25 }).Fit(data);
        Assert.InRange(Accuracy(lstm, data), 0.6, 1);
        var softmax = ImagePipeline.Create(_ml, new SoftmaxRegression.Options { NumberOfSteps = 100 }).Fit(data);
        Assert.InRange(Accuracy(softmax, data), 0.8, 1);

        var autoencoder = new ImagePixels(_ml).Append(_ml.Transforms.Autoencoder("Code", "Image", new() { Network = new() { HiddenLayerSizes = [20], CodeSize = 5 }, NumberOfEpochs = 1 })).Fit(data);
        Assert.Equal(300, autoencoder.Transform(data).GetColumn<float[]>("Code").Count());
    }

    [Fact]
    public void Classes_that_a_model_does_not_know_are_named()
    {
        var digits = ImageFiles.Export(_folder.PathOf("digits"), 100, 20);
        var model = ImagePipeline.Create(_ml, new SoftmaxRegression.Options { NumberOfSteps = 2 }).Fit(_ml.Data.LoadImageFolder(Path.Combine(digits, "train")));
        _ml.Model.SaveAtomically(model, _ml.Data.LoadImageFolder(Path.Combine(digits, "train")).Schema, _folder.PathOf("model.zip"));
        using var file = ModelFile.Load(_ml, _folder.PathOf("model.zip"));
        ImageFiles.Write(_folder.PathOf("other/eleven/1.png"), 28, 28, (_, _) => ImageFiles.Grey(0));
        var refused = Assert.Throws<InvalidDataException>(() => ImageSet.Open(_folder.PathOf("other")).RequireKnownClasses(file));
        foreach (var part in (string[])["'eleven'", "model.zip' does not know", "'0', '1'"])
            Assert.Contains(part, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>A few bytes that claim to be a huge image.</summary>
    [Fact]
    public void An_image_bomb_is_a_bad_row_and_is_not_decoded()
    {
        var digits = ImageFiles.Export(_folder.PathOf("digits"), 60, 10);
        var data = _ml.Data.LoadImageFolder(Path.Combine(digits, "train"));
        using var model = ImagePipeline.Create(_ml, new SoftmaxRegression.Options { NumberOfSteps = 2 }).Fit(data);
        _ml.Model.SaveAtomically(model, data.Schema, _folder.PathOf("model.zip"));
        var good = ImageFiles.Write(_folder.PathOf("in/good.png"), 28, 28, (_, _) => ImageFiles.Grey(7));
        var bomb = _folder.PathOf("in/bomb.png");
        File.WriteAllBytes(bomb, ImageFiles.Bomb(20_000, 20_000));
        File.WriteAllText(_folder.PathOf("list.csv"), $"ImagePath\n{bomb}\n{good}\n");

        using var file = ModelFile.Load(_ml, _folder.PathOf("model.zip"));
        foreach (var (input, options) in ((string, FileScoringOptions)[])[(_folder.PathOf("in"), new()), (_folder.PathOf("list.csv"), new() { InputFormat = "csv" })])
        {
            var scored = FileScorer.Score(_ml, file.Path, [input], $"{input}.scores.csv", options with { OnError = RowErrors.Skip, CancellationToken = TestContext.Current.CancellationToken });
            Assert.Equal((1, 1), (scored.Scored, scored.Bad));
        }
    }

    /// <summary>By stock ML.NET: the chain's first step maps the labels.</summary>
    private double Accuracy(TransformerChain<TorchTransformer> model, IDataView labelled) =>
        _ml.MulticlassClassification.Evaluate(model.Transform(model.First().Transform(labelled))).MicroAccuracy;

    private sealed class Digit
    {
        public byte[] Image { get; set; } = [];

        public uint Label { get; set; }
    }

    private sealed class Scored
    {
        public float[] Score { get; set; } = [];
    }
}
