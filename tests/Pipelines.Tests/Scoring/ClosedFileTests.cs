using Microsoft.ML;
using Sconce.Pipelines.Catalog;
using Sconce.Tests;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>Files that are refused are not left open.</summary>
public sealed class ClosedFileTests : IDisposable
{
    private readonly AgeModel _model = new();

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Inputs_before_one_that_is_refused_are_closed()
    {
        _model.Write("good.csv", "Age\n1\n");
        _model.Write("bad.csv", "Name,Other\na,b\n");
        AssertClosed(() => _model.Score(["good.csv", "bad.csv"], "scores.csv"), "good.csv", "bad.csv");
    }

    [Fact]
    public void A_file_of_a_format_that_is_not_read_is_closed()
    {
        _model.Write("a.csv", "PK\u0003\u0004abcdefgh");
        AssertClosed(() => ModelRows.Open([_model.PathOf("a.csv")], new InputColumn("Age", FeatureType.Single, [1])), "a.csv");
    }

    [Fact]
    public void A_file_of_series_without_a_column_of_values_is_closed()
    {
        _model.Write("series.csv", "Date,a,b\n2024-01-01,1,2\n");
        AssertClosed(() => new MLContext().Data.LoadSeries(_model.PathOf("series.csv")), "series.csv");
    }

    private void AssertClosed(Func<object> open, params string[] names)
    {
        Assert.Throws<InvalidDataException>(open);
        if (!OperatingSystem.IsLinux())
            return;
        var opened = OpenFiles.Paths;
        Assert.All(names, name => Assert.DoesNotContain(_model.PathOf(name), opened));
    }
}
