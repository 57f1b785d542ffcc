using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Pipelines.Reports;
using Sconce.Pipelines.Tests.Plots;
using Sconce.Tests;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests.Compression;

public sealed class AutoencoderPicturesTests(SmallAutoencoder trained) : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_report_is_the_mean_of_what_the_rows_say()
    {
        using var model = trained.Default(_ml);
        var test = SmallAutoencoder.Test(_ml);
        var report = ReconstructionReport.Evaluate(model, test);
        var scored = model.Transform(test, "Image", "Reconstruction", "ReconstructionError");
        var byHand = scored.GetColumn<byte[]>("Image").Zip(scored.GetColumn<byte[]>("Reconstruction"))
            .Average(pair => pair.First.Zip(pair.Second).Average(pixel => Math.Pow((pixel.First - pixel.Second) / 255d, 2)));
        Assert.Equal((300, 8), (report.Rows, report.CodeSize));
        Assert.Equal(byHand, report.MeanSquaredError, 1e-4);
        Assert.Throws<InvalidDataException>(() => ReconstructionReport.Evaluate(model, _ml.Data.SkipRows(test, 300)));
    }

    [Fact]
    public void Originals_stand_over_their_reconstructions_and_errors()
    {
        using var model = trained.Default(_ml);
        var grid = AutoencoderPictures.Reconstructions(model, SmallAutoencoder.Test(_ml), 12);
        Assert.Equal(["original", "reconstruction"], grid.Rows.Select(row => row.Title));
        Assert.Equal([12, 12], grid.Rows.Select(row => row.Images.Count));
        Assert.Equal(12, grid.Rows[1].Captions!.Count);
        grid.Save(_folder.PathOf("grid.png"));
        using var picture = new Picture(_folder.PathOf("grid.png"));
        Assert.True(picture.HasWhiteFrame());
        Assert.True(picture.Count(pixel => pixel.Red < 50) > 12 * 100, "Digits are dark on white.");
    }

    [Fact]
    public void Codes_are_points_with_their_classes()
    {
        using var model = trained.Plane(_ml);
        var test = SmallAutoencoder.Test(_ml);
        var scatter = AutoencoderPictures.Codes(model, test, "Label");
        Assert.Equal(test.GetColumn<uint>("Label").Select(label => $"{label}"), scatter.Points.Select(point => point.Class));
        Assert.Equal(model.Transform(test, "Code").GetColumn<float[]>("Code"), scatter.Points.Select(point => new[] { point.X, point.Y }));
    }

    /// <summary>The plane of a variational autoencoder is the square where nearly all codes lie; another one's is where its codes are.</summary>
    [Fact]
    public void The_plane_covers_where_codes_lie()
    {
        using var variational = trained.Variational(_ml);
        var grid = AutoencoderPictures.Plane(variational, SmallAutoencoder.Test(_ml), 5);
        Assert.Equal(["-2.00", "-1.00", "0.00", "1.00", "2.00"], grid.BottomValues);
        Assert.Equal(["2.00", "1.00", "0.00", "-1.00", "-2.00"], grid.Rows.Select(row => row.Title));

        using var plane = trained.Plane(_ml);
        var codes = plane.Transform(SmallAutoencoder.Test(_ml), "Code").GetColumn<float[]>("Code").Select(code => code[0]).Order().ToList();
        var bottom = AutoencoderPictures.Plane(plane, SmallAutoencoder.Test(_ml), 3).BottomValues!.Select(value => double.Parse(value, System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.InRange(bottom[0], codes[0] - 0.01, codes[30]);
        Assert.InRange(bottom[2], codes[^30], codes[^1] + 0.01);
    }

    [Fact]
    public void A_model_that_lacks_what_a_picture_needs_is_refused_with_what_it_has()
    {
        using var wide = trained.Default(_ml);
        var test = SmallAutoencoder.Test(_ml);
        foreach (var draw in (Action[])[() => AutoencoderPictures.Codes(wide, test, "Label"), () => AutoencoderPictures.Plane(wide, test, 3)])
        {
            var refusal = Assert.Throws<InvalidDataException>(draw);
            Assert.Equal((wide.Path, "CodeSize"), (ErrorFacts.Of(refusal).File, ErrorFacts.Of(refusal).Property));
            Assert.Contains("has a code size of 8", refusal.Message, StringComparison.Ordinal);
        }


        _ml.Model.SaveAtomically(_ml.Transforms.Autoencoder("Code", "Image", new() { NumberOfSteps = 1 }).Fit(test), test.Schema, _folder.PathOf("bare.zip"));
        using var bare = ModelFile.Load(_ml, _folder.PathOf("bare.zip"));
        Assert.Contains("does not output reconstructions", Assert.Throws<InvalidDataException>(() => AutoencoderPictures.Reconstructions(bare, test, 3)).Message, StringComparison.Ordinal);
        Assert.Contains("does not output the error of a row", Assert.Throws<InvalidDataException>(() => ReconstructionReport.Evaluate(bare, test)).Message, StringComparison.Ordinal);

        _ml.Model.SaveAtomically(DigitPipeline.Create(_ml, new SoftmaxRegression.Options { NumberOfSteps = 1 }).Fit(test), test.Schema, _folder.PathOf("classes.zip"));
        using var classes = ModelFile.Load(_ml, _folder.PathOf("classes.zip"));
        Assert.Contains("is not an autoencoder", Assert.Throws<InvalidDataException>(() => AutoencoderPictures.Plane(classes, test, 3)).Message, StringComparison.Ordinal);

        var floats = _ml.Transforms.Conversion.ConvertType("Values", "Image", DataKind.Single).Append(_ml.Transforms.NormalizeMinMax("Values")).Fit(test).Transform(test);
        var flat = _ml.Data.LoadFromEnumerable(floats.GetColumn<float[]>("Values").Take(50).Select(values => new FlatRow { Values = values[200..210] }));
        var pipeline = _ml.Transforms.Autoencoder("Code", "Values", new() { Network = new() { CodeSize = 2 }, NumberOfSteps = 1, ReconstructionColumnName = "Made", ReconstructionErrorColumnName = "Error" });
        _ml.Model.SaveAtomically(pipeline.Fit(flat), flat.Schema, _folder.PathOf("flat.zip"));
        using var rows = ModelFile.Load(_ml, _folder.PathOf("flat.zip"));
        Assert.Contains("rows of the shape [10]; a picture needs gray images", Assert.Throws<InvalidDataException>(() => AutoencoderPictures.Reconstructions(rows, flat, 3)).Message, StringComparison.Ordinal);
    }

    private sealed class FlatRow
    {
        [VectorType(10)]
        public float[] Values { get; init; } = [];
    }
}
