using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Pipelines.Metrics;
using Sconce.Pipelines.Tutorials.Compression;
using Sconce.Tests;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests.Compression;

public sealed class CompressionComparisonTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();

    private static CompressionOptions Small => new()
    {
        CodeSizes = [4, 8],
        TargetAccuracy = 0.3,
        Repetitions = 2,
        MeasuredEvery = 5,
        Autoencoder = new() { NumberOfEpochs = 2 },
        Classifier = new() { NumberOfEpochs = 3 },
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Pixels_come_first_and_every_code_is_compared_with_them()
    {
        var (train, test) = (SmallAutoencoder.Train(_ml), SmallAutoencoder.Test(_ml));
        List<string> watched = [];
        var (results, pipelines) = new CompressionComparison(_ml, Small, name => { watched.Add(name); return null; }, TestContext.Current.CancellationToken).Run(train, test);

        Assert.Equal(["pixels", "code 4", "code 8"], results.Select(result => result.Input));
        Assert.Equal([784, 16, 32], results.Select(result => result.BytesPerRow));
        Assert.Equal([null, 4, 8], results.Select(result => result.CodeSize));
        Assert.Equal(
            ["autoencoder, code 4", "autoencoder, code 8", "classifier, pixels", "classifier, code 4", "classifier, code 8", "classifier, pixels", "classifier, code 4", "classifier, code 8", "linear, pixels", "linear, code 4", "linear, code 8"],
            watched);
        var pixels = results[0];
        Assert.Equal(
            [null, null, null, null, null, null],
            [pixels.AutoencoderSeconds, pixels.EncodingSeconds, pixels.ReconstructionError, pixels.PrincipalComponentError, pixels.RatioToTarget, pixels.PaysOffAfter]);
        foreach (var code in results.Skip(1))
        {
            Assert.True(code.AutoencoderSeconds > 0 && code.EncodingSeconds > 0);
            Assert.Equal(code.SecondsToTarget / pixels.SecondsToTarget, code.RatioToTarget);
            Assert.InRange(code.LinearAccuracy!.Value, 0.05, 1);
            Assert.InRange(code.Accuracy, 0.05, 1);
        }

        var column = InputColumn.FromSchema(train.Schema, "Image");
        Assert.Equal(PrincipalComponents.Errors(train, test, column, [4, 8]), results.Skip(1).Select(result => result.PrincipalComponentError!.Value));

        // The pipelines are those that were measured.
        foreach (var (pipeline, result) in pipelines.Zip(results.Skip(1)))
        {
            _ml.Model.SaveAtomically(pipeline, train.Schema, _folder.PathOf("pipeline.zip"));
            using var model = ModelFile.Load(_ml, _folder.PathOf("pipeline.zip"));
            Assert.Equal(result.Accuracy, ClassificationReport.Evaluate(_ml, model, test).Accuracy, 1e-6);
            var errors = model.Transform(test, "ReconstructionError").GetColumn<float>("ReconstructionError");
            Assert.Equal(result.ReconstructionError!.Value, errors.Average(error => (double)error), 1e-6);
            pipeline.Dispose();
        }
    }

    [Fact]
    public void A_target_that_is_not_reached_has_no_time_and_no_ratio()
    {
        var (results, pipelines) = new CompressionComparison(_ml, Small with { CodeSizes = [2], TargetAccuracy = 0.9999, LinearClassifier = null, Repetitions = 1, Classifier = new() { NumberOfEpochs = 1 } })
            .Run(SmallAutoencoder.Train(_ml), SmallAutoencoder.Test(_ml));
        pipelines[0].Dispose();
        Assert.All(results, result => Assert.Null(result.SecondsToTarget));
        Assert.All(results, result => Assert.Null(result.RatioToTarget));
        Assert.All(results, result => Assert.Null(result.LinearAccuracy));
    }

    [Theory]
    [InlineData(12, 8, 60, 2, 16)]
    [InlineData(12, 12, 60, 2, null)]
    [InlineData(12, 13, 60, 2, null)]
    [InlineData(12, 2, 7, 2, 1)]
    public void It_pays_off_when_what_the_classifiers_save_is_what_the_autoencoder_cost(double pixels, double codes, double autoencoder, double encoding, int? classifiers)
    {
        var result = new CompressionResult("code", 32, 128, 1, codes, 1, 1, null, autoencoder, encoding).ComparedWith(new("pixels", null, 784, 4, pixels, 1, 1, null));
        Assert.Equal(classifiers, result.PaysOffAfter);
        Assert.Equal(0.25, result.RatioToTarget);
    }

    [Fact]
    public void The_table_has_a_line_for_each_and_nothing_where_there_is_nothing()
    {
        CompressionResult[] results = [new("pixels", null, 784, 1.5, 7, 60000.5, 0.975, 0.92), new("code 32", 32, 128, null, 3, 5, 0.98, null, 60, 1, 0.005, 0.0165) { PaysOffAfter = 16 }];
        CompressionTable.Save(results, _folder.PathOf("out/table.csv"));
        Assert.Equal(
            [
                "input,codeSize,bytesPerRow,secondsToTarget,ratioToTarget,trainingSeconds,samplesPerSecond,accuracy,linearAccuracy,autoencoderSeconds,encodingSeconds,paysOffAfter,reconstructionError,principalComponentError",
                "pixels,,784,1.5,,7,60000.5,0.975,0.92,,,,,",
                "code 32,32,128,,,3,5,0.98,,60,1,16,0.005,0.0165",
            ],
            File.ReadAllLines(_folder.PathOf("out/table.csv")));
    }

    public static TheoryData<string, object> BadOptions => new()
    {
        { "CodeSizes.Count is 0", new CompressionOptions { CodeSizes = [] } },
        { "CodeSizes is 0", new CompressionOptions { CodeSizes = [8, 0] } },
        { "TargetAccuracy is 1.5", new CompressionOptions { TargetAccuracy = 1.5 } },
        { "Repetitions is 0", new CompressionOptions { Repetitions = 0 } },
        { "MeasuredEvery is 0", new CompressionOptions { MeasuredEvery = 0 } },
    };

    [Theory]
    [MemberData(nameof(BadOptions))]
    public void Options_that_make_no_sense_are_refused_by_name(string sentence, object options) =>
        Assert.StartsWith(sentence, Assert.ThrowsAny<ArgumentException>(() => new CompressionComparison(_ml, (CompressionOptions)options)).Message, StringComparison.Ordinal);

    [Fact]
    public void It_stops_when_asked_to()
    {
        using var stop = new CancellationTokenSource();
        var comparison = new CompressionComparison(_ml, Small, name => { stop.Cancel(); return null; }, stop.Token);
        Assert.ThrowsAny<OperationCanceledException>(() => comparison.Run(SmallAutoencoder.Train(_ml), SmallAutoencoder.Test(_ml)));
    }

    [Fact]
    public void Numbers_are_written_for_machines_whatever_the_culture()
    {
        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = "," } };
            CompressionTable.Save([new("pixels", null, 784, 1.5, 7, 1, 1, 0)], _folder.PathOf("table.csv"));
            Assert.Contains(",1.5,", File.ReadAllText(_folder.PathOf("table.csv")), StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }
}
