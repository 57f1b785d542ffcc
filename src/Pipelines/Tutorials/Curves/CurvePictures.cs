using System.Globalization;

namespace Sconce.Pipelines;

/// <summary>Pictures of how a network closes in on a curve.</summary>
/// <param name="Name">What the curve is called.</param>
/// <param name="Spacing">The distance of two points.</param>
public sealed record CurvePictures(string Name, double Spacing)
{
    private const double Headroom = 0.3;

    /// <summary>The position of the first point. Default: 0.</summary>
    public double Start { get; init; }

    /// <summary>The frames side by side.</summary>
    /// <param name="frames">The frames, at least one.</param>
    public LineChartStrip Strip(IReadOnlyList<CurveFrame> frames) => new([.. frames.Select(Chart)]) { Title = $"A recurrent network learns {Name}" };

    /// <summary>The frames one after another.</summary>
    /// <param name="frames">The frames, at least one.</param>
    public LineChartAnimation Animation(IReadOnlyList<CurveFrame> frames) => new([.. frames.Select(frame => Chart(frame) with { Width = 700, Height = 400 })]);

    private LineChart Chart(CurveFrame frame)
    {
        double[] x = [.. Enumerable.Range(0, frame.Actual.Count).Select(i => Start + i * Spacing)];
        var (low, high) = (frame.Actual.Min(), frame.Actual.Max());
        var headroom = Headroom * (high - low);
        return new LineChart([new ChartLine(Name, x, [.. frame.Actual.Select(value => (double)value)]), new ChartLine("predicted", x, [.. frame.Predicted.Select(value => (double)value)])])
        {
            Title = string.Create(CultureInfo.InvariantCulture, $"step {frame.Step}: mean squared error {frame.MeanSquaredError:0.00000}"),
            // The same for all frames, whatever an untrained network gives.
            YRange = (low - headroom, high + headroom),
        };
    }
}
