using Microsoft.ML.Data;
using Sconce.Core.Storage;
using Sconce.Files;
using Sconce.Files.Rows;
using Sconce.Pipelines.Scoring;
using Sconce.Pipelines.Scoring.Parts;
using Sconce.Tests;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>What runs that write at the same time do to each other's files: nothing.</summary>
public sealed class SharedPathTests : IDisposable
{
    private const string Others = "File,Row,Line,Reason,Content\nother.csv,1,1,why,x\n";

    private readonly TemporaryFolder _folder = new();
    private readonly ScriptedRun _run;

    public SharedPathTests() => _run = new ScriptedRun(_folder.FullName, RowFormats.Csv, seed: 3, inputs: 6);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_quarantine_is_of_one_run_at_a_time(bool force)
    {
        using (var first = PartsFolder.Claim(_run.Output, new() { Quarantine = _run.Quarantine }))
        {
            PartedOutputOptions second = new() { Quarantine = Path.Combine(_folder.FullName, ".", Path.GetFileName(_run.Quarantine)), Force = force };
            var refusal = Assert.Throws<IOException>(() => PartsFolder.Claim(_folder.PathOf("scores.parquet"), second));
            Assert.Equal($"Another run is writing the quarantine '{second.Quarantine}'. Wait until it is done, or choose another by --quarantine.", refusal.Message);
            Assert.Equal(refusal.Message, Assert.Throws<IOException>(() => new StreamedOutput(Stream.Null, RowFormats.Csv, _run.Schema, second.Quarantine, force)).Message);
        }

        PartsFolder.Claim(_folder.PathOf("scores.parquet"), new() { Quarantine = _run.Quarantine }).Dispose();
        Assert.Empty(Directory.GetFileSystemEntries(_folder.FullName));
    }

    [Theory]
    [InlineData("scores.csv", "others")]
    [InlineData("scores.quarantine.csv", Others)]
    public void What_comes_to_its_place_while_a_run_writes_is_not_replaced(string name, string content)
    {
        var path = _folder.PathOf(name);
        var refusal = Assert.Throws<IOException>(() => _run.Write(files: new Intruder(path, content))).Message;
        Assert.StartsWith($"Cannot write '{_run.Output}': '{path}' is there, and was not when the run was begun: move it away.", refusal, StringComparison.Ordinal);
        Assert.Contains("--resume goes on", refusal, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(path));
        // As long as it is there.
        Assert.Equal(refusal, Assert.Throws<IOException>(() => _run.Write(resume: true)).Message);
        File.Move(path, _folder.PathOf("elsewhere"));
        _run.Write(resume: true);
        AssertComplete();
        Assert.Equal(content, File.ReadAllText(_folder.PathOf("elsewhere")));
    }

    [Theory]
    [InlineData("scores.csv", "others")]
    [InlineData("scores.quarantine.csv", Others)]
    public void With_force_it_is_replaced(string name, string content)
    {
        (_run with { Options = new() { Force = true } }).Write(files: new Intruder(_folder.PathOf(name), content));
        AssertComplete();
    }

    [Fact]
    public void Even_with_force_what_came_to_the_place_of_a_quarantine_and_is_none_stays()
    {
        const string Content = "Name,Age\nAnn,1\n";
        Assert.Contains($"'{_run.Quarantine}' is there, and was not when the run was begun: move it away. ", Assert.Throws<IOException>(() => (_run with { Options = new() { Force = true } }).Write(files: new Intruder(_run.Quarantine, Content))).Message, StringComparison.Ordinal);
        Assert.Equal(Content, File.ReadAllText(_run.Quarantine));
    }

    /// <summary>A run that sets nothing aside has no quarantine to put there, nor one to take away.</summary>
    [Fact]
    public void A_quarantine_that_comes_beside_a_run_without_bad_rows_stays()
    {
        using var model = new AgeModel();
        model.Write("ages.csv", "10\n20\n");
        List<string> warnings = [];
        var quarantine = model.PathOf("scores.quarantine.csv");
        var summary = model.Score(["ages.csv"], "scores.csv", new()
        {
            OnError = RowErrors.Quarantine,
            Progress = new Told<long>(_ => File.WriteAllText(quarantine, Others)),
            Warnings = new Told<string>(warnings.Add),
        });
        Assert.Equal((2, 0, null), (summary.Scored, summary.Bad, summary.Quarantine));
        Assert.Equal(Others, File.ReadAllText(quarantine));
        Assert.Equal([$"'{quarantine}' is of another run: all rows of this one could be used"], warnings);
    }

    /// <summary>It may be the only copy of rows that somebody means to mend.</summary>
    [Fact]
    public void A_quarantine_of_an_earlier_run_stays_beside_a_run_that_makes_none()
    {
        using var model = new AgeModel();
        model.Write("ages.csv", "10\nx\n");
        List<string> warnings = [];
        var quarantine = model.Write("scores.quarantine.csv", Others);
        Assert.Equal(1, model.Score(["ages.csv"], "scores.csv", new() { OnError = RowErrors.Skip, Force = true, Warnings = new Told<string>(warnings.Add) }).Bad);
        Assert.Equal(Others, File.ReadAllText(quarantine));
        Assert.Equal([$"'{quarantine}' is of an earlier run, and stays: this one sets no rows aside"], warnings);
    }

    [Fact]
    public void A_bad_file_is_told_with_what_is_expected_and_what_leaves_it_out()
    {
        using var model = new AgeModel();
        model.Write("ages.json", "[{\"Age\":10}\n");
        var refusal = Assert.Throws<InvalidDataException>(() => model.Score(["ages.json"], "scores.csv")).Message;
        Assert.EndsWith(": the array is not closed; the file is cut short. One JSON object in each line, or an array of objects, is expected. --on-error skip leaves such files out, and --on-error quarantine sets them aside.", refusal, StringComparison.Ordinal);
    }

    private void AssertComplete()
    {
        Assert.Equal(_run.Whole(), File.ReadAllBytes(_run.Output));
        Assert.Equal(_run.Bad.Count(), ReadQuarantine());
        Assert.False(Directory.Exists($"{_run.Output}.parts"));
    }

    private int ReadQuarantine()
    {
        using var file = File.OpenRead(_run.Quarantine);
        RowRequest request = new([new RequestedColumn("Reason", TextDataViewType.Instance)]);
        using var reader = RowFormats.Csv.CreateReader(_run.Quarantine, file, request);
        var rows = new RowBatch(reader.Schema, 1_000);
        reader.Fill(rows, 1_000);
        return rows.Count;
    }

    /// <summary>Files beside which another appears, once, as soon as the parts are put together.</summary>
    private sealed class Intruder(string place, string content) : FileOperations
    {
        private bool _isThere;

        public override FileStream Create(string path)
        {
            if (!_isThere && Path.GetFileName(path).StartsWith("joined-", StringComparison.Ordinal))
                File.WriteAllText(place, content);
            _isThere |= File.Exists(place);
            return base.Create(path);
        }
    }

    private sealed class Told<T>(Action<T> tell) : IProgress<T>
    {
        public void Report(T value) => tell(value);
    }
}
