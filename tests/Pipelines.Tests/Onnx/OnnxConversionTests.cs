using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files;
using Sconce.Pipelines.Onnx;
using Sconce.Pipelines.Tutorials.Curves;
using Sconce.Trainers;
using Sconce.Trainers.Forecasts;

namespace Sconce.Pipelines.Tests.Onnx;

/// <summary>Models whose networks have become graphs, in our batches and in ML.NET's own transformer.</summary>
public class OnnxConversionTests(SmallNetworks networks)
{
    private readonly MLContext _ml = networks.Ml;

    [Fact]
    public void A_converted_pipeline_is_used_as_the_one_it_was_made_of()
    {
        var path = networks.PathOf("converted.zip");
        using (var converted = _ml.Model.ConvertNetworksToOnnx(networks.Classifier.Model))
            _ml.Model.SaveAtomically(converted, networks.Train.Schema, path);
        _ml.Model.SaveAtomically(networks.Classifier.Model, networks.Train.Schema, networks.PathOf("torch.zip"));

        using var file = ModelFile.Load(_ml, path);
        using var torch = ModelFile.Load(_ml, networks.PathOf("torch.zip"));
        OnnxBatchTests.AssertSame(OnnxBatchTests.Read(torch.Transformer.Transform(networks.Test)), OnnxBatchTests.Read(file.Transformer.Transform(networks.Test)));
        Assert.Equal(torch.Input.ColumnType, file.Input.ColumnType);
        var (ours, theirs) = (Evaluation.Of(_ml, file, networks.Test), Evaluation.Of(_ml, torch, networks.Test));
        Assert.Equal(theirs.Metrics["accuracy"], ours.Metrics["accuracy"], 12);
        Assert.Equal(theirs.Metrics["log-loss"], ours.Metrics["log-loss"], 5);
        Assert.Equal(theirs.Confusion, ours.Confusion);

        // No label is needed to score, as with the network itself.
        ColumnFile.Write(networks.Test, ["Image"], networks.PathOf("images.idx"), cancellation: TestContext.Current.CancellationToken);
        FileScorer.Score(_ml, path, [networks.PathOf("images.idx")], networks.PathOf("scores.csv"), new() { CancellationToken = TestContext.Current.CancellationToken });
        Assert.Equal(601, File.ReadLines(networks.PathOf("scores.csv")).Count());
        Assert.StartsWith("PredictedLabel,Score.0,Score.1", File.ReadLines(networks.PathOf("scores.csv")).First(), StringComparison.Ordinal);
    }

