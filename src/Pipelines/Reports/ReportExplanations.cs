using System.Globalization;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;
using Sconce.Pipelines.Plots;

namespace Sconce.Pipelines.Reports;

/// <summary>What a model has learned, in a report: the importance of columns, and how the prediction depends on them.</summary>
internal static class ReportExplanations
{
    /// <summary>The chart shows the most important columns; the table all.</summary>
    private const int MostBars = 15;

    private const int LongestName = 18;
    private const byte BandOpacity = 60;

    /// <summary>Writes the sections of what was measured.</summary>
    /// <param name="html">The page.</param>
    /// <param name="run">The run.</param>
    /// <param name="id">A start of the charts' IDs that no other run has.</param>
    public static void Write(HtmlWriter html, ReportRun run, string id)
    {
        if (run.Importance is { Columns.Count: > 0 } importance)
        {
            html.Element("h3", "Importance of columns");
            html.Element("p", string.Create(CultureInfo.InvariantCulture,
                $"How much worse the {importance.Metric} ({ReportText.Number(importance.Baseline)}) becomes if a column's values are exchanged between the {ReportText.Count(importance.Rows)} rows: means and standard deviations of {importance.Repeats} repeats."), ("class", "note"));
            using (html.Open("div", ("class", "charts")))
                Figure(html, "Loss of quality", Bars(importance), $"{id}importance");
            using (html.Open("details"))
            {
                html.Element("summary", "All columns");
                html.Table(["column", "mean", "standard deviation"], importance.Columns.Select(column =>
                    (string[])[column.Name, ReportText.Number(column.Mean), ReportText.Number(column.Deviation)]));
            }
        }

        if (run.Dependence is { Curves.Count: > 0 } dependence)
        {
            html.Element("h3", "Dependence on columns");
            html.Element("p", $"The mean of '{dependence.Output}' if all {ReportText.Count(dependence.Rows)} rows had the same value in a column; pale: between the 10 % and the 90 % quantile of the rows.", ("class", "note"));
            using (html.Open("div", ("class", "charts")))
            {
                foreach (var (i, curve) in dependence.Curves.Index())
                    Figure(html, curve.Column, Dependence(curve), string.Create(CultureInfo.InvariantCulture, $"{id}dependence{i}"));
            }
        }
    }

    private static void Figure(HtmlWriter html, string title, PlotModel chart, string id)
    {
        using (html.Open("figure"))
        {
            html.Element("figcaption", title);
            html.Raw(SvgChart.Draw(chart, id, title));
        }
    }

    private static PlotModel Bars(PermutationImportance importance)
    {
        // The axis counts from below.
        List<ColumnImportance> columns = [.. importance.Columns.Take(MostBars).Reverse()];
        var model = Empty();
        model.Axes.Add(Categories(columns.Select(column => column.Name), AxisPosition.Left));
        model.Axes.Add(PlotPage.Style<Axis>(new LinearAxis { MinimumPadding = 0.05, MaximumPadding = 0.05 }, AxisPosition.Bottom, null));
        var bars = new BarSeries { FillColor = PlotPalette.Of(0), StrokeThickness = 0 };
        bars.Items.AddRange(columns.Select(column => new BarItem(column.Mean)));
        model.Series.Add(bars);
        foreach (var (i, column) in columns.Index())
            model.Series.Add(Line([new(column.Mean - column.Deviation, i), new(column.Mean + column.Deviation, i)], PlotPalette.Text));
        return model;
    }

    private static PlotModel Dependence(DependenceCurve curve)
    {
        var numbers = curve.Points.Where(point => point.Number is not null).ToList();
        return curve.IsNumber && numbers.Count > 1 && numbers.Count == curve.Points.Count ? Curve(numbers) : Marks(curve);
    }

    private static PlotModel Curve(List<DependencePoint> points)
    {
        var model = Empty();
        model.Axes.Add(PlotPage.Style<Axis>(new LinearAxis { StringFormat = "#,##0.####" }, AxisPosition.Bottom, null));
        model.Axes.Add(PlotPage.Style<Axis>(new LinearAxis { MinimumPadding = 0.05, MaximumPadding = 0.08 }, AxisPosition.Left, null));
        var band = new AreaSeries { Color = OxyColors.Transparent, Fill = OxyColor.FromAColor(BandOpacity, PlotPalette.Of(0)), StrokeThickness = 0 };
        band.Points.AddRange(points.Select(point => new DataPoint(point.Number!.Value, point.High)));
        band.Points2.AddRange(points.Select(point => new DataPoint(point.Number!.Value, point.Low)));
        model.Series.Add(band);
        model.Series.Add(Line([.. points.Select(point => new DataPoint(point.Number!.Value, point.Mean))], PlotPalette.Of(0)));
        return model;
    }

    /// <summary>A mark for each category, or for each number if some are missing, with a line between the quantiles.</summary>
    private static PlotModel Marks(DependenceCurve curve)
    {
        List<DependencePoint> points = [.. curve.Points.Reverse()];
        var model = Empty();
        model.Axes.Add(Categories(points.Select(point => point.Value.Length == 0 ? "(missing)" : point.Value), AxisPosition.Left));
        model.Axes.Add(PlotPage.Style<Axis>(new LinearAxis { MinimumPadding = 0.05, MaximumPadding = 0.05 }, AxisPosition.Bottom, null));
        var marks = new ScatterSeries { MarkerType = MarkerType.Circle, MarkerSize = 4, MarkerFill = PlotPalette.Of(0) };
        foreach (var (i, point) in points.Index())
        {
            model.Series.Add(Line([new(point.Low, i), new(point.High, i)], OxyColor.FromAColor(BandOpacity * 2, PlotPalette.Of(0))));
            marks.Points.Add(new ScatterPoint(point.Mean, i));
        }

        model.Series.Add(marks);
        return model;
    }

    private static PlotModel Empty()
    {
        var model = PlotPage.Model(null);
        model.Padding = new OxyThickness(2, 8, 14, 2);
        model.PlotAreaBorderThickness = new OxyThickness(1, 0, 0, 1);
        return model;
    }

    private static CategoryAxis Categories(IEnumerable<string> names, AxisPosition position)
    {
        var axis = PlotPage.Style(new CategoryAxis { GapWidth = 0.4, MajorStep = 1 }, position, null);
        axis.MajorGridlineStyle = LineStyle.None;
        axis.Labels.AddRange(names.Select(name => name.Length <= LongestName ? name : $"{name.AsSpan(0, LongestName - 1)}…"));
        return axis;
    }

    private static LineSeries Line(IReadOnlyList<DataPoint> points, OxyColor color)
    {
        var line = new LineSeries { Color = color, StrokeThickness = 2, LineJoin = LineJoin.Round };
        line.Points.AddRange(points);
        return line;
    }
}
