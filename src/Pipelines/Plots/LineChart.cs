using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Sconce.Pipelines.Plots;

/// <summary>A line chart over numbers or over time.</summary>
/// <param name="Lines">The lines, at least one; all over numbers, or all over time.</param>
internal sealed record LineChart(IReadOnlyList<ChartLine> Lines)
{
    private const byte BandOpacity = 56;
    private const double DaysWithHours = 5;

    /// <summary>The title; null for none.</summary>
    public string? Title { get; init; }

    /// <summary>The title of the horizontal axis; null for none.</summary>
    public string? XTitle { get; init; }

    /// <summary>The title of the vertical axis; null for none.</summary>
    public string? YTitle { get; init; }

    /// <summary>Whether the vertical axis is logarithmic, for values of more than 0.</summary>
    public bool LogarithmicY { get; init; }

    /// <summary>The range of the vertical axis; null for the range of the lines.</summary>
    public (double Low, double High)? YRange { get; init; }

    /// <summary>Vertical marks.</summary>
    public IReadOnlyList<ChartMark> Marks { get; init; } = [];

    /// <summary>The width in 1/96 inch, half the number of pixels. Default: 900.</summary>
    public int Width { get; init; } = 900;

    /// <summary>The height, likewise. Default: 500.</summary>
    public int Height { get; init; } = 500;

    /// <summary>Writes the chart.</summary>
    /// <param name="path">The file, which has to end in .png.</param>
    /// <exception cref="ArgumentException">The ending is another, or a band has another number of values than its line.</exception>
    /// <exception cref="IOException">The file cannot be written; one that exists stays as it was.</exception>
    public void Save(string path)
    {
        PngFile.CheckEnding(path);
        PlotPage.Save(path, Width, Height, title: null, [ToModel()]);
    }

    /// <summary>Creates the chart, to be saved alone or beside others.</summary>
    /// <exception cref="ArgumentException">A band has another number of values than its line.</exception>
    internal PlotModel ToModel()
    {
        foreach (var (name, count, lower, upper) in Lines.Select(line => (line.Name, (int?)line.X.Count, line.Lower?.Count, line.Upper?.Count)))
        {
            if ((lower, upper) != (null, null) && (lower, upper) != (count, count))
                throw new ArgumentException($"The band of the line '{name}' has {lower ?? 0} lower and {upper ?? 0} upper values; it needs {count} of both, or none.");
        }

        var first = Lines.Min(line => line.X.DefaultIfEmpty().Min());
        var last = Lines.Max(line => line.X.DefaultIfEmpty().Max());
        var model = PlotPage.Model(Title);
        model.Axes.Add(PlotPage.Style<Axis>(Lines[0].IsOverTime ? TimeAxis(last - first) : new LinearAxis(), AxisPosition.Bottom, XTitle));
        var values = PlotPage.Style<Axis>(LogarithmicY ? new LogarithmicAxis() : new LinearAxis { MinimumPadding = 0.05, MaximumPadding = 0.05 }, AxisPosition.Left, YTitle);
        if (YRange is var (low, high))
            (values.Minimum, values.Maximum) = (low, high);
        model.Axes.Add(values);
        var colors = Lines.Select((line, i) => line.Faint ? PlotPalette.Compared : PlotPalette.Of(Lines.Take(i).Count(before => !before.Faint))).ToList();
        // Bands first, below all lines.
        foreach (var (line, color) in Lines.Zip(colors))
        {
            if (line is { Lower: not null, Upper: not null })
                model.Series.Add(Band(line, color));
        }

        foreach (var (line, color) in Lines.Zip(colors))
            model.Series.Add(Curve(line, color));
        foreach (var mark in Marks)
            model.Annotations.Add(Vertical(mark, mark.X < (first + last) / 2 ? HorizontalAlignment.Left : HorizontalAlignment.Right));
        if (Lines.Count > 1)
            model.Legends.Add(PlotPage.Legend(LegendPosition.BottomCenter, LegendOrientation.Horizontal));
        return model;
    }

    /// <summary>By default, the axis labels hours without their day.</summary>
    private static DateTimeAxis TimeAxis(double days) => new() { IntervalLength = 80, StringFormat = days < DaysWithHours ? "HH:mm\nyyyy-MM-dd" : null };

    private static LineSeries Curve(ChartLine line, OxyColor color)
    {
        var series = new LineSeries
        {
            Title = line.Name,
            Color = color,
            StrokeThickness = line.Faint ? 1.5 : 2,
            LineJoin = LineJoin.Round,
            LineStyle = line.Dashed ? LineStyle.Dash : LineStyle.Solid,
        };
        series.Points.AddRange(line.X.Zip(line.Y, (x, y) => new DataPoint(x, y)));
        return series;
    }

    private static AreaSeries Band(ChartLine line, OxyColor color)
    {
        var series = new AreaSeries { Fill = OxyColor.FromAColor(BandOpacity, color), Color = OxyColors.Transparent, Color2 = OxyColors.Transparent, RenderInLegend = false };
        series.Points.AddRange(line.X.Zip(line.Upper!, (x, y) => new DataPoint(x, y)));
        series.Points2.AddRange(line.X.Zip(line.Lower!, (x, y) => new DataPoint(x, y)));
        return series;
    }

    private static LineAnnotation Vertical(ChartMark mark, HorizontalAlignment text) => new()
    {
        Type = LineAnnotationType.Vertical,
        X = mark.X,
        Text = mark.Text,
        TextOrientation = AnnotationTextOrientation.Horizontal,
        TextHorizontalAlignment = text,
        TextVerticalAlignment = VerticalAlignment.Top,
        TextPadding = 4,
        TextColor = PlotPalette.Faint,
        TextLinePosition = 0.98,
        Color = PlotPalette.Faint,
        LineStyle = LineStyle.Dot,
    };
}
