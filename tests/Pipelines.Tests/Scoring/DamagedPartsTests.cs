using System.Text;
using Sconce.Files.Rows;
using Sconce.Pipelines.Scoring.Parts;
using Sconce.Tests;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>Parts and manifests that are not as they were written: what can be done again is, and what says nothing is refused.</summary>
public sealed class DamagedPartsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ScriptedRun _run;
    private readonly string _parts;

    public DamagedPartsTests()
    {
        _run = new ScriptedRun(_folder.FullName, RowFormats.Csv, seed: 3, inputs: 6);
        _parts = $"{_run.Output}.parts";
        _run.Write(until: _run.Batches);
        Assert.True(File.Exists(Path.Combine(_parts, "bad-00001.csv")));
    }

    private string Manifest => Path.Combine(_parts, "manifest.jsonl");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("part-00001.csv", true)]
    [InlineData("part-00001.csv", false)]
    [InlineData("bad-00001.csv", true)]
    [InlineData("bad-00001.csv", false)]
    public void A_part_whose_file_is_not_as_it_was_written_and_all_after_it_are_done_again(string name, bool isMissing)
    {
        var file = Path.Combine(_parts, name);
        var size = new FileInfo(file).Length;
        if (isMissing)
            File.Delete(file);
        else
            File.WriteAllBytes(file, new byte[size]);
        List<string> warnings = [];
        using (var folder = PartsFolder.Claim(_run.Output, new() { Resume = true, Warn = warnings.Add }))
        {
            var only = Assert.Single(folder.Parts);
            Assert.StartsWith($"'{file}' {(isMissing ? "is missing" : "has changed")}", Assert.Single(warnings), StringComparison.Ordinal);
            Assert.Contains($"; row {only.Rows + only.Bad + 1} of ", warnings[0], StringComparison.Ordinal);
        }

        _run.Write(resume: true);
        Assert.Equal(_run.Whole(), File.ReadAllBytes(_run.Output));
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"number":7,"input":"a","offset":0,"rows":1,"bad":0,"badFiles":0,"end":{"file":0,"row":1},"bytes":1,"hash":"a"}""")]
    public void A_line_that_cannot_be_read_and_all_after_it_are_done_again(string line)
    {
        var lines = File.ReadAllLines(Manifest);
        lines[2] = line;
        File.WriteAllLines(Manifest, lines);
        List<string> warnings = [];
        using (var folder = PartsFolder.Claim(_run.Output, new() { Resume = true, Warn = warnings.Add }))
            Assert.Single(folder.Parts);
        Assert.StartsWith($"line 3 of '{Manifest}' cannot be read (", Assert.Single(warnings), StringComparison.Ordinal);
        _run.Write(resume: true);
        Assert.Equal(_run.Whole(), File.ReadAllBytes(_run.Output));
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("{}")]
    [InlineData("""{"version":"one"}""")]
    [InlineData("""{"version":1,"version":1}""")]
    public void A_manifest_that_does_not_say_what_the_run_is_is_refused(string head)
    {
        File.WriteAllLines(Manifest, [head, .. File.ReadLines(Manifest).Skip(1)]);
        var before = Snapshot();
        foreach (var resume in (bool[])[true, false])
        {
            AssertRefused(resume);
        }

        Assert.Equal(before, Snapshot());
        (_run with { Options = new() { Force = true } }).Write();
    }

    [Fact]
    public void A_manifest_of_another_version_is_refused_with_both_versions()
    {
        File.WriteAllText(Manifest, """{"version":4,"parts":"somewhere else"}""" + "\n");
        Assert.Contains("has version 4; this program reads versions up to 3", AssertRefused(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_manifest_of_a_format_that_is_not_known_is_refused()
    {
        File.WriteAllBytes(Manifest, ScoringManifest.LineOf(_run.Run with { Format = "avro" }));
        Assert.Contains("the format 'avro'", AssertRefused(), StringComparison.Ordinal);
    }

    /// <summary>What reads another run or another part out of a manifest with one wrong bit would miss rows, or write rows twice.</summary>
    [Fact]
    public void No_bit_of_a_manifest_can_be_another_unseen()
    {
        var written = File.ReadAllBytes(Manifest);
        var whole = Lines(ScoringManifest.Read(written, Manifest)!);
        var refused = 0;
        for (var bit = 0; bit < 8 * written.Length; bit++)
        {
            var changed = (byte[])written.Clone();
            changed[bit / 8] ^= (byte)(1 << bit % 8);
            try
            {
                // The last line's end may look as a killed process leaves it.
                Assert.True(ScoringManifest.Read(changed, Manifest) is not { } read || (Lines(read) is var lines && lines.Count < whole.Count && lines.SequenceEqual(whole.Take(lines.Count))), $"Bit {bit}");
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1, 8 * written.Length);

        static List<string> Lines(ScoringManifest manifest) => [.. manifest.Parts.Select(part => Encoding.UTF8.GetString(ScoringManifest.LineOf(part))).Prepend(Encoding.UTF8.GetString(ScoringManifest.LineOf(manifest.Run)))];
    }

    /// <summary>Version 1 had no checksums, and neither had inputs that are hashed while they are read.</summary>
    [Fact]
    public void A_manifest_of_version_1_is_resumed()
    {
        File.WriteAllLines(Manifest, File.ReadAllLines(Manifest).Select(line => $"{line[..line.IndexOf(",\"checksum\":", StringComparison.Ordinal)]}}}"
            .Replace("\"version\":3", "\"version\":1", StringComparison.Ordinal).Replace(",\"allowsNonFinite\":false", "", StringComparison.Ordinal)
            .Replace(",\"modified\":null", "", StringComparison.Ordinal).Replace(",\"reads\":null", "", StringComparison.Ordinal)));
        Assert.DoesNotContain("modified", File.ReadAllText(Manifest), StringComparison.Ordinal);
        var before = File.ReadAllLines(Manifest);
        _run.Write(resume: true, until: _run.Batches);
        Assert.Equal(before, File.ReadAllLines(Manifest));
        _run.Write(resume: true);
        Assert.Equal(_run.Whole(), File.ReadAllBytes(_run.Output));
    }

    [Fact]
    public void The_line_of_a_part_that_is_done_again_takes_the_place_of_the_earlier_one()
    {
        var lines = File.ReadAllLines(Manifest);
        File.Delete(Path.Combine(_parts, "part-00001.csv"));
        _run.Write(resume: true, until: _run.Batches);
        Assert.Equal(lines, File.ReadAllLines(Manifest));
    }

    private string AssertRefused(bool resume = true)
    {
        var refusal = Assert.Throws<InvalidDataException>(() => PartsFolder.Claim(_run.Output, new() { Resume = resume }));
        Assert.Equal((Manifest, OutputConflict.Different), (ErrorFacts.Of(refusal).File, ErrorFacts.Of(refusal).Conflict));
        return refusal.Message;
    }

    private List<(string, string)> Snapshot() => [.. Directory.GetFiles(_parts).Order(StringComparer.Ordinal).Select(file => (file, File.ReadAllText(file)))];
}
