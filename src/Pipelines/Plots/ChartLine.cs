using OxyPlot.Axes;

namespace Sconce.Pipelines.Plots;

/// <summary>One line of a <see cref="LineChart"/>.</summary>
internal sealed record ChartLine
{
    /// <param name="name">What the legend calls it.</param>
    /// <param name="x">The positions, finite.</param>
    /// <param name="y">As many values; NaN leaves a gap.</param>
    /// <exception cref="ArgumentException">There are more or fewer values than positions.</exception>
    public ChartLine(string name, IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        if (x.Count != y.Count)
            throw new ArgumentException($"The line '{name}' has {x.Count} positions and {y.Count} values; there have to be as many of both.", nameof(y));
        (Name, X, Y) = (name, x, y);
    }

    /// <param name="name">What the legend calls it.</param>
    /// <param name="time">The times.</param>
    /// <param name="y">As many values; NaN leaves a gap.</param>
    /// <exception cref="ArgumentException">There are more or fewer values than times.</exception>
    public ChartLine(string name, IReadOnlyList<DateTime> time, IReadOnlyList<double> y)
        : this(name, [.. time.Select(DateTimeAxis.ToDouble)], y) => IsOverTime = true;

    /// <summary>What the legend calls it.</summary>
    public string Name { get; }

    /// <summary>The positions; for times, days.</summary>
    internal IReadOnlyList<double> X { get; }

    internal IReadOnlyList<double> Y { get; }

    internal bool IsOverTime { get; }

    /// <summary>The lower edge of a shaded band, as many values as the line has; null for no band.</summary>
    public IReadOnlyList<double>? Lower { get; init; }

    /// <summary>The upper edge of the band, likewise; null for no band.</summary>
    public IReadOnlyList<double>? Upper { get; init; }

    /// <summary>Whether the line is dashed, as forecasts are. Default: false.</summary>
    public bool Dashed { get; init; }

    /// <summary>Whether the line is thin and grey, as what others are only compared with. Default: false; then it has the colour of its place among the lines.</summary>
    public bool Faint { get; init; }
}
