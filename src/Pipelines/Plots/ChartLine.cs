using OxyPlot.Axes;

namespace Sconce.Pipelines.Plots;

/// <summary>One line of a <see cref="LineChart"/>.</summary>
internal sealed record ChartLine
{
    /// <param name="name">The name in the legend.</param>
    /// <param name="x">The positions; all finite.</param>
    /// <param name="y">As many values; NaN leaves a gap.</param>
    /// <exception cref="ArgumentException">The numbers of positions and values differ.</exception>
    public ChartLine(string name, IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        if (x.Count != y.Count)
            throw new ArgumentException($"The line '{name}' has {x.Count} positions and {y.Count} values; the counts have to be equal.", nameof(y));
        (Name, X, Y) = (name, x, y);
    }

    /// <param name="name">The name in the legend.</param>
    /// <param name="time">The times.</param>
    /// <param name="y">As many values; NaN leaves a gap.</param>
    /// <exception cref="ArgumentException">The numbers of times and values differ.</exception>
    public ChartLine(string name, IReadOnlyList<DateTime> time, IReadOnlyList<double> y)
        : this(name, [.. time.Select(DateTimeAxis.ToDouble)], y) => IsOverTime = true;

    /// <summary>The name in the legend.</summary>
    public string Name { get; }

    /// <summary>The positions; for times, days.</summary>
    internal IReadOnlyList<double> X { get; }

    internal IReadOnlyList<double> Y { get; }

    internal bool IsOverTime { get; }

    /// <summary>The lower edge of a shaded band, one value per position; null for no band.</summary>
    public IReadOnlyList<double>? Lower { get; init; }

    /// <summary>The upper edge of the band, likewise; null for no band.</summary>
    public IReadOnlyList<double>? Upper { get; init; }

    /// <summary>Whether the line is dashed, as forecasts are.</summary>
    public bool Dashed { get; init; }

    /// <summary>Whether the line is thin and gray, as for comparison; otherwise its index sets its color.</summary>
    public bool Faint { get; init; }
}
