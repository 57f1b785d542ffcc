using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files;
using Sconce.Tests;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>A small network of digits as a zip, 300 real images in files, and the scores that ML.NET's own way through them gives.</summary>
public sealed class SmallScorer : IDisposable
{
    public const int Rows = 300;

    private readonly TemporaryFolder _folder = new();

    public SmallScorer()
    {
        Ml = new MLContext(seed: 1);
        Images = Ml.Data.TakeRows(Ml.Data.LoadMnist().Test, Rows);
        Labels = [.. Images.GetColumn<uint>("Label")];
        // Labels in ascending order, as the digits are.
        var model = DigitPipeline.Create(Ml, new DenseNetwork.Options { Network = new() { HiddenLayerSizes = [16] }, NumberOfSteps = 60, BatchSize = 50 }).Fit(Images);
        using (model as IDisposable)
        {
            Ml.Model.SaveAtomically(model, Images.Schema, Model);
            Scores = [.. model.Transform(Images).GetColumn<float[]>("Score")];
        }
    }

    public MLContext Ml { get; }

    /// <summary>The columns Image and Label.</summary>
    public IDataView Images { get; }

    public IReadOnlyList<uint> Labels { get; }

    public IReadOnlyList<float[]> Scores { get; }

    /// <summary>The path of the model.</summary>
    public string Model => PathOf("digits.zip");

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Writes the images in the format of a name's ending, and gives the path.</summary>
    public string Write(string name, params string[] columns)
    {
        var path = PathOf(name);
        ColumnFile.Write(Images, columns is [] ? ["Image"] : columns, path, cancellation: TestContext.Current.CancellationToken);
        return path;
    }

    /// <summary>Scores files into one of a name.</summary>
    public ScoringSummary Score(IReadOnlyList<string> inputs, string output, FileScoringOptions? options = null) =>
        FileScorer.Score(new MLContext(), Model, inputs, PathOf(output), (options ?? new()) with { CancellationToken = TestContext.Current.CancellationToken });

    public void Dispose() => _folder.Dispose();
}
