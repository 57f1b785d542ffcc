using Sconce.Core.Errors;
using Sconce.Pipelines.Plots;
using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>A picture of several charts side by side, each as wide as the others.</summary>
/// <param name="Charts">The charts, at least one, from left to right; their own widths and heights are not used.</param>
public sealed record LineChartStrip(IReadOnlyList<LineChart> Charts)
{
    /// <summary>The title above all of them; null for none.</summary>
    public string? Title { get; init; }

    /// <summary>The width of each chart in 1/96 inch, at least 200: half the number of pixels. Default: 400.</summary>
    public int ChartWidth { get; init; } = 400;

    /// <summary>The height of the picture, likewise. Default: 360.</summary>
    public int Height { get; init; } = 360;

    /// <summary>Writes the picture.</summary>
    /// <param name="path">The file, which has to end in .png.</param>
    /// <exception cref="ArgumentException">The ending is another, or a chart's lines do not go together.</exception>
    /// <exception cref="IOException">The file cannot be written; one that exists stays as it was.</exception>
    public void Save(string path)
    {
        PngFile.CheckEnding(path);
        Check.AtLeast(Charts.Count, 1, "Charts.Count");
        Check.AtLeast(ChartWidth, 200, nameof(ChartWidth));
        Check.AtLeast(Height, 200, nameof(Height));
        PlotPage.Save(path, Charts.Count * ChartWidth, Height, Title, [.. Charts.Select(chart => chart.ToModel())]);
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
