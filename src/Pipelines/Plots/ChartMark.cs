using OxyPlot.Axes;

namespace Sconce.Pipelines.Plots;

/// <summary>A vertical line in a <see cref="LineChart"/>.</summary>
internal sealed record ChartMark
{
    /// <param name="x">Where it stands.</param>
    /// <param name="text">What is written beside it; empty for nothing.</param>
    public ChartMark(double x, string text) => (X, Text) = (x, text);

    /// <param name="time">When it stands, in a chart over time.</param>
    /// <param name="text">What is written beside it; empty for nothing.</param>
    public ChartMark(DateTime time, string text)
        : this(DateTimeAxis.ToDouble(time), text) => IsOverTime = true;

    /// <summary>What is written beside it.</summary>
    public string Text { get; }

    internal double X { get; }

    internal bool IsOverTime { get; }
}
