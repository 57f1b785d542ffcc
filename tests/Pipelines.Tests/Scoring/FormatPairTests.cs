using Microsoft.ML.Data;
using Sconce.Files.Rows;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>Real images in each format, scored into each other one.</summary>
public class FormatPairTests(SmallScorer digits) : IClassFixture<SmallScorer>
{
    private static readonly string[] _inputs = ["csv", "tsv", "parquet", "arrow", "jsonl", "idx", "csv.gz", "tsv.gz", "jsonl.gz", "idx.gz"];
    private static readonly string[] _outputs = ["csv", "tsv", "parquet", "arrow", "jsonl"];

    public static TheoryData<string, string> Pairs => [.. _inputs.SelectMany(_ => _outputs, (input, output) => (input, output))];

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Scores_are_what_Transform_gives_bit_for_bit(string input, string output)
    {
        var name = $"{input}-to.{output}";
        var summary = digits.Score([digits.Write($"images.{input}")], name);
        Assert.Equal((SmallScorer.Rows, SmallScorer.Rows, 0), (summary.Rows, summary.Scored, summary.Bad));
        var (labels, scores) = Read(digits.PathOf(name));
        Assert.Equal(digits.Scores, scores);
        Assert.Equal(digits.Scores.Select(score => $"{Array.IndexOf(score, score.Max())}"), labels);
        // One file, and nothing of what it was made by.
        Assert.False(Directory.Exists($"{digits.PathOf(name)}.parts"));
    }

    /// <summary>Reads what was written, in whatever format, through the same columns.</summary>
    private static (List<string> Labels, List<float[]> Scores) Read(string path)
    {
        var content = File.OpenRead(path);
        // Flat formats have a column for each score, named by its class; others have the vector.
        var score = new RequestedColumn("Score", new VectorDataViewType(NumberDataViewType.Single, 10)) { IsFinite = true };
        using var reader = RowFormats.Of(path, content).CreateReader(path, content, new RowRequest([new("PredictedLabel", TextDataViewType.Instance), score]));
        var batch = new RowBatch(reader.Schema, SmallScorer.Rows + 1);
        Assert.False(reader.Fill(batch, batch.Capacity));
        Assert.Empty(batch.Bad);
        return ([.. Enumerable.Range(0, batch.Count).Select(batch.Columns[0].TextOf)], [.. Enumerable.Range(0, batch.Count).Select(row => ((FixedValues<float>)batch.Columns[1]).Row(row).ToArray())]);
    }
}
