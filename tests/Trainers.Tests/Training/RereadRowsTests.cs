using System.Collections;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Training;

/// <summary>Data that gives other rows when it is read again is refused, with both numbers; data that is read once is held.</summary>
public class RereadRowsTests
{
    private const int Rows = 300;

    private readonly MLContext _ml = new(seed: 1);

    /// <summary>Fits that read their data again: for each epoch, for the held-out part, for its measurement.</summary>
    public static TheoryData<string> Readings => ["streamed", "held out", "validation set"];

    [Theory]
    [MemberData(nameof(Readings))]
    public void Rows_that_are_there_once_are_refused(string reading)
    {
        var rows = new Changing(readings: 1, then: 0);
        Sentence.Has(Assert.Throws<InvalidDataException>(() => Fit(reading, rows)), $"{Rows} rows", "has 0 now", "in a list", "ml.Data.Cache");
    }

    [Theory]
    [InlineData("streamed", 299)]
    [InlineData("streamed", 317)]
    [InlineData("held out", 299)]
    [InlineData("held out", 317)]
    [InlineData("validation set", 299)]
    [InlineData("validation set", 317)]
    public void Other_numbers_of_rows_are_refused(string reading, int then) =>
        Sentence.Has(Assert.Throws<InvalidDataException>(() => Fit(reading, new(readings: 1, then))), $"{Rows} rows", $"has {then} now");

    [Fact]
    public void Rows_that_fit_are_read_once()
    {
        var rows = new Changing(readings: 1, then: 0);
        using var model = _ml.SoftmaxRegression(new() { NumberOfSteps = null, NumberOfEpochs = 2 }).Fit(View(rows));
        Assert.Equal((Rows, 1), (model.Model.Training.Rows, rows.Readings));
    }

    /// <summary>TensorBoard, which a run folder brings, goes without examples then.</summary>
    [Fact]
    public void So_is_a_validation_set_with_a_run_folder_too()
    {
        using var folder = new TemporaryFolder();
        var warnings = new List<string>();
        _ml.Log += (_, line) =>
        {
            if (line.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
                warnings.Add(line.RawMessage);
        };
        var set = new Changing(readings: 1, then: 0);
        using var model = _ml.SoftmaxRegression(new() { NumberOfSteps = 2, RunFolder = folder.PathOf("run"), ValidationSet = View(set) }).Fit(View(new(readings: int.MaxValue, then: 0)));
        Assert.NotEmpty(model.Model.Training.Validation);
        Assert.Contains("TensorBoard gets no examples: ValidationSet had 300 rows", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_that_an_earlier_step_has_used_up_are_refused()
    {
        var data = _ml.Data.LoadFromEnumerable(new Changing(readings: 1, then: 0));
        var chain = _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.SoftmaxRegression(new() { NumberOfSteps = 1 }));
        Sentence.Has(Assert.Throws<InvalidDataException>(() => chain.Fit(data)), "has no rows", "ml.Data.Cache");
    }

    [Fact]
    public void A_sequence_that_is_there_once_is_refused_after_its_survey()
    {
        var once = new Changing(readings: 1, then: 0).Select(row => new Reversal { Text = "ab", Reversed = "ba" });
        Sentence.Has(Assert.Throws<InvalidDataException>(() => _ml.Transforms.SequenceToSequence("Output", "Text", "Reversed", Sequences.Reversals.Quick).Fit(_ml.Data.LoadFromEnumerable(once))), $"{Rows} rows", "has 0 now");
    }

    private void Fit(string reading, Changing rows)
    {
        var options = new SoftmaxRegression.Options { NumberOfSteps = null, NumberOfEpochs = 2, BatchSize = 50 };
        options = reading switch
        {
            "streamed" => options with { MemoryBudget = 512 },
            "held out" => options with { ValidationFraction = 0.1 },
            _ => options with { ValidationSet = View(rows), MemoryBudget = 512 },
        };
        _ml.SoftmaxRegression(options).Fit(View(reading == "validation set" ? new(readings: int.MaxValue, then: 0) : rows)).Dispose();
    }

    private IDataView View(Changing rows)
    {
        var data = _ml.Data.LoadFromEnumerable(rows);
        return _ml.Transforms.Conversion.MapValueToKey("Label").Fit(_ml.Data.LoadFromEnumerable(new Changing(readings: 1, then: 0))).Transform(data);
    }

    private sealed class Row
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public string Label { get; set; } = "";
    }

    private sealed class Reversal
    {
        public string Text { get; set; } = "";

        public string Reversed { get; set; } = "";
    }

    /// <summary>So many rows in the first readings, another number after them.</summary>
    private sealed class Changing(int readings, int then) : IEnumerable<Row>
    {
        public int Readings { get; private set; }

        public IEnumerator<Row> GetEnumerator() => Enumerable.Range(0, ++Readings <= readings ? Rows : then).Select(i => new Row { Features = [i % 2, i], Label = $"c{i % 2}" }).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
