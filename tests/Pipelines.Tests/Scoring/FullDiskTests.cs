using Sconce.Core.Storage;
using Sconce.Files.Rows;
using Sconce.Pipelines.Scoring.Parts;
using Sconce.Tests;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>A disk that is full, or was while a file was written.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_sentence_names_output_and_reason_and_what_is_safe()
    {
        var run = new ScriptedRun(_folder.FullName, RowFormats.Csv, seed: 3, inputs: 6);
        var operations = new FaultyFiles();
        run.Write(files: operations, until: run.Batches);
        for (var failing = 1; failing <= operations.Count; failing++)
        {
            if (Directory.Exists($"{run.Output}.parts"))
                Directory.Delete($"{run.Output}.parts", recursive: true);
            if (Record.Exception(() => run.Write(files: new FaultyFiles(failing, Fault.FullDisk), until: run.Batches)) is not { } failure)
                continue;
            Assert.IsType<IOException>(failure);
            Assert.StartsWith($"Cannot write '{run.Output}': {FaultyFiles.Reason}. ", failure.Message, StringComparison.Ordinal);
            if (!Directory.Exists($"{run.Output}.parts"))
            {
                Assert.Null(ErrorFacts.Of(failure).Conflict);
                Assert.Empty(Directory.GetFileSystemEntries(_folder.FullName));
                continue;
            }

            using var folder = PartsFolder.Claim(run.Output, new() { Resume = true, Warn = Assert.Fail });
            Assert.Contains($" The {folder.Parts.Sum(part => part.Rows + part.Bad)} rows before are kept in 'scores.csv.parts'", failure.Message, StringComparison.Ordinal);
            Assert.Equal((run.Output, OutputConflict.Interrupted), (ErrorFacts.Of(failure).File, ErrorFacts.Of(failure).Conflict));
            // The part that was being written leaves nothing.
            Assert.Equal(folder.Parts.Count, Directory.GetFiles(folder.FullName, "part-*").Length);
            Assert.Equal(folder.Parts.Count(part => part.HasBad), Directory.GetFiles(folder.FullName, "bad-*").Length);
        }
    }

    /// <summary>What the system itself says, and does, of a device that is always full.</summary>
    [Theory]
    [InlineData("part-00002.csv.tmp")]
    [InlineData("bad-00002.csv.tmp")]
    [InlineData("joined-output.tmp")]
    [InlineData("joined-quarantine.tmp")]
    public void The_run_goes_on_when_there_is_room(string full)
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "This system has no device that is always full.");
        var run = new ScriptedRun(_folder.FullName, RowFormats.Csv, seed: 3, inputs: 6);
        var failure = Assert.Throws<IOException>(() => run.Write(files: new FullDevice(full)));
        Assert.StartsWith($"Cannot write '{run.Output}': No space left on device", failure.Message, StringComparison.Ordinal);
        Assert.Equal(OutputConflict.Interrupted, ErrorFacts.Of(failure).Conflict);
        Assert.Equal([$"{run.Output}.parts"], Directory.GetFileSystemEntries(_folder.FullName).Where(path => path != run.Quarantine));
        Assert.Empty(Directory.GetFiles($"{run.Output}.parts", "*.tmp"));
        run.Write(resume: true);
        Assert.Equal(run.Whole(), File.ReadAllBytes(run.Output));
        Assert.Equal([run.Output, run.Quarantine], Directory.GetFileSystemEntries(_folder.FullName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_folder_that_cannot_be_deleted_costs_a_warning_and_not_the_output()
    {
        var run = new ScriptedRun(_folder.FullName, RowFormats.Csv, seed: 3);
        List<string> warnings = [];
        (run with { Options = new() { Warn = warnings.Add } }).Write(files: new Undeletable());
        Assert.Equal(run.Whole(), File.ReadAllBytes(run.Output));
        Assert.StartsWith($"Cannot delete '{run.Output}.parts': {FaultyFiles.Reason}.", Assert.Single(warnings), StringComparison.Ordinal);
    }

    private sealed class FullDevice(string name) : FileOperations
    {
        public override FileStream Create(string path) => path.EndsWith(name, StringComparison.Ordinal)
            ? new FileStream("/dev/full", FileMode.Open, FileAccess.ReadWrite)
            : base.Create(path);
    }

    private sealed class Undeletable : FileOperations
    {
        public override void Delete(string path)
        {
            if (path.EndsWith("manifest.jsonl", StringComparison.Ordinal))
                throw new IOException(FaultyFiles.Reason);
            base.Delete(path);
        }
    }
}
