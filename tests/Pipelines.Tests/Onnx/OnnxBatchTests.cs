using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Pipelines.Tests.Onnx;

/// <summary>An ONNX file scored in batches gives what libtorch gives, in whatever way it is read.</summary>
public class OnnxBatchTests(SmallNetworks networks)
{
    /// <summary>What the issue asks for, on probabilities.</summary>
    private const float Tolerance = 1e-5f;

    private readonly MLContext _ml = networks.Ml;

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(600)]
    public void Batches_agree_with_libtorch_row_by_row_in_order(int rows)
    {
        var data = _ml.Data.TakeRows(networks.Test, rows);
        using var onnx = Apply(data);
        var (ours, torch) = (Read(onnx.Transform(data)), Read(networks.Classifier.Model.Transform(data)));
        Assert.Equal(rows, ours.Count);
        Assert.Equal(data.GetColumn<uint>("Label"), ours.Select(row => row.Digit));
        AssertSame(torch, ours);
    }

    [Fact]
    public void A_graph_that_was_disposed_says_so()
    {
        var onnx = Apply(networks.Test);
        var view = onnx.Transform(networks.Test);
        using var cursor = view.GetRowCursor(view.Schema);
        ((IDisposable)onnx).Dispose();
        ((IDisposable)onnx).Dispose();
        Assert.Equal($"'{networks.Classifier.Onnx}'", Assert.Throws<ObjectDisposedException>(() => cursor.MoveNext()).ObjectName);
        Assert.Throws<ObjectDisposedException>(() => onnx.Transform(networks.Test));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1_000)]
    public void The_size_of_a_batch_does_not_matter(int batchSize)
    {
        var data = _ml.Data.TakeRows(networks.Test, 50);
        using var onnx = _ml.Transforms.ApplyOnnxModelInBatches(networks.Classifier.Onnx, batchSize: batchSize).Fit(data);
        AssertSame(Read(networks.Classifier.Model.Transform(data)), Read(onnx.Transform(data)));
    }

    /// <summary>Values in one dimension are read as the input's shape; floats of another column are not the graph's bytes.</summary>
    [Fact]
    public void A_flat_column_of_another_name_is_read()
    {
        var rows = networks.Test.GetColumn<byte[]>("Image").Take(20).Select(image => new FlatRow { Pixels = image }).ToList();
        var data = _ml.Data.LoadFromEnumerable(rows);
        using var onnx = _ml.Transforms.ApplyOnnxModelInBatches(networks.Classifier.Onnx, inputColumnName: "Pixels").Fit(data);
        var expected = Read(networks.Classifier.Model.Transform(_ml.Data.TakeRows(networks.Test, 20)));
        var scores = onnx.Transform(data).GetColumn<float[]>("Score").ToList();
        foreach (var (row, score) in expected.Zip(scores))
            AssertClose(row.Score, score);
    }

    [Fact]
    public void A_prediction_engine_scores_single_rows_alike()
    {
        using var onnx = Apply(networks.Test);
        using var engine = _ml.Model.CreatePredictionEngine<ImageRow, ScoredRow>(onnx);
        var batched = Read(onnx.Transform(networks.Test));
        foreach (var (image, row) in networks.Test.GetColumn<byte[]>("Image").Zip(batched).Take(40))
        {
            var single = engine.Predict(new ImageRow { Image = image });
            AssertClose(row.Score, single.Score);
            Assert.Equal(row.Predicted, single.PredictedLabel);
        }
    }

    [Fact]
    public async Task One_model_serves_several_threads_at_once()
    {
        using var onnx = Apply(networks.Test);
        var expected = Read(onnx.Transform(networks.Test));
        var readings = await Task.WhenAll(Enumerable.Range(1, 4).Select(i => Task.Run(() => Read(onnx.Transform(_ml.Data.SkipRows(networks.Test, i * 100))), TestContext.Current.CancellationToken)));
        foreach (var (i, reading) in readings.Index())
            AssertSame(expected.Skip((i + 1) * 100).ToList(), reading);
    }

    [Fact]
    public void Cursors_over_one_view_do_not_meet()
    {
        using var onnx = Apply(networks.Test);
        var scored = onnx.Transform(networks.Test);
        var column = scored.Schema["PredictedLabel"];
        using var first = scored.GetRowCursor([column]);
        using var second = scored.GetRowCursor([column]);
        var (readFirst, readSecond) = (first.GetGetter<uint>(column), second.GetGetter<uint>(column));
        var expected = Read(scored).Select(row => row.Predicted).ToList();
        uint key = 0;
        for (var i = 0; i < 300; i++)
        {
            // The second is always a row behind.
            Assert.True(first.MoveNext());
            readFirst(ref key);
            Assert.Equal(expected[i], key);
            if (i == 0)
                continue;
            Assert.True(second.MoveNext());
            readSecond(ref key);
            Assert.Equal(expected[i - 1], key);
        }
    }

    /// <summary>Nothing is read of a column, and nothing computed, that nobody wants: the pixels here would be refused.</summary>
    [Fact]
    public void Columns_that_pass_through_need_no_scoring()
    {
        using var onnx = Apply(networks.Test);
        var view = onnx.Transform(networks.Test);
        var mapper = ((ITransformer)onnx).GetRowToRowMapper(networks.Test.Schema);
        Assert.Equal(["Label"], mapper.GetDependencies([view.Schema["Label"]]).Select(column => column.Name));
        Assert.Equal(["Image"], mapper.GetDependencies([view.Schema["Score"]]).Select(column => column.Name));
        using var cursor = view.GetRowCursor([view.Schema["Label"]]);
        Assert.True(cursor.MoveNext());
        Assert.False(cursor.IsColumnActive(view.Schema["Score"]));
        Assert.Throws<ArgumentOutOfRangeException>(() => cursor.GetGetter<VBuffer<float>>(view.Schema["Score"]));
    }

    [Fact]
    public void Only_the_outputs_that_are_named_become_columns()
    {
        using var onnx = _ml.Transforms.ApplyOnnxModelInBatches(networks.Classifier.Onnx, outputColumnNames: ["Score"]).Fit(networks.Test);
        Assert.Equal(["Image", "Label", "Score"], onnx.GetOutputSchema(networks.Test.Schema).Select(column => column.Name).Order());
    }

    /// <summary>The metadata of the file tell which class is which, so that evaluators and MapKeyToValue take the columns as they are.</summary>
    [Fact]
    public void Evaluators_and_key_mapping_work_on_the_columns()
    {
        var keys = _ml.Transforms.Conversion.MapValueToKey("Label", keyOrdinality: Microsoft.ML.Transforms.ValueToKeyMappingEstimator.KeyOrdinality.ByValue).Fit(networks.Train);
        var labelled = keys.Transform(networks.Test);
        var pipeline = _ml.Transforms.ApplyOnnxModelInBatches(networks.Classifier.Onnx)
            .Append(_ml.Transforms.Conversion.MapKeyToValue("Digit", "PredictedLabel"));
        using var onnx = pipeline.Fit(labelled);
        var scored = onnx.Transform(labelled);
        var (ours, torch) = (_ml.MulticlassClassification.Evaluate(scored), _ml.MulticlassClassification.Evaluate(networks.Classifier.Model.Transform(networks.Test)));
        Assert.Equal(torch.MicroAccuracy, ours.MicroAccuracy, 12);
        Assert.Equal(torch.LogLoss, ours.LogLoss, 5);
        Assert.True(ours.MicroAccuracy > 0.5, $"The network was trained for a moment, and is right about {ours.MicroAccuracy:P1}.");

        var names = default(VBuffer<ReadOnlyMemory<char>>);
        scored.Schema["Score"].GetSlotNames(ref names);
        Assert.Equal(Enumerable.Range(0, 10).Select(digit => $"{digit}"), names.DenseValues().Select(name => name.ToString()));
        Assert.Equal(scored.GetColumn<uint>("PredictedLabel").Select(key => key - 1), scored.GetColumn<uint>("Digit"));
    }

    [Fact]
    public void Stock_saving_and_loading_needs_neither_the_file_nor_us()
    {
        var copy = networks.PathOf("gone.onnx");
        File.Copy(networks.Classifier.Onnx, copy, overwrite: true);
        IReadOnlyList<Row> expected;
        using (var onnx = _ml.Transforms.ApplyOnnxModelInBatches(copy, batchSize: 100).Fit(networks.Test))
        {
            expected = Read(onnx.Transform(networks.Test));
            _ml.Model.Save(onnx, networks.Test.Schema, networks.PathOf("batched.zip"));
        }

        File.Delete(copy);
        var loaded = new MLContext().Model.Load(networks.PathOf("batched.zip"), out var schema);
        using var disposable = loaded as IDisposable;
        Assert.Equal(networks.Test.Schema.Select(column => column.Name), schema.Select(column => column.Name));
        var transformer = Assert.IsType<OnnxBatchTransformer>(loaded);
        Assert.Equal(File.ReadAllBytes(networks.Classifier.Onnx), transformer.ToOnnx());
        AssertSame(expected, Read(loaded.Transform(networks.Test)), tolerance: 0);
    }

    [Fact]
    public void An_autoencoders_columns_keep_their_types()
    {
        using var onnx = _ml.Transforms.ApplyOnnxModelInBatches(networks.Autoencoder.Onnx).Fit(networks.Test);
        var (ours, torch) = (onnx.Transform(networks.Test), networks.Autoencoder.Model.Transform(networks.Test));
        foreach (var column in (string[])["Code", "Reconstruction", "Error"])
            Assert.Equal(torch.Schema[column].Type, ours.Schema[column].Type);
        foreach (var (our, other) in ours.GetColumn<float[]>("Code").Zip(torch.GetColumn<float[]>("Code")))
            AssertClose(other, our);
        foreach (var (our, other) in ours.GetColumn<float>("Error").Zip(torch.GetColumn<float>("Error")))
            Assert.Equal(other, our, Tolerance);
        // A level that lies between two bytes may be rounded to either.
        foreach (var (our, other) in ours.GetColumn<byte[]>("Reconstruction").Zip(torch.GetColumn<byte[]>("Reconstruction")))
            Assert.All(our.Zip(other), pair => Assert.InRange(pair.First - pair.Second, -1, 1));
    }

    private OnnxBatchTransformer Apply(IDataView data) => _ml.Transforms.ApplyOnnxModelInBatches(networks.Classifier.Onnx).Fit(data);

    internal static IReadOnlyList<Row> Read(IDataView scored)
    {
        var (label, predicted, score) = (scored.Schema["Label"], scored.Schema["PredictedLabel"], scored.Schema["Score"]);
        using var cursor = scored.GetRowCursor([label, predicted, score]);
        var readLabel = cursor.GetGetter<uint>(label);
        var readPredicted = cursor.GetGetter<uint>(predicted);
        var readScore = cursor.GetGetter<VBuffer<float>>(score);
        var rows = new List<Row>();
        uint digit = 0, key = 0;
        var values = default(VBuffer<float>);
        while (cursor.MoveNext())
        {
            readLabel(ref digit);
            readPredicted(ref key);
            readScore(ref values);
            rows.Add(new(digit, key, values.DenseValues().ToArray()));
        }

        return rows;
    }

    internal static void AssertSame(IReadOnlyList<Row> expected, IReadOnlyList<Row> actual, float tolerance = Tolerance)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach (var (one, other) in expected.Zip(actual))
        {
            AssertClose(one.Score, other.Score, tolerance);
            // Where two classes are as likely as each other, either may be named.
            Assert.True(one.Predicted == other.Predicted || Math.Abs(one.Score[one.Predicted - 1] - one.Score[other.Predicted - 1]) <= 2 * tolerance);
        }
    }

    private static void AssertClose(float[] expected, float[] actual, float tolerance = Tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }

    internal sealed record Row(uint Digit, uint Predicted, float[] Score);

    private sealed class FlatRow
    {
        [VectorType(28 * 28)]
        public byte[] Pixels { get; set; } = [];
    }

    private sealed class ImageRow
    {
        [VectorType(28, 28)]
        public byte[] Image { get; set; } = [];
    }

    private sealed class ScoredRow
    {
        public uint PredictedLabel { get; set; }

        public float[] Score { get; set; } = [];
    }
}
