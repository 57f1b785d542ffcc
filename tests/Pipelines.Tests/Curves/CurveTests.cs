using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Pipelines.Tutorials.Curves;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests.Curves;

public class CurveTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Sine_windows_follow_one_another()
    {
        var data = _ml.Data.LoadSine(windows: 5, firstWindow: 3);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 20, 1), data.Schema["Features"].Type);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 20), data.Schema["Label"].Type);
        float[] sine = [.. data.GetColumn<float[]>("Features").SelectMany(window => window)], cosine = [.. data.GetColumn<float[]>("Label").SelectMany(window => window)];
        Assert.Equal(100, sine.Length);
        for (var i = 0; i < sine.Length; i++)
        {
            Assert.Equal(Math.Sin((60 + i) / (10 * Math.PI)), sine[i], 1e-6);
            Assert.Equal(1, sine[i] * sine[i] + cosine[i] * cosine[i], 1e-6);
        }

        Assert.ThrowsAny<ArgumentException>(() => _ml.Data.LoadSine(0));
        Assert.ThrowsAny<ArgumentException>(() => _ml.Data.LoadSine(1, -1));
    }

    [Fact]
    public void A_watched_training_gives_frames_before_the_first_step_when_wanted_and_after_the_last()
    {
        var shown = new List<CurveFrame>();
        var unseen = _ml.Data.LoadSine(4, 100);
        var watch = new CurveWatch(unseen, 1, step => step % 3 == 0, shown.Add);
        using var model = _ml.Regression.Trainers.RecurrentNetwork(RecurrentNetwork.RegressionOptions.Classic with { BatchSize = 5, NumberOfSteps = 7, Callbacks = [watch] }).Fit(_ml.Data.LoadSine(11));
        Assert.Equal([0, 3, 6, 7], watch.Frames.Select(frame => frame.Step));
        Assert.Equal(watch.Frames, shown);
        Assert.Equal(CurveFrame.Read(7, model.Transform(unseen)).Predicted.Skip(20), watch.Frames[^1].Predicted);
        Assert.Equal(unseen.GetColumn<float[]>("Label").Skip(1).SelectMany(window => window), watch.Frames[0].Actual);
    }

    [Fact]
    public void A_frames_error_is_the_mean_squared_difference()
    {
        Assert.Equal((1 + 4 + 0) / 3d, new CurveFrame(0, [1, 2, 3], [0, 4, 3]).MeanSquaredError, 1e-12);
        var chart = new CurvePictures("curve", 0.5, Start: 10).Chart(new CurveFrame(20, [0, 1, 2], [5, 5, 5]));
        Assert.StartsWith("step 20: mean squared error 16.66667", chart.Title, StringComparison.Ordinal);
        Assert.Equal([10, 10.5, 11], chart.Lines[0].X);
        Assert.Equal((-0.6, 2.6), chart.YRange);
    }

    /// <summary>The classic preset, whole: the curve is found from a state of zero on, after a wave.</summary>
    [Fact]
    public void The_cosine_is_learned_from_the_sine_within_200_steps_and_closely_within_1000()
    {
        var watch = new CurveWatch(_ml.Data.LoadSine(30, 1_100), 10, step => step == 200, _ => { });
        using var model = _ml.Regression.Trainers.RecurrentNetwork(RecurrentNetwork.RegressionOptions.Classic with { Callbacks = [watch] }).Fit(_ml.Data.LoadSine(1_049));
        Assert.Equal([0, 200, 1_000], watch.Frames.Select(frame => frame.Step));
        Assert.InRange(watch.Frames[0].MeanSquaredError, 0.1, 10);
        Assert.InRange(watch.Frames[1].MeanSquaredError, 0, 0.002);
        Assert.InRange(watch.Frames[2].MeanSquaredError, 0, 0.0002);
    }
}
