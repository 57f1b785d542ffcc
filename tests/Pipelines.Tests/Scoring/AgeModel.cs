using Microsoft.ML;
using Sconce.Tests;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>The smallest model that there is, ages as shares of a hundred years, in a folder for its inputs and outputs.</summary>
internal sealed class AgeModel : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public AgeModel()
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromEnumerable<Person>([new() { Age = 0 }, new() { Age = 100 }]);
        ml.Model.Save(ml.Transforms.NormalizeMinMax("Share", "Age").Fit(data), data.Schema, Path);
    }

    /// <summary>The model's zip.</summary>
    public string Path => PathOf("age.zip");

    public string PathOf(string name) => System.IO.Path.Combine(_folder.FullName, name);

    /// <summary>Writes a file, folders before it included, and gives its path.</summary>
    public string Write(string name, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(PathOf(name))!);
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }

    /// <summary>Scores inputs of some names into a file of another.</summary>
    public ScoringSummary Score(IEnumerable<string> inputs, string output, FileScoringOptions? options = null) =>
        FileScorer.Score(new MLContext(), Path, [.. inputs.Select(PathOf)], PathOf(output), options);

    /// <summary>Scores in parts of two rows, and stops when two of them are finished.</summary>
    public void Interrupt(IEnumerable<string> inputs, string output, FileScoringOptions? options = null)
    {
        var few = (options ?? new()) with { BatchSize = 2, RowsPerPart = 2, Progress = new Stop(rows: 4) };
        Assert.Throws<OperationCanceledException>(() => Score(inputs, output, few));
        Assert.Equal(2, Directory.GetFiles($"{PathOf(output)}.parts", "part-*").Length);
    }

    public void Dispose() => _folder.Dispose();

    private sealed class Person
    {
        public float Age { get; set; }
    }

    private sealed class Stop(long rows) : IProgress<long>
    {
        public void Report(long value)
        {
            if (value >= rows)
                throw new OperationCanceledException();
        }
    }
}
