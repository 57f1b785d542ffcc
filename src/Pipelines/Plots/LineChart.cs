using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;
using Sconce.Core.Errors;

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

    /// <summary>Whether the vertical axis is logarithmic, which needs values of more than 0.</summary>
    public bool LogarithmicY { get; init; }

    /// <summary>The range of the vertical axis; null for the range of the lines.</summary>
    public (double Low, double High)? YRange { get; init; }

    /// <summary>Vertical marks.</summary>
    public IReadOnlyList<ChartMark> Marks { get; init; } = [];

    /// <summary>The width in 1/96 inch, at least 200: half the number of pixels. Default: 900.</summary>
    public int Width { get; init; } = 900;

    /// <summary>The height, likewise. Default: 500.</summary>
    public int Height { get; init; } = 500;

    /// <summary>Writes the chart.</summary>
    /// <param name="path">The file, which has to end in .png.</param>
    /// <exception cref="ArgumentException">The ending is another, or the lines do not go together.</exception>
    /// <exception cref="IOException">The file cannot be written; one that exists stays as it was.</exception>
    public void Save(string path)
    {
        PngFile.CheckEnding(path);
        PlotPage.Save(path, Width, Height, title: null, [ToModel()]);
    }

    /// <summary>Creates the chart, to be saved alone or beside others.</summary>
    /// <exception cref="ArgumentException">The lines do not go together.</exception>
    internal PlotModel ToModel()
    {
        Validate();
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

    private void Validate()
    {
        Check.AtLeast(Lines.Count, 1, "Lines.Count");
        Check.AtLeast(Width, 200, nameof(Width));
        Check.AtLeast(Height, 200, nameof(Height));
        if (Lines.Any(line => line.IsOverTime != Lines[0].IsOverTime) || Marks.Any(mark => mark.IsOverTime != Lines[0].IsOverTime))
            throw new ArgumentException("Some lines or marks are over time and some over numbers; a chart needs one or the other.");
        foreach (var line in Lines)
        {
            if ((line.Lower is null) != (line.Upper is null) || line.Lower is { } lower && lower.Count != line.X.Count || line.Upper is { } upper && upper.Count != line.X.Count)
                throw new ArgumentException($"The band of the line '{line.Name}' has {line.Lower?.Count ?? 0} lower and {line.Upper?.Count ?? 0} upper values; it needs {line.X.Count} of both, or none.");
            if (LogarithmicY && line.Y.Concat(line.Lower ?? []).Concat(line.Upper ?? []).Any(value => value <= 0))
                throw new ArgumentException($"The line '{line.Name}' has a value of 0 or less, which a logarithmic axis cannot show.");
        }
    }
}
