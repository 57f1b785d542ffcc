using System.Globalization;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;
using Sconce.Pipelines.Plots;

namespace Sconce.Pipelines.Tutorials.Compression;

/// <summary>A chart of a <see cref="CompressionComparison"/>: the time to the target accuracy, and the final accuracy.</summary>
/// <param name="Results">The results, at least one; pixels first.</param>
/// <param name="TargetAccuracy">The target accuracy, in (0, 1).</param>
internal sealed record CompressionChart(IReadOnlyList<CompressionResult> Results, double TargetAccuracy)
{
    // The distance of a result's two accuracies, as a fraction of the distance between inputs.
    private const double Apart = 0.14;
    private const double BarWidth = 0.6;
    private const double LabelDistance = 11;
    private const string Dense = "dense network";

    /// <summary>Writes the chart.</summary>
    /// <param name="path">The file, which has to end in .png.</param>
    /// <exception cref="ArgumentException">The ending is another.</exception>
    /// <exception cref="IOException">The file cannot be written; one that exists stays as it was.</exception>
    public void Save(string path)
    {
        PngFile.CheckEnding(path);
        var title = $"The same classifier on pixels and on codes: time to {Percent(TargetAccuracy)} test accuracy, and final accuracy";
        PlotPage.Save(path, 1200, 170 + 60 * Results.Count, title, [Times(), Accuracies()]);
    }

    private PlotModel Times()
    {
        var model = Panel($"Training time to {Percent(TargetAccuracy)}");
        var most = Results.Max(result => result.SecondsToTarget) ?? 1;
        model.Axes.Add(PlotPage.Style(new LinearAxis { AbsoluteMinimum = 0, Minimum = 0, Maximum = 1.45 * most }, AxisPosition.Bottom, "seconds"));
        var bars = new BarSeries { Title = Dense, BarWidth = BarWidth, FillColor = PlotPalette.Of(0) };
        foreach (var (i, result) in Results.Index())
        {
            var seconds = result.SecondsToTarget;
            bars.Items.Add(new BarItem(seconds ?? 0, i));
            model.Annotations.Add(Label(seconds ?? 0, i, seconds is null ? "not reached" : Seconds(seconds.Value) + (result.RatioToTarget is { } ratio ? $" ({Number(ratio, "0.00")}×)" : "")));
        }

        model.Series.Add(bars);
        return model;
    }

    private PlotModel Accuracies()
    {
        var model = Panel("Final test accuracy");
        var hasLinear = Results.Any(result => result.LinearAccuracy is not null);
        var all = Results.Select(result => result.Accuracy).Concat(Results.Select(result => result.LinearAccuracy).OfType<double>()).Append(TargetAccuracy).ToList();
        var (low, high) = (all.Min(), all.Max());
        var range = Math.Max(high - low, 0.01);
        model.Axes.Add(PlotPage.Style(
            new LinearAxis { Minimum = low - 0.25 * range, Maximum = high + 0.25 * range, LabelFormatter = share => share > 1 ? "" : Percent(share) }, AxisPosition.Bottom, $"test accuracy (dashed: {Percent(TargetAccuracy)})"));
        model.Annotations.Add(new LineAnnotation { Type = LineAnnotationType.Vertical, X = TargetAccuracy, Color = PlotPalette.Faint, LineStyle = LineStyle.Dash });
        var dense = new ScatterSeries { Title = Dense, MarkerType = MarkerType.Circle, MarkerSize = 6, MarkerFill = PlotPalette.Of(0) };
        var linear = new ScatterSeries { Title = "linear classifier", MarkerType = MarkerType.Diamond, MarkerSize = 7, MarkerFill = PlotPalette.Of(1) };
        foreach (var (i, result) in Results.Index())
        {
            Add(dense, result.Accuracy, hasLinear ? i - Apart : i);
            if (result.LinearAccuracy is { } accuracy)
                Add(linear, accuracy, i + Apart);
        }

        model.Series.Add(dense);
        if (hasLinear)
            model.Series.Add(linear);
        return model;

        void Add(ScatterSeries series, double accuracy, double place)
        {
            series.Points.Add(new ScatterPoint(accuracy, place));
            model.Annotations.Add(Label(accuracy, place, $"{Number(100 * accuracy, "0.00")}%", toTheLeft: accuracy < TargetAccuracy));
        }
    }

    /// <summary>A chart with a row for each input, the first at the top.</summary>
    private PlotModel Panel(string title)
    {
        var model = PlotPage.Model(title);
        model.TitleFontSize = 14;
        // In both charts, so that their rows align.
        model.Legends.Add(PlotPage.Legend(LegendPosition.BottomCenter, LegendOrientation.Horizontal));
        var axis = PlotPage.Style(new CategoryAxis { StartPosition = 1, EndPosition = 0 }, AxisPosition.Left, title: null);
        axis.MajorGridlineStyle = LineStyle.None;
        axis.FontSize = 13;
        axis.Labels.AddRange(Results.Select(result => result.Input));
        model.Axes.Add(axis);
        return model;
    }

    private static TextAnnotation Label(double x, double y, string text, bool toTheLeft = false) => PlotPage.Text(
        text, PlotPalette.Text, x, y, toTheLeft ? HorizontalAlignment.Right : HorizontalAlignment.Left, VerticalAlignment.Middle, toTheLeft ? -LabelDistance : LabelDistance);

    private static string Seconds(double value) => $"{Number(value, value < 10 ? "0.00" : "0.0")} s";

    private static string Percent(double share) => $"{Number(100 * share, "0.##")}%";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
