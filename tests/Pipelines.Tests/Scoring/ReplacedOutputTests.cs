using Sconce.Files.Rows;
using Sconce.Pipelines.Scoring.Parts;
using Sconce.Tests;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>An output that is to be replaced is never taken for the one that replaces it.</summary>
public sealed class ReplacedOutputTests : IDisposable
{
    private const string Earlier = "earlier";

    private readonly TemporaryFolder _folder = new();
    private readonly ScriptedRun _run;
    private readonly string _parts;

    public ReplacedOutputTests()
    {
        _run = new ScriptedRun(_folder.FullName, RowFormats.Csv, seed: 3, inputs: 6);
        _parts = $"{_run.Output}.parts";
        File.WriteAllText(_run.Output, Earlier);
        File.WriteAllText(_run.Quarantine, "File,Row,Line,Reason,Content\n");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(int.MaxValue)]
    public void A_run_that_was_killed_before_its_first_part_is_not_taken_for_complete(int? manifest)
    {
        LeaveKilled(manifest);
        _run.Write(resume: true);
        AssertReplaced();
    }

    [Fact]
    public void A_command_that_is_refused_meanwhile_makes_nothing_complete()
    {
        LeaveKilled(null);
        var refusal = Assert.Throws<IOException>(() => _run.Write());
        Assert.Equal(OutputConflict.Exists, ErrorFacts.Of(refusal).Conflict);
        _run.Write(resume: true);
        AssertReplaced();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_run_that_goes_on_and_fails_before_its_first_part_makes_nothing_complete(bool resume)
    {
        LeaveKilled(null);
        var again = resume ? _run : _run with { Options = new() { Force = true } };
        Assert.Throws<IOException>(() => again.Write(resume, new FaultyFiles(failing: 5)));
        _run.Write(resume: true);
        AssertReplaced();
    }

    /// <summary>Whoever is told that it failed knows that the output is the old one.</summary>
    [Fact]
    public void A_run_that_fails_before_its_first_part_leaves_the_output_as_it_was()
    {
        var replacing = _run with { Options = new() { Force = true } };
        Assert.Throws<IOException>(() => replacing.Write(files: new FaultyFiles(failing: 5)));
        Assert.Equal(Earlier, File.ReadAllText(_run.Output));
        Assert.False(Directory.Exists(_parts));
        Assert.Null(_run.Write(resume: true));
    }

    /// <summary>Leaves what a process does that is killed before the first part of what is to replace the output is finished.</summary>
    /// <param name="manifest">The bytes that it has written of the manifest, at most; null where it was not begun yet.</param>
    private void LeaveKilled(int? manifest)
    {
        List<(string Path, byte[] Content)> left = [(Path.Combine(_parts, "run.lock"), [])];
        using (var folder = PartsFolder.Claim(_run.Output, new() { Force = true, Quarantine = _run.Quarantine }))
        {
            using var output = manifest is null ? null : folder.Begin(_run.Run, _run.Schema);
            foreach (var path in Directory.GetFiles(_parts).Where(path => path != left[0].Path))
            {
                using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                var content = new byte[file.Length];
                file.ReadExactly(content);
                left.Add((path, path.EndsWith("manifest.jsonl", StringComparison.Ordinal) ? content[..int.Min(manifest ?? 0, content.Length)] : content));
            }
        }

        Directory.CreateDirectory(_parts);
        foreach (var (path, content) in left)
            File.WriteAllBytes(path, content);
        Assert.Equal(manifest is not null, File.Exists(Path.Combine(_parts, "manifest.jsonl")));
    }

    private void AssertReplaced()
    {
        Assert.Equal(_run.Whole(), File.ReadAllBytes(_run.Output));
        Assert.Equal([_run.Output, _run.Quarantine], Directory.GetFileSystemEntries(_folder.FullName).Order(StringComparer.Ordinal));
    }
}
