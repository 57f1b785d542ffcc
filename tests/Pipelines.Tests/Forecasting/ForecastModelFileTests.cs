using Microsoft.ML;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests.Forecasting;

/// <summary>A model file that is saved again with what came since.</summary>
public sealed class ForecastModelFileTests : IClassFixture<SmallForecaster>, IDisposable
{
    private readonly SmallForecaster _small;
    private readonly string _folder = Directory.CreateTempSubdirectory("sconce-tests-").FullName;
    private readonly string _path;

    public ForecastModelFileTests(SmallForecaster small)
    {
        (_small, _path) = (small, Path.Combine(_folder, "model.zip"));
        small.Ml.Model.SaveAtomically(small.Model, small.Train.Schema, _path);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Of_two_who_append_at_once_the_second_is_refused()
    {
        using var first = ForecastModelFile.Load(_small.Ml, _path);
        using var second = ForecastModelFile.Load(_small.Ml, _path);
        Append(first, 14);
        first.Save(_small.Ml);
        var saved = File.ReadAllBytes(_path);
        Append(second, 7);
        AssertRefused(second, "model.zip' has changed since it was loaded");
        Assert.Equal(saved, File.ReadAllBytes(_path));
        // Its own saving changes the file too.
        first.Save(_small.Ml);
        using var loaded = ForecastModelFile.Load(_small.Ml, _path);
        Assert.Equal(SmallForecaster.Date(SmallForecaster.Days - SmallForecaster.HeldOut + 13), loaded.LastDate);
        Assert.Equal([_path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void While_another_saves_nothing_is_saved()
    {
        var before = File.ReadAllBytes(_path);
        using var model = ForecastModelFile.Load(_small.Ml, _path);
        Append(model, 7);
        using (new FileStream($"{_path}.lock", FileMode.Create, FileAccess.ReadWrite, FileShare.None))
            AssertRefused(model, "is being saved by another", ".lock");
        Assert.Equal(before, File.ReadAllBytes(_path));
        // The lock of a program that ended holds nobody up.
        model.Save(_small.Ml);
        Assert.NotEqual(before, File.ReadAllBytes(_path));
    }

    [Fact]
    public void A_file_that_cannot_be_written_or_is_gone_is_named()
    {
        using var model = ForecastModelFile.Load(_small.Ml, _path);
        Append(model, 7);
        File.Delete(_path);
        AssertRefused(model, "has changed since it was loaded");
        Directory.CreateDirectory(_path);
        AssertRefused(model, "Cannot write", "it is a folder");
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void The_input_schema_outlives_a_saving_so_that_another_network_in_the_chain_is_found()
    {
        var chain = _small.Ml.Transforms.Conversion.MapValueToKey("Label", "Series")
            .Append(_small.Ml.Transforms.Concatenate("Features", "Value"))
            .Append(_small.Ml.MulticlassClassification.Trainers.SoftmaxRegression(new SoftmaxRegression.Options { NumberOfSteps = 1 }))
            .Append(_small.Ml.Forecasting.ForecastByRecurrentNetwork(SmallForecaster.Options with { NumberOfSteps = 1 }));
        using (var fitted = chain.Fit(_small.Train))
            _small.Ml.Model.SaveAtomically(fitted, _small.Train.Schema, _path);
        using (var model = ForecastModelFile.Load(_small.Ml, _path))
        {
            Append(model, 7);
            model.Save(_small.Ml);
        }

        using var loaded = ModelFile.Load(_small.Ml, _path);
        Assert.Equal(_small.Train.Schema.Select(column => column.Name), loaded.InputSchema.Select(column => column.Name));
    }

    private void Append(ForecastModelFile model, int days) =>
        model.Engine.Update(_small.Ml.Data.DropLastRows(_small.Ml.Data.TakeLastRows(_small.Data, SmallForecaster.HeldOut, "Series"), SmallForecaster.HeldOut - days, "Series"));

    private void AssertRefused(ForecastModelFile model, params string[] parts)
    {
        var refusal = Assert.Throws<IOException>(() => model.Save(_small.Ml));
        Assert.All(parts, part => Assert.Contains(part, refusal.Message, StringComparison.Ordinal));
    }
}
