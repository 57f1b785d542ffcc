using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Scoring;

/// <summary>What ML.NET's evaluators and users find beside the scores: which class each one is of, in the label's own type.</summary>
public class ScoreAnnotationTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Text_labels_come_back_as_text() => CheckLabels(["b", "a", "c"], label => new TextRow { Value = label }, text => text, text => text.ToString());

    [Fact]
    public void Unsigned_labels_come_back_as_they_were() => CheckLabels<uint, UIntRow, uint>([70, 20, uint.MaxValue], label => new() { Value = label }, Text, value => value);

    [Fact]
    public void Signed_labels_come_back_as_they_were() => CheckLabels<int, IntRow, int>([-7, 0, int.MinValue], label => new() { Value = label }, Text, value => value);

    [Fact]
    public void Long_labels_come_back_as_they_were() => CheckLabels<long, LongRow, long>([-7, 1, long.MaxValue], label => new() { Value = label }, Text, value => value);

    [Fact]
    public void Unsigned_long_labels_come_back_as_they_were() => CheckLabels<ulong, ULongRow, ulong>([7, 1, ulong.MaxValue], label => new() { Value = label }, Text, value => value);

    [Fact]
    public void Short_labels_come_back_as_they_were() => CheckLabels<short, ShortRow, short>([-7, 1, short.MaxValue], label => new() { Value = label }, Text, value => value);

    [Fact]
    public void Byte_labels_come_back_as_they_were() => CheckLabels<byte, ByteRow, byte>([7, 1, 255], label => new() { Value = label }, Text, value => value);

    [Fact]
    public void Float_labels_come_back_to_the_last_bit() => CheckLabels<float, FloatRow, float>([0.1f, -1e-30f, float.MaxValue], label => new() { Value = label }, Text, value => value);

    [Fact]
    public void Double_labels_come_back_to_the_last_bit() => CheckLabels<double, DoubleRow, double>([0.1, -1e-300, Math.PI], label => new() { Value = label }, Text, value => value);

    [Fact]
    public void Boolean_labels_come_back_as_they_were() => CheckLabels<bool, BoolRow, bool>([true, false], label => new() { Value = label }, label => label.ToString(), value => value);

    [Fact]
    public void A_key_without_values_has_numbers_for_names()
    {
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 30).Select(i => new KeyRow { Label = (uint)(i % 3), Features = [i % 3, 1] }));
        using var model = _ml.SoftmaxRegression(new() { BatchSize = 30, NumberOfSteps = 200 }).Fit(data);
        var scored = model.Transform(data);
        Assert.Null(scored.Schema["PredictedLabel"].Annotations.Schema.GetColumnOrNull("KeyValues"));
        Assert.Null(scored.Schema["Score"].Annotations.Schema.GetColumnOrNull("TrainingLabelValues"));
        Assert.Equal(["1", "2", "3"], TextAnnotation(scored.Schema["Score"], "SlotNames"));
        Assert.Equal(data.GetColumn<uint>("Label"), scored.GetColumn<uint>("PredictedLabel"));
        Assert.Equal(1, _ml.MulticlassClassification.Evaluate(scored).MicroAccuracy);
    }

    [Fact]
    public void Both_columns_say_what_they_are()
    {
        using var model = Train(["a", "b"], label => new TextRow { Value = label }, out var data);
        var schema = model.Transform(data).Schema;
        uint predictedSet = 0, scoreSet = 0;
        schema["PredictedLabel"].Annotations.GetValue("ScoreColumnSetId", ref predictedSet);
        schema["Score"].Annotations.GetValue("ScoreColumnSetId", ref scoreSet);
        Assert.Equal(predictedSet, scoreSet);
        Assert.True(predictedSet > 0);
        Assert.Equal("MulticlassClassification", TextValue(schema["PredictedLabel"], "ScoreColumnKind"));
        Assert.Equal("MulticlassClassification", TextValue(schema["Score"], "ScoreColumnKind"));
        Assert.Equal("PredictedLabel", TextValue(schema["PredictedLabel"], "ScoreValueKind"));
        Assert.Equal("Score", TextValue(schema["Score"], "ScoreValueKind"));
    }

    [Fact]
    public void Two_networks_in_a_chain_have_sets_of_their_own_and_the_later_scores_are_the_visible_ones()
    {
        using var first = Train(["a", "b"], label => new TextRow { Value = label }, out var data);
        var trainer = _ml.SoftmaxRegression(new() { NumberOfSteps = 1 });
        var once = first.Transform(data);
        using var second = trainer.Fit(once);
        var twice = second.Transform(once).Schema;

        var sets = twice.Where(column => column.Name == "Score").Select(column =>
        {
            uint set = 0;
            column.Annotations.GetValue("ScoreColumnSetId", ref set);
            return set;
        }).ToList();
        Assert.Equal(2, sets.Count);
        Assert.Equal(sets[0] + 1, sets[1]);
        Assert.Equal([true, false], twice.Where(column => column.Name == "Score").Select(column => column.IsHidden));
        Assert.True(double.IsFinite(_ml.MulticlassClassification.Evaluate(second.Transform(once)).LogLoss));
    }

    private static string Text<T>(T value)
        where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);

    private TransformerChain<TorchTransformer> Train<T, TRow>(T[] labels, Func<T, TRow> create, out IDataView data)
        where TRow : FeatureRow
    {
        // Every third row is of the same class and has its one feature alone: they are learned without a mistake.
        data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 60).Select(i =>
        {
            var row = create(labels[i % labels.Length]);
            row.Features = [.. Enumerable.Range(0, 3).Select(feature => feature == i % labels.Length ? 1f : 0f)];
            return row;
        }).ToList());
        return _ml.Transforms.Conversion.MapValueToKey("Label", "Value").Append(_ml.SoftmaxRegression(new() { BatchSize = 60, NumberOfSteps = 100 })).Fit(data);
    }

    private void CheckLabels<T, TRow, TRaw>(T[] labels, Func<T, TRow> create, Func<T, string> text, Func<TRaw, T> fromRaw)
        where TRow : FeatureRow
    {
        using var model = Train(labels, create, out var data);
        Check(model);

        // What is saved as text has to be the same value again.
        var loaded = _ml.Model.Load(new MemoryStream(ModelZip.Save(_ml, model)), out _);
        using var network = loaded.Network();
        Check(loaded);

        void Check(ITransformer model)
        {
            var scored = model.Transform(data);
            Assert.Equal(labels, Annotation(scored.Schema["PredictedLabel"], "KeyValues"));
            Assert.Equal(labels, Annotation(scored.Schema["Score"], "TrainingLabelValues"));
            Assert.Equal(labels.Select(text), TextAnnotation(scored.Schema["Score"], "SlotNames"));
            Assert.Equal(new KeyDataViewType(typeof(uint), (ulong)labels.Length), scored.Schema["PredictedLabel"].Type);
            Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, labels.Length), scored.Schema["Score"].Type);

            var back = _ml.Transforms.Conversion.MapKeyToValue("Answer", "PredictedLabel").Fit(scored).Transform(scored);
            Assert.Equal(back.GetColumn<TRaw>("Value").Select(fromRaw), back.GetColumn<TRaw>("Answer").Select(fromRaw));
        }

        IEnumerable<T> Annotation(DataViewSchema.Column column, string kind)
        {
            VBuffer<TRaw> values = default;
            column.Annotations.GetValue(kind, ref values);
            return [.. values.DenseValues().Select(fromRaw)];
        }
    }

    private void CheckLabels(string[] labels, Func<string, TextRow> create, Func<string, string> text, Func<ReadOnlyMemory<char>, string> fromRaw) =>
        CheckLabels<string, TextRow, ReadOnlyMemory<char>>(labels, create, text, fromRaw);

    private static IEnumerable<string> TextAnnotation(DataViewSchema.Column column, string kind)
    {
        VBuffer<ReadOnlyMemory<char>> values = default;
        column.Annotations.GetValue(kind, ref values);
        return [.. values.DenseValues().Select(value => value.ToString())];
    }

    private static string TextValue(DataViewSchema.Column column, string kind)
    {
        ReadOnlyMemory<char> value = default;
        column.Annotations.GetValue(kind, ref value);
        return value.ToString();
    }

    private abstract class FeatureRow
    {
        [VectorType(3)]
        public float[] Features { get; set; } = [];
    }

    private sealed class TextRow : FeatureRow { public string Value { get; set; } = ""; }

    private sealed class UIntRow : FeatureRow { public uint Value { get; set; } }

    private sealed class IntRow : FeatureRow { public int Value { get; set; } }

    private sealed class LongRow : FeatureRow { public long Value { get; set; } }

    private sealed class ULongRow : FeatureRow { public ulong Value { get; set; } }

    private sealed class ShortRow : FeatureRow { public short Value { get; set; } }

    private sealed class ByteRow : FeatureRow { public byte Value { get; set; } }

    private sealed class FloatRow : FeatureRow { public float Value { get; set; } }

    private sealed class DoubleRow : FeatureRow { public double Value { get; set; } }

    private sealed class BoolRow : FeatureRow { public bool Value { get; set; } }

    private sealed class KeyRow
    {
        [KeyType(3)]
        public uint Label { get; set; }

        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }
}
