using Microsoft.ML;
using Sconce.Core.Storage;
using Sconce.Pipelines.Scoring;
using Sconce.Pipelines.Scoring.Parts;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>A run is resumed with the inputs that it was begun with, which are hashed while they are read.</summary>
public sealed class ChangedInputTests : IDisposable
{
    private static readonly string[] _inputs = ["first.csv", "second.csv", "third.csv"];

    private readonly AgeModel _model = new();

    public ChangedInputTests()
    {
        foreach (var input in _inputs)
            _model.Write(input, "10\n20\n30\n");
    }

    public void Dispose() => _model.Dispose();

    /// <summary>The first input was read, the second begun, and the third not opened when the run was interrupted.</summary>
    [Theory]
    [InlineData("first.csv", "10\n20\n31\n", false)]
    [InlineData("first.csv", "10\n20\n30\n40\n", false)]
    [InlineData("second.csv", "11\n20\n30\n", false)]
    [InlineData("third.csv", "10\n20\n31\n", true)]
    [InlineData("third.csv", "10\n20\n", false)]
    public void A_run_is_not_resumed_with_a_changed_input(string input, string content, bool isLater)
    {
        Interrupt();
        var path = _model.PathOf(input);
        var written = File.GetLastWriteTimeUtc(path);
        File.WriteAllText(path, content);
        // The contents that were read tell by themselves; of what was not read the time tells.
        File.SetLastWriteTimeUtc(path, isLater ? written.AddSeconds(1) : written);
        var refusal = Assert.Throws<InvalidDataException>(() => Resume());
        Assert.Equal(OutputConflict.Different, ErrorFacts.Of(refusal).Conflict);
        Assert.Contains($"'{path}' has changed", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_input_that_was_read_may_be_written_again_with_the_same_content()
    {
        _model.Score(_inputs, "whole.csv");
        Interrupt();
        File.SetLastWriteTimeUtc(_model.PathOf("first.csv"), DateTime.UnixEpoch);
        Assert.Equal(9, Resume().Rows);
        Assert.Equal(File.ReadAllBytes(_model.PathOf("whole.csv")), File.ReadAllBytes(_model.PathOf("scores.csv")));
    }

    [Fact]
    public void A_manifest_has_the_hash_of_what_was_read_of_each_input()
    {
        Interrupt();
        using var parts = PartsFolder.Claim(_model.PathOf("scores.csv"), new() { Resume = true });
        Assert.All(parts.Run!.Inputs, input => Assert.Null(input.Hash));
        var reads = parts.Parts.SelectMany(part => part.Reads!).ToList();
        Assert.Equal([0, 0, 1], reads.Select(read => read.File));
        Assert.Equal(new InputRead(0, 9, FileHash.Of(_model.PathOf("first.csv"))), reads[1]);
    }

    /// <summary>Up to version 2 every input was hashed before the run.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_run_that_an_older_version_began_is_resumed_by_the_hashes_of_its_inputs(bool isChanged)
    {
        _model.Score(_inputs, "whole.csv");
        Interrupt();
        var manifest = Path.Combine(_model.PathOf("scores.csv.parts"), ScoringManifest.FileName);
        var run = ScoringManifest.Read(manifest)!;
        using var lines = new MemoryStream();
        lines.Write(ScoringManifest.LineOf(run.Run with { Version = 2, Inputs = [.. run.Run.Inputs.Select(input => new InputFile(input.Path, input.Bytes, FileHash.Of(input.Path)))] }));
        foreach (var part in run.Parts)
            lines.Write(ScoringManifest.LineOf(part with { Reads = null }));
        File.WriteAllBytes(manifest, lines.ToArray());
        var written = File.GetLastWriteTimeUtc(_model.PathOf("third.csv"));
        _model.Write("third.csv", isChanged ? "10\n20\n31\n" : "10\n20\n30\n");
        File.SetLastWriteTimeUtc(_model.PathOf("third.csv"), isChanged ? written : written.AddSeconds(1));
        if (isChanged)
        {
            Assert.Contains("third.csv' has changed", Assert.Throws<InvalidDataException>(() => Resume()).Message, StringComparison.Ordinal);
            return;
        }

        Assert.Equal(4, Resume().Resumed);
        Assert.Equal(File.ReadAllBytes(_model.PathOf("whole.csv")), File.ReadAllBytes(_model.PathOf("scores.csv")));
    }

    /// <summary>A column that a later file lacks is found before anything is scored; the first file stays open.</summary>
    [Fact]
    public void A_file_is_opened_once_for_its_rows_and_once_more_where_files_before_it_are_scored_first()
    {
        using var model = ModelFile.LoadAny(new MLContext(), _model.Path);
        var files = new ScoringInputs(model, [.. _inputs.Select(_model.PathOf)], new(), []);
        List<string> opened = [];
        using var rows = new InputRows(files.Names, (name, request) =>
        {
            opened.Add(Path.GetFileName(name));
            return files.Open(name, request);
        }, new ScoringPlan(model).Request);
        rows.OpenAll(TestContext.Current.CancellationToken);
        Assert.Equal(_inputs, opened);
        var batch = Assert.Single(rows.Read(default, 100, TestContext.Current.CancellationToken));
        Assert.Equal([.. _inputs, .. _inputs[1..]], opened);
        Assert.Equal(_inputs.Select((name, i) => new InputRead(i, 9, FileHash.Of(_model.PathOf(name)))), batch.Reads);
    }

    private void Interrupt() => _model.Interrupt(_inputs, "scores.csv");

    private ScoringSummary Resume() => _model.Score(_inputs, "scores.csv", new() { Resume = true });
}
