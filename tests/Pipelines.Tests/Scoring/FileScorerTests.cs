using Microsoft.ML;
using Sconce.Files;
using Sconce.Pipelines.Scoring;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>Where what is read and what is written could meet, and how what is read belongs to a run.</summary>
public sealed class FileScorerTests : IDisposable
{
    private const string Ages = "10\n20\n30\n40\n50\n60\n";

    private readonly AgeModel _model = new();

    public void Dispose() => _model.Dispose();

    /// <summary>Neither the output, nor its quarantine, nor its parts, of this run or of an earlier one.</summary>
    [Theory]
    [InlineData("days")]
    [InlineData("days/*.csv")]
    [InlineData("days/**")]
    public void What_is_written_is_no_input_of_the_folder_or_pattern_that_it_lies_in(string input)
    {
        _model.Write("days/1.csv", Ages);
        _model.Write("days/2.csv", "70\nx\n");
        FileScoringOptions quarantine = new() { OnError = RowErrors.Quarantine };
        AssertCounts(_model.Score([input], "days/scores.csv", quarantine));
        var (scores, bad) = (Read("days/scores.csv"), Read("days/scores.quarantine.csv"));
        Assert.Equal(1 + 7, scores.Count(letter => letter == '\n'));
        _model.Interrupt([input], "days/scores.csv", quarantine with { Force = true });
        AssertCounts(_model.Score([input], "days/scores.csv", quarantine with { Resume = true }));
        Assert.Equal((scores, bad), (Read("days/scores.csv"), Read("days/scores.quarantine.csv")));
        // The usual quarantine is an earlier run's.
        AssertCounts(_model.Score([input], "days/scores.csv", new() { OnError = RowErrors.Skip, Force = true }));
        File.Delete(_model.PathOf("days/scores.quarantine.csv"));
        for (var run = 0; run < 2; run++)
            AssertCounts(_model.Score([input], "days/scores.csv", quarantine with { QuarantinePath = _model.PathOf("days/bad.csv"), Force = true }));

        static void AssertCounts(ScoringSummary summary) => Assert.Equal((8, 7, 1, 0), (summary.Rows, summary.Scored, summary.Bad, summary.BadFiles));
    }

    [Fact]
    public void A_folder_of_nothing_but_what_is_written_is_refused()
    {
        _model.Write("days/scores.csv", "Share\n0.1\n");
        var refusal = Assert.Throws<FileNotFoundException>(() => _model.Score(["days"], "days/scores.csv", new() { Force = true }));
        Assert.Equal(_model.PathOf("days"), refusal.FileName);
        Assert.Equal("Share\n0.1\n", Read("days/scores.csv"));
    }

    /// <summary>A file that is named itself is an input, and what is an input is not overwritten.</summary>
    [Fact]
    public void What_is_named_as_an_input_is_not_written()
    {
        _model.Write("ages.csv", Ages);
        _model.Write("empty.csv", "");
        FileScoringOptions force = new() { Force = true, OnError = RowErrors.Quarantine };
        Assert.Contains("is both an input and the output", Assert.Throws<ArgumentException>(() => _model.Score(["ages.csv"], "ages.csv", force)).Message, StringComparison.Ordinal);
        Assert.Contains("is both the model and the output", Assert.Throws<ArgumentException>(() => _model.Score(["ages.csv"], "age.zip", force with { OutputFormat = "csv" })).Message, StringComparison.Ordinal);
        foreach (var read in (string[])["ages.csv", "empty.csv", "age.zip"])
        {
            var facts = ErrorFacts.Of(Assert.Throws<ArgumentException>(() => _model.Score(["ages.csv", "empty.csv"], "scores.csv", force with { QuarantinePath = _model.PathOf(read) })));
            Assert.Equal((_model.PathOf(read), nameof(FileScoringOptions.QuarantinePath)), (facts.File, facts.Property));
        }

        Assert.Equal((Ages, ""), (Read("ages.csv"), Read("empty.csv")));
        Assert.False(Path.Exists(_model.PathOf("scores.csv")) || Path.Exists(_model.PathOf("scores.csv.parts")));
    }

    [Fact]
    public void What_is_read_is_no_quarantine_of_a_stream_either()
    {
        const string Bad = "File,Row,Line,Reason,Content\nold.csv,1,1,why,x\n";
        _model.Write("bad.csv", Bad);
        using var model = ModelFile.LoadAny(new MLContext(), _model.Path);
        using var run = new FileScoringRun(new MLContext(), model, new() { Force = true, OnError = RowErrors.Quarantine, QuarantinePath = _model.PathOf("bad.csv") });
        using var stream = new MemoryStream();
        Assert.Contains("is both an input and the quarantine", Assert.Throws<ArgumentException>(() => run.Score([_model.PathOf("bad.csv")], stream)).Message, StringComparison.Ordinal);
        Assert.Equal((Bad, 0), (Read("bad.csv"), stream.Length));
    }

    /// <summary>A header, a delimiter or a format changes which row has which number.</summary>
    [Fact]
    public void A_run_is_not_resumed_with_another_reading_of_its_inputs()
    {
        _model.Write("ages.csv", $"Age\n{Ages}");
        _model.Interrupt(["ages.csv"], "scores.csv");
        FileScoringOptions resume = new() { Resume = true };
        foreach (var (options, now) in ((FileScoringOptions, string)[])
        [
            (resume with { HasHeader = true }, "format auto, header yes, delimiter auto"),
            (resume with { HasHeader = false }, "format auto, header no, delimiter auto"),
            (resume with { Delimiter = ';' }, "format auto, header auto, delimiter ';'"),
            (resume with { InputFormat = "tsv" }, "format tsv, header auto, delimiter auto"),
        ])
        {
            var refusal = Assert.Throws<InvalidDataException>(() => _model.Score(["ages.csv"], "scores.csv", options)).Message;
            Assert.Contains($"cannot be resumed: the reading of the inputs: {now} now, and format auto, header auto, delimiter auto when the run was started.", refusal, StringComparison.Ordinal);
        }

        Assert.Equal((6, 4), _model.Score(["ages.csv"], "scores.csv", resume) is var summary ? (summary.Scored, summary.Resumed) : default);
    }

    [Fact]
    public void A_row_that_cannot_be_used_is_named_with_its_column()
    {
        _model.Write("ages.csv", "Age\n10\nx\n");
        var facts = ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => _model.Score(["ages.csv"], "scores.csv")));
        Assert.Equal((_model.PathOf("ages.csv"), 2, 3, "Age", nameof(FileScoringOptions.OnError)), (facts.File, facts.Row, facts.Line, facts.Column, facts.Property));
        Assert.Equal("Delimiter", Assert.Throws<ArgumentException>(() => _model.Score(["ages.csv"], "scores.csv", new() { Delimiter = '"' })).ParamName);
    }

    private string Read(string name) => File.ReadAllText(_model.PathOf(name));
}
