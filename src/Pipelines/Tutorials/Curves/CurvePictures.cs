using System.Globalization;
using Sconce.Pipelines.Plots;

namespace Sconce.Pipelines.Tutorials.Curves;

/// <summary>Charts of a curve and a network's predictions of it, at several steps of the training.</summary>
/// <param name="Name">The name of the curve.</param>
/// <param name="Spacing">The distance between two points.</param>
/// <param name="Start">The position of the first point.</param>
internal sealed record CurvePictures(string Name, double Spacing, double Start = 0)
{
    private const double Headroom = 0.3;
    private const int StripWidth = 400;
    private const int StripHeight = 360;

    /// <summary>Writes the frames side by side.</summary>
    public void SaveStrip(IReadOnlyList<CurveFrame> frames, string path)
    {
        PngFile.CheckEnding(path);
        PlotPage.Save(path, frames.Count * StripWidth, StripHeight, $"A recurrent network learns {Name}", [[.. frames.Select(frame => Chart(frame).ToModel())]]);
    }

    /// <summary>Writes the frames one after another.</summary>
    public void SaveAnimation(IReadOnlyList<CurveFrame> frames, string path) => AnimatedPng.Save(path, [.. frames.Select(frame => Chart(frame) with { Width = 700, Height = 400 })]);

    /// <summary>The chart of one frame.</summary>
    internal LineChart Chart(CurveFrame frame)
    {
        double[] x = [.. Enumerable.Range(0, frame.Actual.Count).Select(i => Start + i * Spacing)];
        var (low, high) = (frame.Actual.Min(), frame.Actual.Max());
        var headroom = Headroom * (high - low);
        return new LineChart(
        [
            new ChartLine(Name, x, [.. frame.Actual.Select(value => (double)value)]),
            new ChartLine("predicted", x, [.. frame.Predicted.Select(value => (double)value)]),
        ])
        {
            Title = string.Create(CultureInfo.InvariantCulture, $"step {frame.Step}: mean squared error {frame.MeanSquaredError:0.00000}"),
            // The same in all frames, whatever an untrained network predicts.
            YRange = (low - headroom, high + headroom),
        };
    }
}
