using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Sequences;

/// <summary>What cannot be learned from or read is refused by a sentence with the column, the row, and what was expected.</summary>
public class RefusalTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Empty_texts_are_refused_in_training()
    {
        Sentence.Has(Refused(("12", "21"), ("", "21")), "'Text' has no characters in row 1", "at least one", "FilterByCustomPredicate");
        Sentence.Has(Refused(("12", "21"), ("12", "")), "'Reversed' has no characters in row 1", "at least one");
    }

    [Fact]
    public void Empty_texts_are_refused_in_scoring_by_every_path()
    {
        using var model = Reversals.Estimator(_ml, Reversals.Quick).Fit(Reversals.Load(_ml, 100, seed: 1));
        using var engine = _ml.Model.CreatePredictionEngine<Reversals.Row, Reversals.Result>(model, new PredictionEngineOptions { OwnsTransformer = false });
        var rows = _ml.Data.LoadFromEnumerable([new Reversals.Row { Text = "12" }, new Reversals.Row { Text = "" }]);
        Sentence.Has(Assert.Throws<InvalidDataException>(() => model.Transform(rows).GetColumn<string>("Output").Count()), "'Text' has no characters in row 1");
        Sentence.Has(Assert.Throws<InvalidDataException>(() => engine.Predict(new Reversals.Row { Text = "" })), "'Text' has no characters in row");
    }

    [Fact]
    public void A_label_that_is_longer_than_allowed_is_refused() =>
        Sentence.Has(
            Assert.Throws<InvalidDataException>(() => Reversals.Estimator(_ml, Reversals.Quick with { MaximumOutputLength = 3 }).Fit(Load(("12", "21"), ("1234", "4321")))),
            "'Reversed' has 4 characters in row 1", "3 are allowed");

    [Fact]
    public void A_row_that_is_longer_than_allowed_is_refused_and_one_that_is_not_is_read()
    {
        var options = Reversals.Quick with { Network = Reversals.Quick.Network with { MaximumInputLength = 6 } };
        using var model = Reversals.Estimator(_ml, options).Fit(Load(("12", "21"), ("1234", "4321")));
        Assert.Single(model.Transform(Load(("123456", ""))).GetColumn<string>("Output"));
        Sentence.Has(Assert.Throws<InvalidDataException>(() => model.Transform(Load(("1234567", ""))).GetColumn<string>("Output").Count()), "'Text' has 7 characters in row 0", "6 are allowed", "Truncation");
        Sentence.Has(Assert.Throws<InvalidDataException>(() => Reversals.Estimator(_ml, options).Fit(Load(("1234567", "1")))), "'Text' has 7 characters in row 0", "6 are allowed");
    }

    [Fact]
    public void Data_without_rows_are_refused() =>
        Assert.Equal("Reversed", ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => Reversals.Estimator(_ml, Reversals.Quick).Fit(Load()))).Column);

    [Fact]
    public void Characters_of_a_validation_label_have_to_be_known()
    {
        var options = Reversals.Quick with { ValidationSet = Load(("12", "21"), ("12", "2x")) };
        Sentence.Has(Assert.Throws<InvalidDataException>(() => Reversals.Estimator(_ml, options).Fit(Reversals.Load(_ml, 100, seed: 1))), "'Reversed' has the character 'x' in row 1", "not among the 10 characters");
    }

    [Fact]
    public void Labels_of_another_type_are_refused()
    {
        var data = _ml.Data.LoadFromEnumerable([new NumberRow { Text = "a", Number = 1, Values = [1, 2] }]);
        foreach (var (label, type) in ((string, string)[])[("Number", "Single"), ("Values", "Vector<Single>")])
        {
            var estimator = _ml.Transforms.SequenceToSequence("Output", "Text", label, Reversals.Quick);
            Sentence.Has(Assert.Throws<ArgumentException>(() => estimator.Fit(data)), $"Label column '{label}' has the type {type}", "text, or a vector of keys of UInt32, is expected", "MapValueToKey");
        }

        Sentence.Has(Assert.Throws<ArgumentException>(() => _ml.Transforms.SequenceToSequence("Output", "Text", "Nowhere").Fit(data)), "Label column 'Nowhere' is not in the data", "Text, Number, Values");
        Sentence.Has(Assert.Throws<ArgumentException>(() => _ml.Transforms.SequenceToSequence("Output", "Nowhere", "Text").Fit(data)), "Feature column 'Nowhere' is not in the data");
        Sentence.Has(Assert.Throws<ArgumentException>(() => _ml.Transforms.SequenceToSequence("Output", "Number", "Text").Fit(data)), "Feature column 'Number' has the type Single");
    }

    [Fact]
    public void A_column_of_another_type_is_refused_in_scoring()
    {
        using var model = Reversals.Estimator(_ml, Reversals.Quick).Fit(Reversals.Load(_ml, 100, seed: 1));
        var numbers = _ml.Data.LoadFromEnumerable([new OtherRow { Text = 5 }]);
        Sentence.Has(Assert.Throws<ArgumentException>(() => model.Transform(numbers)), "Column 'Text' has the type Single", "the network was trained on String");
    }

    [Theory]
    [InlineData("has 3 values in row 1", "a multiple of 2, the number of values of a step", 1f, 2f, 3f)]
    [InlineData("'Values' has no steps in row 1", "at least one")]
    [InlineData("has the value NaN at index 1 of row 1", "finite numbers", 1f, float.NaN)]
    public void Vectors_that_are_no_sequence_are_refused(string found, string expected, params float[] values)
    {
        var definition = SchemaDefinition.Create(typeof(NumberRow));
        definition["Values"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 0, 2);
        var data = _ml.Data.LoadFromEnumerable([new NumberRow { Text = "a", Values = [1, 2] }, new NumberRow { Text = "b", Values = values }], definition);
        Sentence.Has(Assert.Throws<InvalidDataException>(() => _ml.Transforms.SequenceToSequence("Output", "Values", "Text", Reversals.Quick).Fit(data)), found, expected);
    }

    [Theory]
    [InlineData("EmbeddingSize is 0")]
    [InlineData("TeacherForcing is 1.5; it has to be in [0, 1]")]
    [InlineData("MaximumOutputLength is 0")]
    [InlineData("MaximumInputLength is 0")]
    [InlineData("Truncation is KeepEnd")]
    [InlineData("HiddenSize is 0")]
    public void Options_that_make_no_sense_are_refused(string sentence)
    {
        var network = Reversals.Quick.Network;
        var options = sentence[0] switch
        {
            'E' => Reversals.Quick with { Network = network with { EmbeddingSize = 0 } },
            'T' when sentence[1] == 'r' => Reversals.Quick with { Network = network with { Truncation = SequenceTruncation.KeepEnd } },
            'T' => Reversals.Quick with { Network = network with { TeacherForcing = 1.5 } },
            'M' when sentence.Contains("Input", StringComparison.Ordinal) => Reversals.Quick with { Network = network with { MaximumInputLength = 0 } },
            'M' => Reversals.Quick with { MaximumOutputLength = 0 },
            _ => Reversals.Quick with { Network = network with { Layers = new() { HiddenSize = 0 } } },
        };
        Sentence.Has(Assert.ThrowsAny<ArgumentException>(() => Reversals.Estimator(_ml, options)), sentence);
    }

    [Fact]
    public void Forged_columns_are_refused()
    {
        var data = Reversals.Load(_ml, 50, seed: 1);
        using var model = Reversals.Estimator(_ml, Reversals.Quick).Fit(data);
        var zip = ModelZip.Save(_ml, model, data.Schema);
        using var folder = new TemporaryFolder();
        Refuse("has the type Text and no symbols", network => network["Input"]!["Symbols"] = null);
        Refuse("a single character", network => network["Input"]!["Symbols"]!["Values"]![0] = "ab");
        Refuse("a single character", network => network["Input"]!["Symbols"]!["Values"]![0] = "1");
        Refuse("a single character", network => network["Objective"]!["Label"]!["Symbols"]!["Values"]![0] = "");

        void Refuse(string sentence, Action<System.Text.Json.Nodes.JsonNode> change)
        {
            var path = folder.Write("forged.zip", new ModelZip(zip).WithJson("Network.json", change).ToBytes());
            Sentence.Has(Assert.Throws<InvalidDataException>(() => new MLContext().Model.LoadVerified(path, out _)), "Network.json", sentence);
        }
    }

    private InvalidDataException Refused(params (string Text, string Reversed)[] rows) =>
        Assert.Throws<InvalidDataException>(() => Reversals.Estimator(_ml, Reversals.Quick).Fit(Load(rows)));

    private IDataView Load(params (string Text, string Reversed)[] rows) =>
        _ml.Data.LoadFromEnumerable(rows.Select(row => new Reversals.Row { Text = row.Text, Reversed = row.Reversed }));

    /// <summary>Of a feature nothing is said of labels.</summary>
    [Fact]
    public void Keys_of_values_that_cannot_be_kept_are_refused()
    {
        var data = _ml.Data.LoadFromEnumerable([new DayRow { Days = [new(2020, 1, 1), new(2020, 1, 2)], Text = "a" }]);
        data = _ml.Transforms.Conversion.MapValueToKey("Days").Fit(data).Transform(data);
        Sentence.Has(Assert.Throws<ArgumentException>(() => _ml.Transforms.SequenceToSequence("Output", "Days", "Text", Reversals.Quick).Fit(data)), "Column 'Days' has key values of the type DateTime", "text, numbers or booleans are expected");
    }

    private sealed class DayRow
    {
        public DateTime[] Days { get; set; } = [];

        public string Text { get; set; } = "";
    }

    private sealed class NumberRow
    {
        public string Text { get; set; } = "";

        public float Number { get; set; }

        public float[] Values { get; set; } = [];
    }

    private sealed class OtherRow
    {
        public float Text { get; set; }
    }
}
