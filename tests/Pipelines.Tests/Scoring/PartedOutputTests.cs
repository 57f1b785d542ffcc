using System.Text;
using System.Text.Json.Nodes;
using Sconce.Core.Storage;
using Sconce.Files.Rows;
using Sconce.Pipelines.Scoring.Parts;
using Sconce.Tests;
using Sylvan.Data.Csv;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>What an output in parts holds, in the folder while it is written and after it.</summary>
public sealed class PartedOutputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Formats => new(RowFormats.All.Select(format => format.Name));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Formats))]
    public void All_parts_together_have_the_rows_that_were_written(string format)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var run = new ScriptedRun(Directory.CreateDirectory(_folder.PathOf($"{seed}")).FullName, RowFormats.Named(format)!, seed);
            var totals = run.Write();
            Assert.Equal(new ScoringTotals(run.Rows.Sum(rows => rows.Count), run.Bad.Count(bad => !bad.IsFile), run.Bad.Count(bad => bad.IsFile)), totals);
            var whole = _folder.Write($"whole-{seed}", run.Whole());
            Assert.Equal(RowsOf(run, whole), RowsOf(run, run.Output));
            // What such formats hold does not depend on how rows were given to the writer.
            if (run.Format.IsText || run.Format.Name == "idx")
                Assert.Equal(File.ReadAllBytes(whole), File.ReadAllBytes(run.Output));
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_part_can_be_read_as_a_file_of_the_format(string format)
    {
        var run = new ScriptedRun(_folder.FullName, RowFormats.Named(format)!, seed: 2, inputs: 6);
        run.Write(until: run.Batches);
        var parts = Directory.GetFiles($"{run.Output}.parts", "part-*").Order(StringComparer.Ordinal).ToList();
        Assert.True(parts.Count > 1);
        Assert.Equal(Enumerable.Range(0, parts.Count).Select(i => $"part-0000{i}{run.Format.Endings[0]}"), parts.Select(part => Path.GetFileName(part)));
        if (run.Format.IsText)
            Assert.StartsWith(string.Concat(parts.Select(File.ReadAllText)), Encoding.UTF8.GetString(run.Whole()), StringComparison.Ordinal);
        else
            Assert.All(parts, part => Assert.NotEmpty(RowsOf(run, part)));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void An_output_without_rows_is_a_complete_file(string format)
    {
        var run = new ScriptedRun(_folder.FullName, RowFormats.Named(format)!, seed: 1, inputs: 0);
        Assert.Equal(default(ScoringTotals), run.Write());
        Assert.Equal([run.Output], Directory.GetFileSystemEntries(_folder.FullName));
        Assert.Equal(run.Whole(), File.ReadAllBytes(run.Output));
        Assert.Empty(RowsOf(run, run.Output));
    }

    [Fact]
    public void The_quarantine_names_place_and_reason_of_each_row_that_cannot_be_used()
    {
        var run = new ScriptedRun(_folder.FullName, RowFormats.Csv, seed: 3, inputs: 6);
        run.Write();
        using var reader = CsvDataReader.Create(run.Quarantine);
        Assert.Equal(["File", "Row", "Line", "Reason", "Content"], Enumerable.Range(0, reader.FieldCount).Select(reader.GetName));
        List<BadRow> read = [];
        while (reader.Read())
            read.Add(new BadRow(new RowPlace(reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2)), reader.GetString(3), reader.GetString(4)));
        Assert.Equal(run.Bad.Select(bad => bad with { Content = bad.Content ?? "", IsFile = false }), read);
        Assert.True(read.Count > run.Run.BatchSize);
    }

    [Fact]
    public void Rows_that_cannot_be_used_are_kept_with_their_parts_and_written_where_the_last_run_says()
    {
        var run = new ScriptedRun(_folder.FullName, RowFormats.Csv, seed: 3, inputs: 6);
        run.Write(until: run.Batches);
        Assert.NotEmpty(Directory.GetFiles($"{run.Output}.parts", "bad-*.csv"));
        var elsewhere = Path.Combine(_folder.FullName, "elsewhere", "bad.csv");
        using (var folder = PartsFolder.Claim(run.Output, new PartedOutputOptions { Resume = true, Quarantine = elsewhere }))
        {
            var bad = folder.Parts.Sum(part => part.Bad + part.BadFiles);
            using var output = folder.Begin(run.Run, run.Schema);
            output.Complete(TestContext.Current.CancellationToken);
            using var reader = CsvDataReader.Create(elsewhere);
            Assert.Equal(bad, reader.Cast<object>().LongCount());
        }

        Assert.Equal(["bad.csv"], Directory.GetFileSystemEntries(Path.GetDirectoryName(elsewhere)!).Select(path => Path.GetFileName(path)));
        Assert.False(File.Exists(run.Quarantine));
    }

    [Fact]
    public void Without_a_quarantine_rows_that_cannot_be_used_are_written_nowhere()
    {
        var run = new ScriptedRun(_folder.FullName, RowFormats.Csv, seed: 3, inputs: 6);
        run.Write(until: run.Batches);
        using (var folder = PartsFolder.Claim(run.Output, new PartedOutputOptions { Resume = true }))
        using (var output = folder.Begin(run.Run, run.Schema))
            output.Complete(TestContext.Current.CancellationToken);
        Assert.Equal([run.Output], Directory.GetFileSystemEntries(_folder.FullName));
    }

    [Fact]
    public void The_manifest_says_what_the_run_is_and_what_each_part_holds()
    {
        var run = new ScriptedRun(_folder.FullName, RowFormats.Csv, seed: 3, inputs: 6);
        run.Write(until: run.Batches);
        var lines = File.ReadAllLines(Path.Combine($"{run.Output}.parts", "manifest.jsonl")).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(["version", "model", "inputs", "format", "columns", "keep", "label", "batchSize", "engine", "allowsNonFinite", "rowsPerPart", "reading", "checksum"], lines[0].AsObject().Select(property => property.Key));
        Assert.Equal("model.zip", (string?)lines[0]["model"]!["path"]);
        long rows = 0;
        foreach (var (number, part) in lines.Skip(1).Index())
        {
            Assert.Equal(["number", "input", "offset", "rows", "bad", "badFiles", "end", "bytes", "hash", "badHash", "reads", "evaluation", "checksum"], part.AsObject().Select(property => property.Key));
            var file = Path.Combine($"{run.Output}.parts", $"part-0000{number}.csv");
            Assert.Equal((number, new FileInfo(file).Length, FileHash.Of(file)), ((int)part["number"]!, (long)part["bytes"]!, (string)part["hash"]!));
            rows += (long)part["rows"]!;
            // What is counted for an evaluation is that of all rows so far.
            Assert.Equal(rows, (long)part["evaluation"]!["rows"]!);
        }
    }

    [Fact]
    public void Files_are_on_the_disk_before_they_have_their_names_and_parts_before_the_manifest_says_so()
    {
        var run = new ScriptedRun(_folder.FullName, RowFormats.Csv, seed: 3, inputs: 6);
        var files = new FaultyFiles();
        run.Write(files: files);
        var log = files.Log;
        foreach (var (place, (_, file)) in log.Index().Where(entry => entry.Item.Operation == "move"))
            Assert.Equal("flush", log[..place].Last(entry => entry.File == file).Operation);
        // The first line is that of the run, which has no files yet.
        var lines = log.Index().Where(entry => entry.Item == ("write", "manifest.jsonl")).Select(entry => entry.Index).ToList();
        Assert.True(lines.Count > 3);
        foreach (var (part, line) in lines.Skip(1).Index())
        {
            Assert.Equal(("move", $"part-0000{part}.csv.tmp"), log[line - 1]);
            Assert.Equal(("flush", "manifest.jsonl"), log[line + 1]);
        }
    }

    [Fact]
    public void With_force_an_output_and_its_quarantine_are_replaced_at_the_end_and_not_before()
    {
        var run = new ScriptedRun(_folder.FullName, RowFormats.Csv, seed: 3) { Options = new() { Force = true } };
        File.WriteAllText(run.Output, "earlier");
        const string Earlier = "File,Row,Line,Reason,Content\nearlier";
        File.WriteAllText(run.Quarantine, Earlier);
        run.Write(until: run.Batches);
        Assert.Equal("earlier", File.ReadAllText(run.Output));
        Assert.Equal(Earlier, File.ReadAllText(run.Quarantine));
        run.Write();
        Assert.Equal(run.Whole(), File.ReadAllBytes(run.Output));
        Assert.StartsWith("File,Row", File.ReadAllText(run.Quarantine), StringComparison.Ordinal);
        var empty = new ScriptedRun(_folder.FullName, RowFormats.Csv, seed: 3, inputs: 0) { Options = new() { Force = true } };
        empty.Write();
        Assert.Equal([run.Output], Directory.GetFileSystemEntries(_folder.FullName));
    }

    [Fact]
    public void A_cancelled_join_leaves_all_parts_and_no_output()
    {
        var run = new ScriptedRun(_folder.FullName, RowFormats.Csv, seed: 3, inputs: 6);
        run.Write(until: run.Batches);
        using (var folder = PartsFolder.Claim(run.Output, new PartedOutputOptions { Resume = true }))
        using (var output = folder.Begin(run.Run, run.Schema))
            Assert.Throws<OperationCanceledException>(() => output.Complete(new CancellationToken(canceled: true)));
        Assert.Equal([$"{run.Output}.parts"], Directory.GetFileSystemEntries(_folder.FullName));
        Assert.Empty(Directory.GetFiles($"{run.Output}.parts", "*.tmp"));
        run.Write(resume: true);
        Assert.Equal(run.Whole(), File.ReadAllBytes(run.Output));
    }

    [Fact]
    public void What_is_given_up_before_its_first_part_leaves_nothing()
    {
        var run = new ScriptedRun(_folder.FullName, RowFormats.Csv, seed: 3);
        run.Write(until: 1);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.FullName));
    }

    [Fact]
    public void After_a_failure_nothing_more_is_written()
    {
        var run = new ScriptedRun(_folder.FullName, RowFormats.Csv, seed: 3);
        using var folder = PartsFolder.Claim(run.Output, new PartedOutputOptions { Files = new FaultyFiles(failing: 4) });
        using var output = folder.Begin(run.Run, run.Schema);
        Assert.Throws<IOException>(() => output.Write(run.Rows.First(), [], new InputPosition(0, 1)));
        Assert.Throws<ObjectDisposedException>(() => output.Write(run.Rows.First(), [], new InputPosition(0, 1)));
        Assert.Throws<ObjectDisposedException>(() => output.Complete(TestContext.Current.CancellationToken));
    }

    /// <summary>A part that is changed while the run is under way is found when parts are joined.</summary>
    [Theory]
    [InlineData("idx")]
    [InlineData("csv")]
    public void A_part_that_is_not_what_was_written_is_named(string format)
    {
        var run = new ScriptedRun(_folder.FullName, RowFormats.Named(format)!, seed: 3, inputs: 6);
        run.Write(until: run.Batches);
        using var folder = PartsFolder.Claim(run.Output, new PartedOutputOptions { Resume = true });
        using var output = folder.Begin(run.Run, run.Schema);
        var part = Path.Combine($"{run.Output}.parts", $"part-00001.{format}");
        using (var shorter = new MemoryStream())
        {
            run.Format.CreateWriter(shorter, run.Schema).Finish();
            File.WriteAllBytes(part, shorter.ToArray());
        }

        var facts = ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => output.Complete(TestContext.Current.CancellationToken)));
        Assert.Equal((part, OutputConflict.Interrupted), (facts.File, facts.Conflict));
        Assert.False(File.Exists(run.Output));
    }

    /// <summary>Binary parts are read and written again: a value that has changed can be read, and is none that was scored.</summary>
    [Theory]
    [InlineData("idx")]
    [InlineData("arrow")]
    public void A_part_with_another_value_is_named(string format)
    {
        var run = new ScriptedRun(_folder.FullName, RowFormats.Named(format)!, seed: 3, inputs: 6);
        run.Write(until: run.Batches);
        using var folder = PartsFolder.Claim(run.Output, new PartedOutputOptions { Resume = true });
        using var output = folder.Begin(run.Run, run.Schema);
        var part = Path.Combine($"{run.Output}.parts", $"part-00001.{format}");
        var bytes = File.ReadAllBytes(part);
        var place = format == "idx" ? bytes.Length - 1 : bytes.AsSpan().IndexOf("me "u8);
        bytes[place] ^= 1;
        File.WriteAllBytes(part, bytes);
        Assert.NotEmpty(RowsOf(run, part));
        var facts = ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => output.Complete(TestContext.Current.CancellationToken)));
        Assert.Equal((part, OutputConflict.Interrupted), (facts.File, facts.Conflict));
        Assert.False(File.Exists(run.Output));
    }

    /// <summary>What is lost by a kill is at most what is scored in a while; where parts end does not show in text.</summary>
    [Fact]
    public void A_part_of_text_ends_after_a_while_however_few_rows_it_has()
    {
        var run = new ScriptedRun(_folder.FullName, RowFormats.Csv, seed: 3, inputs: 6) { Options = new() { LongestPart = TimeSpan.Zero } };
        run.Write(until: run.Batches);
        Assert.Equal(run.Batches, Directory.GetFiles($"{run.Output}.parts", "part-*").Length);
        run.Write(resume: true);
        Assert.Equal(run.Whole(), File.ReadAllBytes(run.Output));
    }

    private static List<string> RowsOf(ScriptedRun run, string path)
    {
        var request = new RowRequest([.. run.Schema.Select(column => new RequestedColumn(column.Name, column.Type))]) { HasHeader = true };
        using var reader = run.Format.CreateReader(path, File.OpenRead(path), request);
        var batch = new RowBatch(run.Schema, 10_000);
        Assert.False(reader.Fill(batch, 10_000));
        Assert.Empty(batch.Bad);
        using var text = new MemoryStream();
        using var writer = RowFormats.Csv.CreateWriter(text, run.Schema, continues: true);
        writer.Write(batch);
        writer.Finish();
        return [.. Encoding.UTF8.GetString(text.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }
}
