using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Autoencoders;

/// <summary>Which columns come out, of which types, and in which units.</summary>
public class ColumnTests
{
    private static readonly Autoencoder.Options _quick = new()
    {
        Network = new() { HiddenLayerSizes = [16], CodeSize = 4 },
        ReconstructionColumnName = "Again",
        ReconstructionErrorColumnName = "Error",
        NumberOfSteps = 30,
    };

    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Only_what_is_asked_for_is_added()
    {
        var data = Digits.Load(_ml, 50);
        using var plain = Fit(_quick with { ReconstructionColumnName = null, ReconstructionErrorColumnName = null }, data);
        Assert.Equal(["Label", "Image", "Code"], plain.Transform(data).Schema.Select(column => column.Name));
        using var full = Fit(_quick, data);
        Assert.Equal(["Label", "Image", "Code", "Again", "Error"], full.Transform(data).Schema.Select(column => column.Name));
        Assert.Equal(full.Transform(data).Schema.Select(column => $"{column.Name} {column.Type}"), full.GetOutputSchema(data.Schema).Select(column => $"{column.Name} {column.Type}"));
    }

    [Fact]
    public void Bytes_are_made_again_as_bytes_and_the_error_is_of_shares()
    {
        var data = Digits.Load(_ml, 200);
        using var model = Fit(_quick, data);
        var scored = model.Transform(data);
        Assert.Equal(data.Schema["Image"].Type, scored.Schema["Again"].Type);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 4), scored.Schema["Code"].Type);
        Assert.Equal(NumberDataViewType.Single, scored.Schema["Error"].Type);
        var rows = scored.GetColumn<byte[]>("Image").Zip(scored.GetColumn<byte[]>("Again"), scored.GetColumn<float>("Error"));
        foreach (var (image, again, error) in rows)
        {
            // The error is measured before the reconstruction is rounded to bytes.
            var measured = image.Zip(again, (a, b) => Math.Pow((a - b) / 255.0, 2)).Average();
            Assert.Equal(measured, error, 1e-3 * measured + 1e-4);
        }
    }

    [Fact]
    public void Floats_keep_their_units()
    {
        var random = new Random(2);
        var view = new GeneratedView<float>(400, [6], 2, (_, values) =>
        {
            var level = random.NextSingle();
            for (var i = 0; i < values.Length; i++)
                values[i] = 500 + 100 * level * (i + 1);
        }, _ => 1);
        // The rows are of one number each, and far from [0, 1].
        var data = _ml.Data.Cache(view, "Features");
        using var model = _ml.Transforms.Autoencoder("Code", "Features", _quick with { Network = new() { HiddenLayerSizes = [8], CodeSize = 1 }, LearningRate = 1e-2, NumberOfSteps = 1_500 }).Fit(data);
        var scored = model.Transform(data);
        foreach (var (row, again, error) in scored.GetColumn<float[]>("Features").Zip(scored.GetColumn<float[]>("Again"), scored.GetColumn<float>("Error")))
        {
            var measured = row.Zip(again, (a, b) => Math.Pow(a - b, 2)).Average();
            Assert.Equal(measured, error, 1e-3 * measured + 1e-2);
        }

        Assert.Equal(scored.GetColumn<float[]>("Features").Average(row => row[3]), scored.GetColumn<float[]>("Again").Average(row => row[3]), 50f);
    }

    [Fact]
    public void Batches_and_single_rows_agree_whichever_columns_are_read()
    {
        var data = Digits.Load(_ml, 30);
        using var model = Fit(_quick, data);
        var codes = model.Transform(data).GetColumn<float[]>("Code").ToList();
        var errors = model.Transform(data).GetColumn<float>("Error").ToList();
        using var engine = _ml.Model.CreatePredictionEngine<Digits.Row, Result>(model, new PredictionEngineOptions { OwnsTransformer = false });
        foreach (var (i, row) in Digits.Create(30).Index())
        {
            var result = engine.Predict(row);
            Assert.Equal(codes[i], result.Code, (a, b) => Math.Abs(a - b) < 1e-5);
            Assert.Equal(errors[i], result.Error, 1e-6);
        }
    }

    [Fact]
    public void Reading_codes_decodes_nothing()
    {
        var data = Digits.Load(_ml, 50);
        using var model = Fit(_quick, data);
        var wanted = model.Model.Definition.Objective.Columns.Select(column => column.Name == "Code").ToList();
        TorchRuntime.EnsureLoaded();
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var random = new TorchSharp.torch.Generator(1);
        using var network = model.Model.Definition.Build(random);
        var outputs = model.Model.Definition.Objective.Score(network, TorchSharp.torch.zeros(2, 28, 28), wanted);
        Assert.Equal([true, false, false], outputs.Select(output => output is not null));
    }

    private TorchTransformer Fit(Autoencoder.Options options, IDataView data) => _ml.Transforms.Autoencoder("Code", "Image", options).Fit(data);

    private sealed class Result
    {
        public float[] Code { get; set; } = [];

        public float Error { get; set; }
    }
}
