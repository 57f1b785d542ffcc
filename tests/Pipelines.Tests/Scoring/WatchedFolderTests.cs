using System.Diagnostics;
using Microsoft.ML;
using Sconce.Core.Storage;
using Sconce.Files;
using Sconce.Pipelines.Scoring;
using Sconce.Pipelines.Scoring.Parts;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>Which files of a watched folder are taken, and which are refused.</summary>
public sealed class WatchedFolderTests : IDisposable
{
    private const string Ages = "10\n20\n30\n40\n50\n60\n";

    private static readonly DateTimeOffset _written = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly AgeModel _model = new();

    private string Inbox => _model.PathOf("inbox");

    public void Dispose() => _model.Dispose();

    [Fact]
    public void A_file_that_was_begun_with_other_options_is_begun_anew()
    {
        _model.Write("inbox/working/day.csv", Ages);
        _model.Interrupt(["inbox/working/day.csv"], "outbox/day.csv");
        var scored = Assert.Single(Watch(1, new() { BatchSize = 3 }));
        Assert.Equal((null, 6, 0), (scored.Failure, scored.Summary?.Scored, scored.Summary?.Resumed));
        Assert.Equal(_model.PathOf("inbox/done/day.csv"), scored.Input);
        Assert.Equal(7, File.ReadLines(_model.PathOf("outbox/day.csv")).Count());
        Assert.False(Path.Exists(_model.PathOf("outbox/day.csv.parts")));
    }

