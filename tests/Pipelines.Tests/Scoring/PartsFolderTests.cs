using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Rows;
using Sconce.Pipelines.Scoring.Parts;
using Sconce.Tests;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>What is refused, and what is left as it was then.</summary>
public sealed class PartsFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ScriptedRun _run;
    private readonly string _parts;

    public PartsFolderTests()
    {
        _run = new ScriptedRun(_folder.FullName, RowFormats.Csv, seed: 3, inputs: 6);
        _parts = $"{_run.Output}.parts";
    }

    private string Manifest => Path.Combine(_parts, "manifest.jsonl");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_output_that_exists_is_replaced_with_force_alone()
    {
        File.WriteAllText(_run.Output, "earlier");
        AssertRefused<IOException>(new(), _run.Output, OutputConflict.Exists);
        Assert.Equal("earlier", File.ReadAllText(_run.Output));
        Assert.False(Directory.Exists(_parts));
    }

    [Fact]
    public void A_quarantine_that_exists_is_replaced_with_force_alone()
    {
        File.WriteAllText(_run.Quarantine, "earlier");
        AssertRefused<IOException>(new() { Quarantine = _run.Quarantine }, _run.Quarantine, OutputConflict.Exists);
        using var folder = PartsFolder.Claim(_run.Output, new());
        Assert.Null(folder.Run);
    }

    [Fact]
    public void A_run_that_was_interrupted_is_resumed_or_begun_anew_on_demand_alone()
    {
        var rows = Interrupt();
        var before = Snapshot();
        Assert.Contains($" {rows} rows, which are in 'scores.csv.parts'", AssertRefused<IOException>(new(), _run.Output, OutputConflict.Interrupted), StringComparison.Ordinal);
        Assert.Equal(before, Snapshot());
        using var anew = PartsFolder.Claim(_run.Output, new() { Force = true });
        Assert.Null(anew.Run);
        Assert.Equal(default, anew.Next);
    }

    [Fact]
    public void A_run_that_is_begun_anew_leaves_nothing_of_the_earlier_one_in_the_folder()
    {
        Interrupt();
        var anew = new ScriptedRun(_folder.FullName, RowFormats.Csv, seed: 5, inputs: 2) { Options = new() { Force = true } };
        anew.Write(until: anew.Batches);
        using var folder = PartsFolder.Claim(_run.Output, new() { Resume = true, Warn = Assert.Fail });
        Assert.Equal(anew.Run.Inputs, folder.Run!.Inputs);
        Assert.InRange(folder.Parts.Count, 1, 2);
        Assert.Equal(folder.Parts.Count, Directory.GetFiles(_parts, "part-*").Length);
        Assert.Equal(folder.Parts.Count(part => part.HasBad), Directory.GetFiles(_parts, "bad-*").Length);
        Assert.Equal(folder.Parts.Count + 1, File.ReadLines(Manifest).Count());
    }

    [Fact]
    public void Force_and_resume_together_go_on_where_there_is_something_to_go_on_with()
    {
        Interrupt();
        var both = new PartedOutputOptions { Force = true, Resume = true };
        using (var folder = PartsFolder.Claim(_run.Output, both))
            Assert.NotNull(folder.Run);
        _run.Write(resume: true);
        using var again = PartsFolder.Claim(_run.Output, both);
        Assert.Null(again.Run);
        Assert.False(again.IsFinished);
    }

    [Fact]
    public void One_command_line_begins_goes_on_and_sees_that_it_is_done()
    {
        _run.Write(resume: true, until: _run.Batches);
        _run.Write(resume: true);
        Assert.Equal(_run.Whole(), File.ReadAllBytes(_run.Output));
        var written = File.GetLastWriteTimeUtc(_run.Output);
        using (var folder = PartsFolder.Claim(_run.Output, new() { Resume = true }))
        {
            Assert.True(folder.IsFinished);
            var facts = ErrorFacts.Of(Assert.Throws<IOException>(() => folder.Begin(_run.Run, _run.Schema)));
            Assert.Equal((_run.Output, OutputConflict.NothingToResume), (facts.File, facts.Conflict));
        }

        Assert.Equal(written, File.GetLastWriteTimeUtc(_run.Output));
        Assert.False(Directory.Exists(_parts));
    }

    [Fact]
    public void A_run_that_was_killed_before_its_first_part_was_whole_is_in_nobodys_way()
    {
        Interrupt();
        File.WriteAllText(Manifest, File.ReadLines(Manifest).First() + "\n{\"number\":0");
        _run.Write();
        Assert.Equal(_run.Whole(), File.ReadAllBytes(_run.Output));
        Assert.False(Directory.Exists(_parts));
    }

    public static TheoryData<string> Differences => ["model", "input", "changed", "count", "format", "columns", "keep", "reading", "label", "batch", "engine", "part"];

    [Theory]
    [MemberData(nameof(Differences))]
    public void A_run_is_not_resumed_with_what_it_was_not_begun_with(string what)
    {
        Interrupt();
        var begun = _run.Run;
        var (other, sentence) = what switch
        {
            "model" => (begun with { Model = new("other.zip", 2_000, "ff") }, "'other.zip' (2,000 bytes with the hash ff) is not the model that the run was started with, 'model.zip' (1,000 bytes with the hash 0123456789abcdef)"),
            "input" => (begun with { Inputs = [begun.Inputs[0], begun.Inputs[1] with { Path = "b.csv" }, .. begun.Inputs.Skip(2)] }, "input file 2: 'b.csv' now, and 'input-1' when the run was started"),
            "changed" => (begun with { Inputs = [begun.Inputs[0] with { Hash = "ff" }, .. begun.Inputs.Skip(1)] }, $"'input-0' has changed: 1,000 bytes with the hash ff now, and {begun.Inputs[0]} when the run was started"),
            "count" => (begun with { Inputs = [begun.Inputs[0]] }, "the number of input files: 1 now, and 6 when the run was started"),
            "format" => (begun with { Format = "tsv" }, "the format: tsv now, and csv when the run was started"),
            "columns" => (begun with { Columns = ["Score", "Label"] }, "the columns to write: Score, Label now, and Score, Name, Count, IsSeen when the run was started"),
            "keep" => (begun with { Keep = ["Id"] }, "the columns to keep: Id now, and none when the run was started"),
            "reading" => (begun with { Reading = "header no" }, "the reading of the inputs: header no now, and header yes when the run was started"),
            "label" => (begun with { Label = "Class" }, "the label: Class now, and none when the run was started"),
            "batch" => (begun with { BatchSize = 512 }, $"the batch size: 512 now, and {begun.BatchSize} when the run was started"),
            "engine" => (begun with { Engine = "onnx" }, "the engine: onnx now, and libtorch when the run was started"),
            _ => (begun with { RowsPerPart = 5 }, "the rows per part: 5 now, and 20 when the run was started"),
        };
        var before = Snapshot();
        using (var folder = PartsFolder.Claim(_run.Output, new() { Resume = true }))
        {
            var refusal = Assert.Throws<InvalidDataException>(() => folder.Begin(other, _run.Schema));
            Assert.StartsWith($"'{_run.Output}' cannot be resumed: {sentence}. ", refusal.Message, StringComparison.Ordinal);
            Assert.Equal(OutputConflict.Different, ErrorFacts.Of(refusal).Conflict);
        }

        Assert.Equal(before, Snapshot());
    }

    /// <summary>Nothing of a model is in its path.</summary>
    [Fact]
    public void A_model_that_was_moved_is_the_same()
    {
        Interrupt();
        using var folder = PartsFolder.Claim(_run.Output, new() { Resume = true });
        using var output = folder.Begin(_run.Run with { Model = _run.Run.Model with { Path = "elsewhere/model.zip" } }, _run.Schema);
        Assert.NotEqual(0, output.Totals.Rows);
    }

    [Fact]
    public void A_second_run_on_the_same_output_is_refused_as_long_as_the_first_lives()
    {
        using (var first = PartsFolder.Claim(_run.Output, new()))
        {
            // Twice: who is refused takes nothing away from who holds it.
            foreach (var options in (PartedOutputOptions[])[new() { Force = true }, new() { Resume = true }])
                AssertRefused<IOException>(options, _run.Output, OutputConflict.InUse);
            using var output = first.Begin(_run.Run, _run.Schema);
            AssertRefused<IOException>(new(), _run.Output, OutputConflict.InUse);
        }

        PartsFolder.Claim(_run.Output, new()).Dispose();
    }

    [Fact]
    public void Columns_that_the_format_does_not_hold_are_refused_before_anything_is_written()
    {
        var schema = new DataViewSchema.Builder();
        schema.AddColumn("Name", TextDataViewType.Instance);
        var idx = new ScriptedRun(_folder.FullName, RowFormats.Idx, seed: 1);
        using (var folder = PartsFolder.Claim(idx.Output, new()))
            Assert.Contains("'Name' has the type String", Assert.Throws<ArgumentException>(() => folder.Begin(idx.Run, schema.ToSchema())).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.FullName));
    }

    [Fact]
    public void An_output_is_no_input_and_no_quarantine()
    {
        using (var folder = PartsFolder.Claim(_run.Output, new()))
        {
            var refusal = Assert.Throws<ArgumentException>(() => folder.Begin(_run.Run with { Inputs = [.. _run.Run.Inputs, new(_run.Output, 1, "")] }, _run.Schema));
            Assert.Equal(_run.Output, ErrorFacts.Of(refusal).File);
            Assert.Contains("is both an input and the output", refusal.Message, StringComparison.Ordinal);
        }

        using var same = PartsFolder.Claim(_run.Output, new() { Quarantine = Path.Combine(_folder.FullName, ".", "scores.csv") });
        var twice = ErrorFacts.Of(Assert.Throws<ArgumentException>(() => same.Begin(_run.Run, _run.Schema)));
        Assert.Equal((_run.Output, nameof(FileScoringOptions.QuarantinePath)), (twice.File, twice.Property));
    }

    [Fact]
    public void An_output_is_no_model()
    {
        using var folder = PartsFolder.Claim(_run.Output, new());
        var refusal = Assert.Throws<ArgumentException>(() => folder.Begin(_run.Run with { Model = new(_run.Output, 1, "") }, _run.Schema));
        Assert.Contains("is both the model and the output", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_quarantine_is_nothing_that_is_read()
    {
        var read = Path.Combine(_folder.FullName, ".", Path.GetFileName(_run.Quarantine));
        foreach (var run in (ScoringRun[])[_run.Run with { Model = new(read, 1, "") }, _run.Run with { Inputs = [.. _run.Run.Inputs, new(read, 1, "")] }])
        {
            using var folder = PartsFolder.Claim(_run.Output, new() { Quarantine = _run.Quarantine });
            var facts = ErrorFacts.Of(Assert.Throws<ArgumentException>(() => folder.Begin(run, _run.Schema)));
            Assert.Equal((_run.Quarantine, nameof(FileScoringOptions.QuarantinePath)), (facts.File, facts.Property));
        }
    }

    [Theory]
    [InlineData("Name,Age\nAnn,1\n", false)]
    [InlineData("File,Row,Line,Reason,Content\nold.csv,1,1,why,x\n", true)]
    [InlineData("", true)]
    public void Even_with_force_a_quarantine_replaces_one_alone(string content, bool isOne)
    {
        File.WriteAllText(_run.Quarantine, content);
        var refusal = Record.Exception(() => (_run with { Options = new() { Force = true } }).Write());
        if (isOne)
        {
            Assert.Null(refusal);
            Assert.NotEqual(content, File.ReadAllText(_run.Quarantine));
            return;
        }

        var facts = ErrorFacts.Of(Assert.IsType<IOException>(refusal));
        Assert.Equal((_run.Quarantine, nameof(FileScoringOptions.QuarantinePath)), (facts.File, facts.Property));
        Assert.Equal([_run.Quarantine], Directory.GetFileSystemEntries(_folder.FullName));
        Assert.Equal(content, File.ReadAllText(_run.Quarantine));
    }

    [Fact]
    public void A_folder_is_no_output()
    {
        Directory.CreateDirectory(_run.Output);
        Assert.StartsWith($"Cannot write '{_run.Output}': it is a folder.", Refusal<IOException>(new() { Force = true }), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_parts));
    }

    [Fact]
    public void A_file_where_the_parts_are_to_be_is_named()
    {
        File.WriteAllText(_parts, "");
        var refusal = Refusal<IOException>(new());
        Assert.StartsWith($"Cannot write '{_run.Output}': ", refusal, StringComparison.Ordinal);
        Assert.Contains(_parts, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void What_somebody_else_keeps_in_the_folder_stays()
    {
        Directory.CreateDirectory(_parts);
        File.WriteAllText(Path.Combine(_parts, "notes.txt"), "mine");
        _run.Write();
        Assert.Equal(["notes.txt"], Directory.GetFiles(_parts).Select(path => Path.GetFileName(path)));
    }

    /// <returns>The rows of the finished parts.</returns>
    private long Interrupt()
    {
        _run.Write(until: _run.Batches);
        using var folder = PartsFolder.Claim(_run.Output, new() { Resume = true });
        Assert.True(folder.Parts.Count > 2 && folder.Parts[1].HasBad);
        return folder.Parts.Sum(part => part.Rows + part.Bad);
    }

    private string AssertRefused<T>(PartedOutputOptions options, string file, OutputConflict conflict)
        where T : Exception
    {
        var refusal = Assert.Throws<T>(() => PartsFolder.Claim(_run.Output, options));
        Assert.Equal((file, conflict), (ErrorFacts.Of(refusal).File, ErrorFacts.Of(refusal).Conflict));
        return refusal.Message;
    }

    private string Refusal<T>(PartedOutputOptions options)
        where T : Exception => Assert.Throws<T>(() => PartsFolder.Claim(_run.Output, options)).Message;

    private List<(string, string)> Snapshot() => [.. Directory.GetFiles(_parts).Order(StringComparer.Ordinal).Select(file => (file, File.ReadAllText(file)))];
}
