using System.Globalization;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;
using Sconce.Pipelines.Plots;

namespace Sconce.Pipelines.Tutorials.Gradients;

/// <summary>The charts of a <see cref="GradientExplanation"/>: gradients in backpropagation through time above; training with and without clipping below.</summary>
internal sealed record GradientChart(GradientExplanation Explanation)
{
    /// <summary>Where a gradient of exactly 0 is drawn: below the smallest single-precision number, 1.4e-45.</summary>
    private const double Floor = 1e-48;

    /// <summary>The decades between two ticks of the upper charts.</summary>
    private const int Decades = 8;

    public void Save(string path)
    {
        PngFile.CheckEnding(path);
        var radii = Explanation.Flows.Select(flow => flow.SpectralRadius).Distinct();
        PlotPage.Save(path, 1500, 1050, "Gradients in backpropagation through time, and the effect of clipping", [.. radii.Select(Flows)], Trainings());
    }

    /// <summary>Each cell's longest sequence as a line, and the first time steps of all lengths as dots; they lie on the line if only the distance matters.</summary>
    private PlotModel Flows(double radius)
    {
        var cells = Explanation.Flows.Where(flow => flow.SpectralRadius == radius).GroupBy(flow => flow.Cell).ToList();
        var model = new LineChart([.. cells.Select(cell => Line(cell.MaxBy(flow => flow.Length)!))])
        {
            Title = string.Create(CultureInfo.InvariantCulture, $"Recurrent weights of spectral radius {radius}"),
            XTitle = $"time steps back from the loss (dots: first steps of sequences of {string.Join(", ", cells[0].Select(flow => flow.Length))})",
            YTitle = "norm of the loss gradient at the hidden state",
            LogarithmicY = true,
        }.ToModel();
        foreach (var (i, cell) in cells.Index())
        {
            var dots = new ScatterSeries { MarkerType = MarkerType.Circle, MarkerSize = 4, MarkerFill = PlotPalette.Of(i), RenderInLegend = false };
            dots.Points.AddRange(cell.Select(flow => new ScatterPoint(flow.Length - 1, Place(flow.Norms[0]))));
            model.Series.Add(dots);
        }

        // One scale for all charts.
        var all = Explanation.Flows.SelectMany(flow => flow.Norms).Select(Place).Where(double.IsFinite).ToList();
        var axis = (LogarithmicAxis)model.Axes[1];
        // One tick of room below, and a margin for rounding, as ticks are counted from the minimum.
        (axis.Minimum, axis.Maximum) = (Rounded(all.Min(), value => Math.Floor(value) - 1) * 0.999, Rounded(all.Max(), Math.Ceiling) * 1.001);
        axis.IntervalLength = 28;
        axis.LabelFormatter = value => value < Floor / 2 ? "" : value < 2 * Floor ? "0" : Math.Abs(value - 1) < 1e-6 ? "1" : value.ToString("0e+0", CultureInfo.InvariantCulture);
        if (all.Contains(Floor))
            model.Annotations.Add(Level(Floor, "exactly 0: too small for single precision"));
        model.Annotations.Add(Level(1, ""));
        model.Annotations.Add(Region(axis.Maximum, VerticalAlignment.Top, "exploding: above 1"));
        model.Annotations.Add(Region(axis.Minimum, VerticalAlignment.Bottom, "vanishing: below 1"));
        return model;
    }

    private static ChartLine Line(GradientFlow flow) => new(flow.Cell, [.. Enumerable.Range(0, flow.Length).Select(i => (double)i)], [.. flow.Norms.Reverse().Select(Place)]);

    private static double Place(double norm) => norm == 0 ? Floor : double.IsFinite(norm) ? norm : double.NaN;

    private static double Rounded(double value, Func<double, double> round) => Math.Pow(10, Decades * round(Math.Log10(value) / Decades));

    /// <summary>A dotted line with its text above it, on the right.</summary>
    private static LineAnnotation Level(double y, string text) => new()
    {
        Type = LineAnnotationType.Horizontal,
        Y = y,
        Text = text,
        TextColor = PlotPalette.Faint,
        TextHorizontalAlignment = HorizontalAlignment.Right,
        TextVerticalAlignment = VerticalAlignment.Bottom,
        TextLinePosition = 0.99,
        Color = PlotPalette.Faint,
        LineStyle = LineStyle.Dot,
    };

    /// <summary>A text at the upper or lower left corner, which no line reaches.</summary>
    private static TextAnnotation Region(double y, VerticalAlignment alignment, string text)
    {
        var region = PlotPage.Text(text, PlotPalette.Faint, 0, y, HorizontalAlignment.Left, alignment, right: 6, down: alignment == VerticalAlignment.Top ? 6 : -6);
        region.FontSize = 14;
        return region;
    }

    private PlotModel[] Trainings()
    {
        var losses = Training("Loss (dotted: always predicting 1)", "mean squared error", run => run.Losses);
        losses.Annotations.Add(Level(ClippingRun.ErrorOfGuessing, ""));
        return
        [
            Training("Gradients, before clipping", "norm of the gradient", run => run.GradientNorms),
            Training("Weight updates", "norm of the update", run => run.StepSizes),
            losses,
        ];
    }

    private PlotModel Training(string title, string yTitle, Func<ClippingRun, IReadOnlyList<double>> values)
    {
        var model = new LineChart([.. Explanation.Runs.Select(run => new ChartLine(
            run.Clipping, [.. values(run).Select((_, i) => i + 1d)], [.. values(run).Select(value => value > 0 ? value : double.NaN)]))])
        {
            Title = title,
            XTitle = "training step",
            YTitle = yTitle,
            LogarithmicY = true,
        }.ToModel();
        model.TitleFontSize = 14;
        var axis = (LogarithmicAxis)model.Axes[1];
        axis.LabelFormatter = value => value is >= 0.001 and <= 10_000 ? value.ToString("0.###", CultureInfo.InvariantCulture) : value.ToString("0e+0", CultureInfo.InvariantCulture);
        var all = Explanation.Runs.SelectMany(values).Where(value => value > 0).ToList();
        if (all.Count > 0)
            (axis.Minimum, axis.Maximum) = (all.Min() / 3, all.Max() * 10);
        foreach (var (i, run) in Explanation.Runs.Index())
        {
            if (run.DivergedAt is { } step && run.Losses.Count > 0)
                MarkEnd(model, run.Losses.Count, values(run)[^1], $"not finite at step {step}", PlotPalette.Of(i));
        }

        return model;
    }

    private static void MarkEnd(PlotModel model, double x, double y, string text, OxyColor color)
    {
        var cross = new ScatterSeries { MarkerType = MarkerType.Cross, MarkerSize = 7, MarkerStroke = color, MarkerStrokeThickness = 3, RenderInLegend = false };
        cross.Points.Add(new ScatterPoint(x, y));
        model.Series.Add(cross);
        model.Annotations.Add(PlotPage.Text(text, color, x, y, HorizontalAlignment.Left, VerticalAlignment.Middle, right: 12));
    }
}
