using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Sequences;

/// <summary>Keys are numbers of values: the same numbers of the same values in another order are other words, and nothing but the values tells it.</summary>
public class KeyOrderTests
{
    private static readonly Row[] _rows = [new() { Words = "to be or", Answer = "x y" }, new() { Words = "not be", Answer = "y" }];

    // As many words, and a new fit numbers them from the first one on.
    private static readonly Row[] _otherRows = [.. _rows.Reverse()];

    private readonly MLContext _ml = new(seed: 1);

    [Theory]
    [InlineData("Words", "number 1 is 'not' instead of 'to'")]
    [InlineData("Answer", "number 1 is 'y' instead of 'x'")]
    public void A_training_does_not_go_on_with_other_keys(string other, string difference)
    {
        var data = Keyed(_rows);
        using var first = Estimator().Fit(data);
        using var again = Estimator().Fit(data, first);
        Assert.Equal(["to", "be", "or", "not"], again.Model.Definition.Input.Symbols!.Values);
        Sentence.Has(Assert.Throws<ArgumentException>(() => Estimator().Fit(Keyed(_rows, other), first)), "PreviousModel was trained on other keys", $"'{other}'", difference, "MapValueToKey");
    }

    [Theory]
    [InlineData("Words", "number 1 is 'not' instead of 'to'")]
    [InlineData("Answer", "number 1 is 'y' instead of 'x'")]
    public void A_validation_set_of_other_keys_is_refused(string other, string difference)
    {
        var data = Keyed(_rows);
        using var fits = Estimator(Reversals.Quick with { ValidationSet = data }).Fit(data);
        Assert.NotEmpty(fits.Model.Training.Validation);
        Sentence.Has(
            Assert.Throws<ArgumentException>(() => Estimator(Reversals.Quick with { ValidationSet = Keyed(_rows, other) }).Fit(data)),
            "ValidationSet does not fit", $"'{other}' has other keys", difference, "the same steps of the pipeline");
    }

    [Fact]
    public void Other_keys_are_not_scored_and_those_without_values_are_taken_by_their_numbers()
    {
        var data = Keyed(_rows);
        using var model = Estimator().Fit(data);
        var expected = Scores(model, data);
        Sentence.Has(Assert.Throws<ArgumentException>(() => model.Transform(Keyed(_rows, "Words"))), "'Words' has other keys", "number 1 is 'not' instead of 'to'", "MapValueToKey");
        uint[][] numbers = [.. data.GetColumn<uint[]>("Words")];
        Assert.Equal(expected, Scores(model, _ml.Data.LoadFromEnumerable(numbers.Select(words => new Numbered { Words = words }))));
    }

    /// <summary>A model of keys without values takes them from the data that it goes on with, and keeps those that it has.</summary>
    [Fact]
    public void Values_of_keys_are_kept_whichever_training_had_them()
    {
        var data = Keyed(_rows);
        using var nameless = Estimator().Fit(WithoutValues(data));
        Assert.Null(nameless.Model.Definition.Input.Symbols!.Type);
        using var named = Estimator().Fit(data, nameless);
        using var again = Estimator().Fit(WithoutValues(data), named);
        foreach (var model in (TorchTransformer[])[named, again])
        {
            Assert.Equal(["to", "be", "or", "not"], model.Model.Definition.Input.Symbols!.Values);
            Assert.Equal(["x", "y"], ((SequenceTranslation)model.Model.Definition.Objective).Label.Symbols!.Values);
            var scored = model.Transform(data);
            Assert.All(_ml.Transforms.Conversion.MapKeyToValue("Output").Fit(scored).Transform(scored).GetColumn<string[]>("Output").SelectMany(answer => answer), word => Assert.Contains(word, (string[])["x", "y"]));
        }

        IDataView WithoutValues(IDataView keyed) => _ml.Data.LoadFromEnumerable(keyed.GetColumn<uint[]>("Words").Zip(keyed.GetColumn<uint[]>("Answer"), (words, answer) => new Numbered { Words = words, Answer = answer }));
    }

    /// <summary>A set of as many rows of text is read to be held, not once more to be surveyed.</summary>
    [Fact]
    public void A_validation_set_is_read_once()
    {
        var read = 0;
        var set = _ml.Data.LoadFromEnumerable(Counted());
        using var model = Reversals.Estimator(_ml, Reversals.Quick with { ValidationSet = set }).Fit(Reversals.Load(_ml, 100, seed: 1));
        Assert.Equal(50, read);

        IEnumerable<Reversals.Row> Counted() => Reversals.Create(50, seed: 2).Select(row =>
        {
            read++;
            return row;
        });
    }

    private static uint[][] Scores(TorchTransformer model, IDataView data) => [.. model.Transform(data).GetColumn<uint[]>("Output")];

    private TorchEstimator Estimator(EncoderDecoder.Options? options = null) => _ml.Transforms.SequenceToSequence("Output", "Words", "Answer", options ?? Reversals.Quick);

    /// <summary>The rows' words as keys; those of one column numbered as another fit does it.</summary>
    private IDataView Keyed(Row[] rows, string? other = null)
    {
        var words = _ml.Transforms.Text.TokenizeIntoWords("Words").Append(_ml.Transforms.Text.TokenizeIntoWords("Answer"));
        var (data, otherData) = (Split(rows), Split(_otherRows));
        foreach (var column in (string[])["Words", "Answer"])
            data = _ml.Transforms.Conversion.MapValueToKey(column).Fit(column == other ? otherData : Split(_rows)).Transform(data);
        return data;

        IDataView Split(Row[] some)
        {
            var view = _ml.Data.LoadFromEnumerable(some);
            return words.Fit(view).Transform(view);
        }
    }

    private sealed class Row
    {
        public string Words { get; set; } = "";

        public string Answer { get; set; } = "";
    }

    private sealed class Numbered
    {
        [KeyType(4)]
        public uint[] Words { get; set; } = [];

        [KeyType(2)]
        public uint[] Answer { get; set; } = [];
    }
}
