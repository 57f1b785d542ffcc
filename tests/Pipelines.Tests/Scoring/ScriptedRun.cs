using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Storage;
using Sconce.Files.Rows;
using Sconce.Pipelines.Scoring.Parts;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>A scoring run without a model: batches of random rows of random inputs, always the same for a seed, written as far as wanted.</summary>
internal sealed record ScriptedRun
{
    public const int RowsPerPart = 20;

    private readonly List<Batch> _batches = [];

    public ScriptedRun(string folder, RowFormat format, int seed, int inputs = 3)
    {
        var random = new Random(seed);
        (Format, Schema) = (format, SchemaFor(format));
        Output = Path.Combine(folder, $"scores{format.Endings[0]}");
        Quarantine = Sconce.Pipelines.Scoring.Parts.Quarantine.PathFor(Output);
        var batchSize = random.Next(1, 12);
        List<InputFile> files = [];
        for (var file = 0; file < inputs; file++)
        {
            files.Add(new InputFile($"input-{file}", 1_000 + file, $"{seed:x8}{file:x8}"));
            AddBatches(file, random.Next(0, 45), batchSize, random);
        }

        Run = new ScoringRun
        {
            Model = new HashedFile("model.zip", 1_000, "0123456789abcdef"),
            Inputs = files,
            Format = format.Name,
            Columns = [.. Schema.Select(column => column.Name)],
            BatchSize = batchSize,
            Engine = "libtorch",
            RowsPerPart = RowsPerPart,
            Reading = "header yes",
        };
    }

    public RowFormat Format { get; }

    public DataViewSchema Schema { get; }

    public ScoringRun Run { get; init; }

    public string Output { get; }

    public string Quarantine { get; }

    public int Batches => _batches.Count;

    public IEnumerable<RowBatch> Rows => _batches.Select(batch => batch.Rows);

    public IEnumerable<BadRow> Bad => _batches.SelectMany(batch => batch.Bad);

    public PartedOutputOptions Options { get; init; } = new();

    /// <summary>Runs from where an earlier run stopped, as far as it goes.</summary>
    /// <param name="resume">Whether to go on with an earlier run.</param>
    /// <param name="files">What the files are written by.</param>
    /// <param name="until">The number of batches, from the run's first, after which it is given up; it is completed where there are not so many.</param>
    /// <returns>What it came to; null where there was nothing to do, or it was given up.</returns>
    public ScoringTotals? Write(bool resume = false, FileOperations? files = null, int until = int.MaxValue)
    {
        using var folder = PartsFolder.Claim(Output, Options with { Resume = resume, Quarantine = Quarantine, Files = files ?? new FaultyFiles() });
        if (folder.IsFinished)
            return null;
        var counted = folder.Parts is [.., { Evaluation: { } earlier }] ? (int)earlier["rows"]! : 0;
        using var output = folder.Begin(Run, Schema, () => new JsonObject { ["rows"] = counted });
        var done = folder.Next == default ? 0 : _batches.FindLastIndex(batch => batch.End == folder.Next) + 1;
        Assert.True(folder.Next == default || done > 0);
        foreach (var batch in _batches.Take(until).Skip(done))
        {
            counted += batch.Rows.Count;
            output.Write(batch.Rows, batch.Bad, batch.End);
        }

        if (until <= _batches.Count)
            return null;
        output.Complete(TestContext.Current.CancellationToken);
        Assert.Equal(counted, output.Totals.Rows);
        return output.Totals;
    }

    /// <summary>The output as one writer writes it that knows of no parts.</summary>
    public byte[] Whole()
    {
        using var stream = new MemoryStream();
        using var writer = Format.CreateWriter(stream, Schema);
        foreach (var batch in Rows)
            writer.Write(batch);
        writer.Finish();
        return stream.ToArray();
    }

    private static DataViewSchema SchemaFor(RowFormat format)
    {
        var schema = new DataViewSchema.Builder();
        schema.AddColumn("Score", new VectorDataViewType(NumberDataViewType.Single, 3));
        if (!format.HoldsOneColumn)
        {
            schema.AddColumn("Name", TextDataViewType.Instance);
            schema.AddColumn("Count", NumberDataViewType.Int64);
            schema.AddColumn("IsSeen", BooleanDataViewType.Instance);
        }

        return schema.ToSchema();
    }

    private void AddBatches(int file, int rows, int batchSize, Random random)
    {
        for (var row = 0; row < rows;)
        {
            var batch = new RowBatch(Schema, batchSize);
            List<BadRow> bad = [];
            for (var end = int.Min(row + batchSize, rows); row < end; row++)
            {
                var place = new RowPlace($"input-{file}", row + 1, row + 2);
                if (random.Next(6) == 0)
                    bad.Add(new BadRow(place, $"field {row} is 'x'; a finite number is expected", random.Next(3) == 0 ? null : $"a,\"{row}\"\nb"));
                else
                    AddRow(batch, place, random);
            }

            if (row == rows && random.Next(3) == 0)
                bad.Add(new BadRow(new RowPlace($"input-{file}", row, 0), "the rest of the file cannot be read") { IsFile = true });
            _batches.Add(new Batch(batch, bad, new InputPosition(file, row)));
        }
    }

    private void AddRow(RowBatch batch, RowPlace place, Random random)
    {
        foreach (ref var value in ((FixedValues<float>)batch.Columns[0]).Row(batch.Count))
            value = random.Next(10) == 0 ? float.NaN : random.NextSingle();
        if (!Format.HoldsOneColumn)
        {
            ((FixedValues<ReadOnlyMemory<char>>)batch.Columns[1]).Row(batch.Count)[0] = (random.Next(4) == 0 ? "two\nlines, \"quoted\"" : $"näme {random.Next()}").AsMemory();
            ((FixedValues<long>)batch.Columns[2]).Row(batch.Count)[0] = random.NextInt64();
            ((FixedValues<bool>)batch.Columns[3]).Row(batch.Count)[0] = random.Next(2) == 0;
        }

        batch.Accept(place);
    }

    private sealed record Batch(RowBatch Rows, IReadOnlyList<BadRow> Bad, InputPosition End);
}
