using System.Text;
using Sconce.Files.Rows;
using Sconce.Pipelines.Scoring.Parts;
using Sconce.Tests;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>However often and wherever a run is interrupted, it ends as if it had not been.</summary>
public sealed class ResumeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Formats => new(RowFormats.All.Select(format => format.Name));

    /// <summary>One format whose parts are put one after another, and one whose parts are read and written anew.</summary>
    public static MatrixTheoryData<string, Fault> FormatsAndFaults => new(["csv", "idx"], Enum.GetValues<Fault>());

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(FormatsAndFaults))]
    public void Wherever_a_file_operation_fails_the_resumed_run_ends_with_the_same_files(string format, Fault fault)
    {
        var (whole, operations) = Uninterrupted(format, seed: 111);
        Assert.Equal(2, whole.Count);
        for (var failing = 1; failing <= operations; failing++)
        {
            var run = In(Directory.CreateDirectory(_folder.PathOf($"{failing}")).FullName, format, seed: 111);
            var failure = Record.Exception(() => run.Write(files: new FaultyFiles(failing, fault)));
            if (fault != Fault.Death && failure is not null && !Directory.Exists($"{run.Output}.parts"))
                Assert.True(Files(run).Count == 0, $"Left after operation {failing} failed: {string.Join(", ", Files(run).Keys)}");
            LeaveAsKilled(run);
            // Nothing was damaged: nothing is to be warned of.
            (run with { Options = new() { Warn = Assert.Fail } }).Write(resume: true);
            AssertSame(whole, Files(run), $"after operation {failing}");
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void However_often_it_is_interrupted_and_damaged_it_ends_with_the_same_files(string format)
    {
        for (var seed = 100; seed < 115; seed++)
        {
            var (whole, operations) = Uninterrupted(format, seed);
            var random = new Random(seed);
            var run = In(Directory.CreateDirectory(_folder.PathOf($"{seed}")).FullName, format, seed);
            for (var interruption = random.Next(1, 6); interruption > 0; interruption--)
            {
                if (random.Next(3) == 0)
                    run.Write(resume: true, until: random.Next(run.Batches + 1));
                else
                    _ = Record.Exception(() => run.Write(resume: true, new FaultyFiles(random.Next(1, operations + 1), (Fault)random.Next(3))));
                LeaveAsKilled(run);
                if (Directory.Exists($"{run.Output}.parts"))
                    Damage($"{run.Output}.parts", random);
            }

            run.Write(resume: true);
            AssertSame(whole, Files(run), $"with the seed {seed}");
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void What_is_done_is_not_done_again(string format)
    {
        var run = In(_folder.FullName, format, seed: 2, inputs: 6);
        run.Write(until: run.Batches - 1);
        var parts = Directory.GetFiles($"{run.Output}.parts", "part-*").Order(StringComparer.Ordinal).ToList();
        Assert.True(parts.Count > 1);
        using var folder = PartsFolder.Claim(run.Output, new PartedOutputOptions { Resume = true });
        Assert.Equal(parts.Count, folder.Parts.Count);
        Assert.Equal(folder.Parts[^1].End, folder.Next);
        Assert.Equal(folder.Parts.Sum(part => part.Rows), (int)folder.Parts[^1].Evaluation!["rows"]!);
        Assert.Equal(run.Run.BatchSize, folder.Run!.BatchSize);
    }

    /// <summary>The row that a part begins with is the one after the last of the part before.</summary>
    [Fact]
    public void Parts_follow_one_another_and_end_with_the_batch_in_which_they_are_full()
    {
        var run = In(_folder.FullName, "csv", seed: 2);
        run.Write(until: run.Batches - 1);
        using var folder = PartsFolder.Claim(run.Output, new PartedOutputOptions { Resume = true });
        var begin = default(InputPosition);
        foreach (var part in folder.Parts)
        {
            Assert.Equal((run.Run.Inputs[begin.File].Path, begin.Row), (part.Input, part.Offset));
            Assert.InRange(part.Rows + part.Bad, run.Run.RowsPerPart, run.Run.RowsPerPart + run.Run.BatchSize - 1);
            begin = part.End;
        }
    }

    private static ScriptedRun In(string folder, string format, int seed, int inputs = 3) => new(folder, RowFormats.Named(format)!, seed, inputs);

    private (SortedDictionary<string, string> Files, int Operations) Uninterrupted(string format, int seed)
    {
        var run = In(Directory.CreateDirectory(_folder.PathOf($"whole-{seed}")).FullName, format, seed);
        var files = new FaultyFiles();
        run.Write(files: files);
        return (Files(run), files.Count);
    }

    /// <summary>A process that is killed does not take its lock away.</summary>
    private static void LeaveAsKilled(ScriptedRun run)
    {
        if (Directory.Exists($"{run.Output}.parts"))
            File.WriteAllBytes(Path.Combine($"{run.Output}.parts", "run.lock"), []);
    }

    /// <summary>The first part is spared: without any, a run that fails leaves no folder, and one that begins anew refuses the quarantine if that was written already.</summary>
    private static void Damage(string folder, Random random)
    {
        var manifest = Path.Combine(folder, "manifest.jsonl");
        var files = Directory.GetFiles(folder).Where(file => file != manifest && !file.Contains("-00000.", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToArray();
        switch (random.Next(6))
        {
            case 0 when File.Exists(manifest):
                File.AppendAllText(manifest, "{\"number\":1,\"inp");
                break;
            case 1 when File.Exists(manifest) && File.ReadAllLines(manifest).Length > 2:
                File.WriteAllBytes(manifest, File.ReadAllBytes(manifest)[..^random.Next(1, 20)]);
                break;
            case 2 when File.Exists(manifest):
                File.WriteAllText(Path.Combine(folder, "part-00007.csv"), "a part of which nobody knows");
                break;
            case 3 when files is not []:
                File.Delete(random.GetItems(files, 1)[0]);
                break;
            case 4 when files is not []:
                using (var file = File.OpenWrite(random.GetItems(files, 1)[0]))
                    file.Write("changed"u8);
                break;
            default:
                break;
        }
    }

    private static SortedDictionary<string, string> Files(ScriptedRun run)
    {
        var folder = Path.GetDirectoryName(run.Output)!;
        return new(Directory.GetFileSystemEntries(folder).ToDictionary(path => Path.GetFileName(path), path => File.Exists(path) ? Encoding.Latin1.GetString(File.ReadAllBytes(path)) : "a folder"), StringComparer.Ordinal);
    }

    private static void AssertSame(SortedDictionary<string, string> expected, SortedDictionary<string, string> actual, string when)
    {
        Assert.True(expected.Keys.SequenceEqual(actual.Keys), $"There are {string.Join(", ", actual.Keys)} {when}");
        foreach (var (name, content) in expected)
            Assert.True(content == actual[name], $"'{name}' is another {when}");
    }
}