    [Fact]
    public void A_file_whose_quarantine_exists_fails_unless_it_is_to_be_replaced()
    {
        const string Earlier = "File,Row,Line,Reason,Content\nold.csv,1,1,why,x\n";
        Put("day.csv", "10\nx\n");
        _model.Write("outbox/day.quarantine.csv", Earlier);
        FileScoringOptions options = new() { OnError = RowErrors.Quarantine };
        var failed = Assert.Single(Watch(1, options));
        Assert.Equal($"'{_model.PathOf("outbox/day.quarantine.csv")}' exists. --force replaces it; or give the file another name.", failed.Failure);
        Assert.Equal(_model.PathOf("inbox/failed/day.csv"), failed.Input);
        Assert.Equal(Earlier, File.ReadAllText(_model.PathOf("outbox/day.quarantine.csv")));
        Put("day.csv", "10\nx\n");
        Assert.Equal((1, 1), Assert.Single(Watch(1, options with { Force = true })).Summary is { } summary ? (summary.Scored, summary.Bad) : default);
        Assert.Contains("day.csv,2,2,", File.ReadAllText(_model.PathOf("outbox/day.quarantine.csv")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_quarantine_names_the_file_where_it_ends_up()
    {
        _model.Write("inbox/done/day.csv", "of another day");
        Put("day.csv", "10\nx\n");
        var scored = Assert.Single(Watch(1, new() { OnError = RowErrors.Quarantine }));
        Assert.Equal(_model.PathOf("inbox/done/day-2.csv"), scored.Input);
        Assert.StartsWith($"'{scored.Input}', row 2", Assert.Single(scored.Summary!.BadRows), StringComparison.Ordinal);
        Assert.Contains($"\n{scored.Input},2,2,", File.ReadAllText(_model.PathOf("outbox/day.quarantine.csv")), StringComparison.Ordinal);
        Put("bad.csv", "10\nx\n");
        var failed = Assert.Single(Watch(1, new()));
        Assert.Equal(_model.PathOf("inbox/failed/bad.csv"), failed.Input);
        Assert.StartsWith($"'{failed.Input}', row 2", failed.Failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("outbox")]
    [InlineData("inbox/done")]
    public void A_file_in_place_of_a_folder_is_told_before_any_file_is_taken(string name)
    {
        Put("day.csv", Ages);
        var path = _model.Write(name, "a file");
        Assert.Contains($"'{path}' has to be a folder, and is a file", Assert.Throws<IOException>(() => Watch(1, new())).Message, StringComparison.Ordinal);
        Assert.True(File.Exists(_model.PathOf("inbox/day.csv")));
    }

    [Fact]
    public void One_quarantine_for_all_files_is_refused()
    {
        Put("day.csv", Ages);
        var refusal = Assert.Throws<ArgumentException>(() => Watch(1, new() { OnError = RowErrors.Quarantine, QuarantinePath = _model.PathOf("bad.csv") }));
        Assert.Equal("Each file of a watched folder has a quarantine of its own, beside its output; leave --quarantine (QuarantinePath) out.", refusal.Message);
        Assert.True(File.Exists(_model.PathOf("inbox/day.csv")));
    }

    /// <summary>What is written where it is watched is taken once nothing has changed for a while; times of a clock that is ahead are not waited for.</summary>
    [Fact]
    public void A_file_is_left_alone_while_it_changes()
    {
        Put("growing.csv", Ages);
        var clock = new ScriptedClock(_written.AddSeconds(-1), _written, _written.AddSeconds(1.9), _written.AddSeconds(2.1));
        Assert.Single(Watch(1, new(), clock));
        Assert.Equal(4, clock.Asked);
        Put("ahead.csv", Ages);
        Assert.Single(Watch(1, new(), new ScriptedClock(_written.AddHours(-1))));
    }

    [Fact]
    public void Hidden_and_unfinished_names_are_left_alone()
    {
        string[] unfinished = [".day.csv", "_SUCCESS", "_committed_1", "day.csv.tmp", "day.csv.part", "day.csv.TMP", "day.csv.Part"];
        foreach (var name in unfinished)
            Put(name, Ages);
        Put("whole.csv", Ages);
        Assert.Equal(_model.PathOf("inbox/done/whole.csv"), Assert.Single(Watch(1, new())).Input);
        Assert.All(unfinished, name => Assert.True(File.Exists(_model.PathOf($"inbox/{name}"))));
    }

    /// <summary>The model is what was loaded: that it was deleted, or replaced, meanwhile changes no run and marks none as of another.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_model_that_is_no_more_what_was_loaded_scores_on_as_itself(bool isReplaced)
    {
        Put("day.csv", Ages);
        using var model = ModelFile.LoadAny(new MLContext(), _model.Path);
        var loaded = HashedFile.Of(_model.Path);
        if (isReplaced)
            File.WriteAllText(_model.Path, "another");
        else
            File.Delete(_model.Path);
        var stop = new CancellationTokenSource();
        var run = new FileScoringRun(new MLContext(), model, new() { BatchSize = 2, RowsPerPart = 2, Progress = new StopAfter(rows: 4, stop), CancellationToken = stop.Token });
        Assert.ThrowsAny<OperationCanceledException>(() => run.Score([_model.PathOf("inbox/day.csv")], _model.PathOf("day.csv")));
        using var parts = PartsFolder.Claim(_model.PathOf("day.csv"), new PartedOutputOptions { Resume = true });
        Assert.Equal(loaded, parts.Run!.Model);
    }

    [Fact]
    public void A_folder_is_watched_by_one_at_a_time()
    {
        Put("day.csv", Ages);
        Exception? refusal = null;
        Watch(1, new(), told: () =>
        {
            Put("day-2.csv", Ages);
            refusal = Record.Exception(() => Watch(1, new()));
        });
        Assert.Equal($"Another process is watching '{Inbox}'. Let that one go on, or end it first.", Assert.IsType<IOException>(refusal).Message);
        // Who ends, and if it is killed, is in nobody's way.
        Assert.Null(Assert.Single(Watch(1, new())).Failure);
    }

    [Fact]
    public void Pipes_and_links_to_nowhere_are_left_alone_wherever_they_are()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It has no pipes of names, and links for administrators alone.");
        Directory.CreateDirectory(_model.PathOf("inbox/working"));
        string[] special = [_model.PathOf("inbox/a.csv"), _model.PathOf("inbox/working/a.csv")];
        using (var made = Process.Start("mkfifo", special))
            made.WaitForExit();
        File.CreateSymbolicLink(_model.PathOf("inbox/b.csv"), "nowhere.csv");
        Put("whole.csv", Ages);
        Assert.Equal(_model.PathOf("inbox/done/whole.csv"), Assert.Single(Watch(1, new())).Input);
        Assert.All(special, path => Assert.True(SpecialFile.Is(path)));
        Assert.Equal("nowhere.csv", new FileInfo(_model.PathOf("inbox/b.csv")).LinkTarget);
    }

    [Fact]
    public void The_reason_of_a_failure_names_the_file_where_it_is()
    {
        Put("bad.csv", "10\nx\n");
        var failed = Assert.Single(Watch(1, new()));
        var reason = File.ReadAllText($"{_model.PathOf("inbox/failed/bad.csv")}.reason.txt");
        Assert.Contains(_model.PathOf("inbox/failed/bad.csv"), reason, StringComparison.Ordinal);
        Assert.DoesNotContain("working", reason, StringComparison.Ordinal);
        Assert.Equal(reason, $"{failed.Failure}\n");
    }

    private void Put(string name, string text) => File.SetLastWriteTimeUtc(_model.Write($"inbox/{name}", text), _written.UtcDateTime);

    /// <summary>Watches until it was told of so many files.</summary>
    private List<WatchedFile> Watch(int files, FileScoringOptions options, TimeProvider? clock = null, Action? told = null)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        List<WatchedFile> all = [];
        new WatchedFolder(Inbox, _model.PathOf("outbox"), options with { CancellationToken = stop.Token }) { Clock = clock ?? TimeProvider.System }.Run(new MLContext(), _model.Path, file =>
        {
            all.Add(file);
            told?.Invoke();
            if (all.Count == files)
                stop.Cancel();
        });
        return all;
    }

    private sealed class StopAfter(long rows, CancellationTokenSource stop) : IProgress<long>
    {
        public void Report(long value)
        {
            if (value >= rows)
                stop.Cancel();
        }
    }

    /// <summary>A clock that shows one time after another, and the last for ever.</summary>
    private sealed class ScriptedClock(params DateTimeOffset[] times) : TimeProvider
    {
        /// <summary>How often it was looked at.</summary>
        public int Asked { get; private set; }

        public override DateTimeOffset GetUtcNow()
        {
            Assert.True(Asked < 2 * times.Length, "The file is never taken.");
            return times[int.Min(Asked++, times.Length - 1)];
        }
    }
}
