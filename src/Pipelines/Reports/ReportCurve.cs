using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;
using Sconce.Pipelines.Plots;

namespace Sconce.Pipelines.Reports;

/// <summary>A line in a report's chart.</summary>
/// <param name="Points">The points; values that are not finite leave a gap.</param>
/// <param name="Series">The index of its run, which sets the color.</param>
/// <param name="Style">What the line stands for.</param>
internal sealed record ReportCurve(IReadOnlyList<DataPoint> Points, int Series, CurveStyle Style)
{
    /// <summary>Lines with more points are averaged to this number.</summary>
    private const int MostPoints = 400;

    /// <summary>The axis is logarithmic above this ratio of the largest to the smallest value.</summary>
    private const double LogarithmicFrom = 20;

    private const double RawOpacity = 0.45;

    /// <summary>Makes a chart; null if no line has two points.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="x">The title of the horizontal axis.</param>
    /// <param name="linear">Whether the vertical axis is always linear.</param>
    public static PlotModel? Chart(IEnumerable<ReportCurve> lines, string x, bool linear = false)
    {
        var drawn = lines.Select(line => line with { Points = Thin(line.Points) }).Where(line => line.Points.Count > 0).ToList();
        if (!drawn.Any(line => line.Points.Count > 1))
            return null;
        var values = drawn.SelectMany(line => line.Points).Select(point => point.Y).ToList();

        var model = PlotPage.Model(null);
        model.Padding = new OxyThickness(2, 8, 14, 2);
        model.PlotAreaBorderThickness = new OxyThickness(1, 0, 0, 1);
        var isLogarithmic = !linear && values.Min() > 0 && values.Max() / values.Min() > LogarithmicFrom;
        var horizontal = PlotPage.Style<Axis>(new LinearAxis { Minimum = 0, StringFormat = "#,##0.##" }, AxisPosition.Bottom, x);
        var vertical = PlotPage.Style<Axis>(
            isLogarithmic ? new LogarithmicAxis { MinimumPadding = 0.05, MaximumPadding = 0.05 } : new LinearAxis { MinimumPadding = 0.05, MaximumPadding = 0.08 },
            AxisPosition.Left, null);
        horizontal.IntervalLength = 80;
        model.Axes.Add(horizontal);
        model.Axes.Add(vertical);
        foreach (var line in drawn)
            model.Series.Add(line.ToSeries());
        return model;
    }

    private LineSeries ToSeries()
    {
        var color = PlotPalette.Of(Series);
        var series = new LineSeries
        {
            Color = Style == CurveStyle.Raw ? OxyColor.FromAColor((byte)(byte.MaxValue * RawOpacity), color) : color,
            StrokeThickness = Style == CurveStyle.Raw ? 1 : 2,
            LineJoin = LineJoin.Round,
            LineStyle = Style == CurveStyle.Validation ? LineStyle.Dash : LineStyle.Solid,
            // A line of one point would be invisible.
            MarkerType = Points.Count == 1 ? MarkerType.Circle : MarkerType.None,
            MarkerFill = color,
        };
        series.Points.AddRange(Points);
        return series;
    }

    private static List<DataPoint> Thin(IReadOnlyList<DataPoint> points)
    {
        var finite = points.Where(point => double.IsFinite(point.X) && double.IsFinite(point.Y)).ToList();
        return finite.Count <= MostPoints
            ? finite
            : [.. finite.Chunk((finite.Count + MostPoints - 1) / MostPoints).Select(chunk => new DataPoint(chunk.Average(point => point.X), chunk.Average(point => point.Y)))];
    }
}

/// <summary>What a line stands for, which sets its style.</summary>
internal enum CurveStyle
{
    /// <summary>Means per epoch: solid.</summary>
    Training,

    /// <summary>1-second means: thin and pale.</summary>
    Raw,

    /// <summary>The validation set: dashed.</summary>
    Validation,
}
