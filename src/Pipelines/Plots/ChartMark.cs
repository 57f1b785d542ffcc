using OxyPlot.Axes;

namespace Sconce.Pipelines.Plots;

/// <summary>A vertical line in a <see cref="LineChart"/>.</summary>
internal sealed record ChartMark
{
    /// <param name="x">The position.</param>
    /// <param name="text">The text beside it; empty for none.</param>
    public ChartMark(double x, string text) => (X, Text) = (x, text);

    /// <param name="time">The time, in a chart over time.</param>
    /// <param name="text">The text beside it; empty for none.</param>
    public ChartMark(DateTime time, string text)
        : this(DateTimeAxis.ToDouble(time), text)
    {
    }

    /// <summary>The text beside it.</summary>
    public string Text { get; }

    internal double X { get; }
}
