using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Sequences;

/// <summary>What a sequence regression cannot use is refused in a sentence that says what, where, and how to mend it.</summary>
public class SequenceRefusalTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly Windows _windows = new(20);

    [Fact]
    public void A_label_that_is_no_multiple_of_the_steps_is_refused()
    {
        var data = _ml.Transforms.Concatenate("Short", "Last", "Last", "Last").Fit(_windows.Load(_ml)).Transform(_windows.Load(_ml));
        var refusal = Assert.Throws<ArgumentException>(() => _ml.Recurrent(Windows.Stateful with { LabelColumnName = "Short" }).Fit(data));
        Sentence.Has(refusal, "ReturnSequences", "4 steps", "the label has 3", "a label [4] or [4, values]");
    }

    [Fact]
    public void A_label_that_is_not_there_is_named_with_those_that_are() =>
        Refused("Target", _windows.Load(_ml), "Label column 'Target' is not in the data", "Features, Label, Last");

    [Theory]
    [InlineData("Text", "String")]
    [InlineData("Number", "Int32")]
    [InlineData("Double", "Double")]
    [InlineData("Doubles", "Vector<Double, 2>")]
    [InlineData("Any", "Vector<Single>")]
    public void A_label_of_another_type_is_refused(string label, string type) => Refused(
        label, _ml.Data.LoadFromEnumerable([new Odd()]), $"Label column '{label}'", $"{type}", "a Single or a vector of Single of known size is expected", "ml.Transforms.Conversion.ConvertType");

    [Fact]
    public void A_key_is_no_number_to_be_predicted()
    {
        var data = _windows.Load(_ml);
        Refused("Key", _ml.Transforms.Conversion.MapValueToKey("Key", "Last").Fit(data).Transform(data), "Label column 'Key' has the type Key<UInt32", "a Single or a vector of Single");
    }

    [Fact]
    public void An_estimator_refuses_the_shape_of_such_labels_too()
    {
        var chain = _ml.Transforms.Conversion.MapValueToKey("Label", "Last").Append(_ml.Recurrent(new() { NumberOfSteps = 1 }));
        Sentence.Has(Assert.ThrowsAny<ArgumentException>(() => chain.Fit(_windows.Load(_ml))), "Label column 'Label' is a Scalar of keys of", "a Single or a vector of Single");
        chain = _ml.Transforms.Conversion.MapValueToKey("Key", "Last").Append(_ml.Recurrent(new() { LabelColumnName = "Nothing", NumberOfSteps = 1 }));
        Sentence.Has(Assert.ThrowsAny<ArgumentException>(() => chain.Fit(_windows.Load(_ml))), "Label column 'Nothing' is not in the data");
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_label_that_is_no_finite_number_is_named_with_its_row(float value)
    {
        var rows = _windows.Rows.ToList();
        rows[7].Last = rows[7].Label[2] = value;
        var data = _ml.Data.LoadFromEnumerable(rows);
        var scalar = Assert.Throws<InvalidDataException>(() => _ml.Recurrent(new() { LabelColumnName = "Last" }).Fit(data));
        Sentence.Has(scalar, $"Column 'Last' has the value {value}", "row 7", "finite numbers", "ml.Data.FilterRowsByMissingValues");
        var vector = Assert.Throws<InvalidDataException>(() => _ml.Recurrent(new()).Fit(data));
        Sentence.Has(vector, $"Column 'Label' has the value {value} at index 2 of row 7", "finite numbers");
    }

    [Fact]
    public void A_feature_that_is_no_finite_number_is_named_with_its_row()
    {
        var rows = _windows.Rows.ToList();
        rows[3].Features[1] = float.NaN;
        var refusal = Assert.Throws<InvalidDataException>(() => _ml.Recurrent(Windows.Stateful).Fit(_ml.Data.LoadFromEnumerable(rows)));
        Sentence.Has(refusal, "Column 'Features' has the value NaN at index 1 of row 3");
    }

    [Fact]
    public void A_window_of_another_width_than_was_trained_on_is_refused()
    {
        using var model = _ml.Recurrent(Windows.Stateful).Fit(_windows.Load(_ml));
        var wider = _ml.Transforms.Concatenate("Features", "Label", "Last").Fit(_windows.Load(_ml)).Transform(_windows.Load(_ml));
        Sentence.Has(Assert.Throws<ArgumentException>(() => model.Transform(wider)), "Feature column 'Features' has 5 values a row", "trained on 8 (Vector<Single, 4, 2>)");
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused_before_any_data_is_read()
    {
        Refused(options => options with { Network = new() { Stateful = new() { Stride = 0 } } }, "StatefulBatching.Stride is 0; it has to be at least 1.");
        Refused(options => options with { Network = new() { Stateful = new(), Layers = new() { Bidirectional = true } } }, "Stateful carries the state forward in time, but Bidirectional layers also read from the end");
        Refused(options => options with { LabelColumnName = "" }, "LabelColumnName is empty");
        Refused(options => options with { FeatureColumnName = "" }, "FeatureColumnName is empty");

        void Refused(Func<RecurrentNetwork.RegressionOptions, RecurrentNetwork.RegressionOptions> change, string sentence) =>
            Assert.StartsWith(sentence, Assert.ThrowsAny<ArgumentException>(() => _ml.Recurrent(change(new()))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fewer_rows_than_lanes_are_refused() => Sentence.Has(
        Assert.ThrowsAny<ArgumentException>(() => _ml.Recurrent(Windows.Stateful with { BatchSize = 50 }).Fit(_windows.Load(_ml))),
        "BatchSize, for a stateful network and 20 rows, is 50; it has to be at most 20.");

    [Fact]
    public void A_validation_set_with_labels_of_another_length_is_refused()
    {
        var options = new RecurrentNetwork.RegressionOptions { LabelColumnName = "Last", NumberOfSteps = 1 };
        var data = _windows.Load(_ml);
        var other = _ml.Transforms.Concatenate("Last", "Last", "Last").Fit(data).Transform(data);
        Sentence.Has(Assert.Throws<ArgumentException>(() => _ml.Recurrent(options with { ValidationSet = other }).Fit(data)), "ValidationSet", "'Last'");
    }

    private void Refused(string label, IDataView data, params string[] parts) =>
        Sentence.Has(Assert.Throws<ArgumentException>(() => _ml.Recurrent(new() { LabelColumnName = label }).Fit(data)), parts);

    private sealed class Odd
    {
        [VectorType(Windows.Steps, Windows.Width)]
        public float[] Features { get; set; } = new float[Windows.Steps * Windows.Width];

        public string Text { get; set; } = "";

        public int Number { get; set; }

        public double Double { get; set; }

        [VectorType(2)]
        public double[] Doubles { get; set; } = [0, 0];

        [VectorType]
        public float[] Any { get; set; } = [0];
    }
}