    [Fact]
    public void Several_networks_in_a_chain_become_several_graphs()
    {
        var data = _ml.Data.TakeRows(networks.Train, 500);
        var model = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.Transforms.Autoencoder("Code", "Image", new Autoencoder.Options { Network = new() { HiddenLayerSizes = [16], CodeSize = 4 }, NumberOfSteps = 10 }))
            .Append(_ml.MulticlassClassification.Trainers.DenseNetwork(new DenseNetwork.Options { FeatureColumnName = "Code", NumberOfSteps = 10 }))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("Digit", "PredictedLabel")).Fit(data);
        using var converted = _ml.Model.ConvertNetworksToOnnx(model);
        Assert.Equal(2, converted.OfType<OnnxBatchTransformer>().Count());
        Assert.Empty(converted.OfType<TorchTransformer>());
        var (ours, torch) = (converted.Transform(data), model.Transform(data));
        Assert.Equal(torch.Schema.Select(column => (column.Name, column.Type.ToString())), ours.Schema.Select(column => (column.Name, column.Type.ToString())));
        Assert.Equal(torch.GetColumn<uint>("Digit"), ours.GetColumn<uint>("Digit"));
        foreach (var (expected, actual) in torch.GetColumn<float[]>("Score").Zip(ours.GetColumn<float[]>("Score")))
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        model.Dispose();
    }

    [Fact]
    public void An_autoencoder_is_evaluated_by_its_graph()
    {
        var path = networks.PathOf("autoencoder.zip");
        using (var converted = _ml.Model.ConvertNetworksToOnnx(networks.Autoencoder.Model))
            _ml.Model.SaveAtomically(converted, networks.Train.Schema, path);
        using var file = ModelFile.Load(_ml, path);
        var report = ReconstructionReport.Evaluate(file, networks.Test);
        Assert.Equal(600, report.Rows);
        Assert.Equal(networks.Autoencoder.Model.Transform(networks.Test).GetColumn<float>("Error").Average(), report.MeanSquaredError, 5);

        var error = Assert.Throws<InvalidDataException>(() => file.Network);
        Assert.Contains("autoencoder.zip", error.Message, StringComparison.Ordinal);
        Assert.Contains("holds an ONNX graph", error.Message, StringComparison.Ordinal);
        Assert.Contains("holds an ONNX graph", Assert.Throws<InvalidDataException>(() => file.Autoencoder).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_regression_is_evaluated_by_its_graph()
    {
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 300).Select(i => new WindowRow { Window = [.. Enumerable.Range(i, 6).Select(step => MathF.Sin(step / 5f))], Next = MathF.Sin((i + 6) / 5f) }));
        using var model = _ml.Regression.Trainers.RecurrentNetwork(new RecurrentNetwork.RegressionOptions { FeatureColumnName = "Window", LabelColumnName = "Next", NumberOfSteps = 20 }).Fit(data);
        using var converted = _ml.Model.ConvertNetworksToOnnx(model);
        var (ours, torch) = (_ml.Regression.Evaluate(converted.Transform(data), "Next"), _ml.Regression.Evaluate(model.Transform(data), "Next"));
        Assert.Equal(torch.MeanSquaredError, ours.MeanSquaredError, 5);
        Assert.Equal(NumberDataViewType.Single, converted.GetOutputSchema(data.Schema)["Score"].Type);
    }

    /// <summary>The scale of the labels is undone in the graph, whatever loads it.</summary>
    [Fact]
    public void Labels_of_thousands_are_given_by_the_graph_as_by_the_network()
    {
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 300).Select(i => new WindowRow { Window = [.. Enumerable.Range(i, 6).Select(step => MathF.Sin(step / 5f))], Next = 29_500 + 8_000 * MathF.Sin((i + 6) / 5f) }));
        using var model = _ml.Regression.Trainers.Torch(new DenseNetwork(), new() { FeatureColumnName = "Window", LabelColumnName = "Next", NumberOfEpochs = 30 }).Fit(data);
        var expected = model.Transform(data).GetColumn<float>("Score").ToList();
        Assert.True(_ml.Regression.Evaluate(model.Transform(data), "Next").RSquared > 0.7);
        using var converted = _ml.Model.ConvertNetworksToOnnx(model);
        _ml.Model.SaveAtomically(converted, data.Schema, networks.PathOf("prices.zip"));
        using var loaded = (IDisposable)_ml.Model.LoadVerified(networks.PathOf("prices.zip"), out _);
        foreach (var graph in (ITransformer[])[converted, (ITransformer)loaded])
            Assert.All(expected.Zip(graph.Transform(data).GetColumn<float>("Score")), pair => Assert.Equal(1, pair.Second / pair.First, 1e-5));
    }

    /// <summary>A state that is carried from row to row has no place in batches that are scored by themselves.</summary>
    [Fact]
    public void A_network_that_carries_a_state_is_refused()
    {
        var data = _ml.Data.LoadSine(200);
        using var model = _ml.Regression.Trainers.RecurrentNetwork(RecurrentNetwork.RegressionOptions.Classic with { NumberOfSteps = 2 }).Fit(data);
        var error = Assert.Throws<NotSupportedException>(() => _ml.Model.ConvertNetworksToOnnx(model));
        Assert.Contains("RecurrentNetwork carries its state", error.Message, StringComparison.Ordinal);
        Assert.Contains("as an ONNX file", error.Message, StringComparison.Ordinal);
    }

    /// <summary>It would need libtorch all the same.</summary>
    [Fact]
    public void A_forecaster_is_refused()
    {
        // Not one part of either is looked at.
        var forecaster = new ForecastTransformer(new Forecaster(null!, null!, null!), [], 0);
        foreach (var model in (ITransformer[])[forecaster, new TransformerChain<ITransformer>(new TorchTransformer(null!), forecaster)])
        {
            var error = Assert.Throws<NotSupportedException>(() => _ml.Model.ConvertNetworksToOnnx(model));
            Assert.Contains("ForecastTransformer) forecasts series", error.Message, StringComparison.Ordinal);
            Assert.Contains("by itself", error.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>The classifier reads what the first network made, not the values that were there before.</summary>
    [Fact]
    public void A_network_that_puts_its_output_in_its_inputs_place_does_so_as_a_graph()
    {
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 60).Select(i => new PointRow { Features = [i % 7 - 3, i % 5 - 2, 1], Target = [i % 5 * 20, i % 7 * 20, 0], Label = i % 3 }));
        using var model = _ml.Transforms.Torch<ExportableModule>("Features", "Features", new() { TargetColumnName = "Target", NumberOfSteps = 5 })
            .Append(_ml.Regression.Trainers.Torch<ExportableModule>(new() { NumberOfSteps = 5 })).Fit(data);
        using var converted = _ml.Model.ConvertNetworksToOnnx(model);
        var (ours, torch) = (converted.Transform(data), model.Transform(data));
        Assert.Equal(torch.Schema.Select(column => (column.Name, column.Type.ToString())), ours.Schema.Select(column => (column.Name, column.Type.ToString())));
        foreach (var (expected, actual) in torch.GetColumn<float[]>("Features").Zip(ours.GetColumn<float[]>("Features")))
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        Assert.All(torch.GetColumn<float>("Score").Zip(ours.GetColumn<float>("Score")), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));

        // An exported file is read alike, whatever its input is called in the data.
        _ml.Model.ExportToOnnx(model, data.Schema, networks.PathOf("place.onnx"));
        using var file = _ml.Transforms.CopyColumns("Raw", "Features").Append(_ml.Transforms.ApplyOnnxModelInBatches(networks.PathOf("place.onnx"), "Raw")).Fit(data);
        Assert.All(torch.GetColumn<float>("Score").Zip(file.Transform(data).GetColumn<float>("Score")), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        Assert.All(ours.GetColumn<float[]>("Features").Zip(file.Transform(data).GetColumn<float[]>("Features")), pair => Assert.Equal(pair.First[0], pair.Second[0], 1e-5f));
    }

    /// <summary>Class values may be of the type that keys are stored in.</summary>
    [Fact]
    public void Values_in_their_keys_place_are_values()
    {
        var model = networks.Classifier.Model.Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(networks.Classifier.Model.Transform(networks.Test)));
        _ml.Model.ExportToOnnx(model, networks.Train.Schema, networks.PathOf("values.onnx"));
        using var onnx = _ml.Transforms.ApplyOnnxModelInBatches(networks.PathOf("values.onnx")).Fit(networks.Test);
        var (ours, torch) = (onnx.Transform(networks.Test), model.Transform(networks.Test));
        Assert.Equal(torch.Schema["PredictedLabel"].Type, ours.Schema["PredictedLabel"].Type);
        Assert.Equal(torch.GetColumn<uint>("PredictedLabel"), ours.GetColumn<uint>("PredictedLabel"));
        Assert.Equal(NumberDataViewType.UInt32, ours.Schema["PredictedLabel"].Type);
    }

    [Fact]
    public void A_model_without_networks_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => _ml.Model.ConvertNetworksToOnnx(_ml.Transforms.CopyColumns("Copy", "Label").Fit(networks.Test)));
        Assert.Contains("ColumnCopyingTransformer", error.Message, StringComparison.Ordinal);
        Assert.Contains("none of Sconce's networks", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The exported file in ML.NET's own transformer, saved and loaded by ML.NET alone.</summary>
    [Fact]
    public void The_stock_transformer_composes_saves_and_loads_the_file()
    {
        var pipeline = _ml.Transforms.ApplyOnnxModel(
                ["Score", "PredictedLabel"], ["Image"], networks.Classifier.Onnx,
                new Dictionary<string, int[]> { ["Image"] = [1, 28, 28], ["Score"] = [1, 10], ["PredictedLabel"] = [1, 1] }, gpuDeviceId: null, fallbackToCpu: false, recursionLimit: 100)
            .Append(_ml.Transforms.CopyColumns("Probabilities", "Score"));
        using (var fitted = pipeline.Fit(networks.Test))
            _ml.Model.Save(fitted, networks.Test.Schema, networks.PathOf("composed.zip"));
        AssertAgrees("composed.zip", "Probabilities");
    }

    [Fact]
    public void A_stock_model_is_made_of_a_file_alone()
    {
        var (model, schema) = StockOnnx.Create(_ml, File.ReadAllBytes(networks.Classifier.Onnx), "classifier.onnx");
        _ml.Model.Save(model, schema, networks.PathOf("stock.zip"));
        (model as IDisposable)?.Dispose();
        AssertAgrees("stock.zip", "Score");
    }

    private void AssertAgrees(string zip, string column)
    {
        var loaded = new MLContext().Model.Load(networks.PathOf(zip), out var schema);
        using var disposable = loaded as IDisposable;
        Assert.Contains("Image", schema.Select(loadedColumn => loadedColumn.Name));
        var data = _ml.Data.TakeRows(networks.Test, 60);
        var expected = OnnxBatchTests.Read(networks.Classifier.Model.Transform(data));
        var scored = loaded.Transform(data);
        foreach (var (row, scores) in expected.Zip(scored.GetColumn<float[]>(column)))
            Assert.All(row.Score.Zip(scores), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        Assert.Equal(expected.Select(row => row.Predicted), scored.GetColumn<uint[]>("PredictedLabel").Select(keys => keys[0]));
    }

    private sealed class PointRow
    {
        [VectorType(3)]
        public float[] Features { get; set; } = [];

        [VectorType(3)]
        public float[] Target { get; set; } = [];

        public float Label { get; set; }
    }

    private sealed class WindowRow
    {
        [VectorType(6, 1)]
        public float[] Window { get; set; } = [];

        public float Next { get; set; }
    }
}
