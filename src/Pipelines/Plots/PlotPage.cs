using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Legends;
using SkiaSharp;

namespace Sconce.Pipelines.Plots;

/// <summary>The common style of charts, and how they are written.</summary>
internal static class PlotPage
{
    /// <summary>Pixels per unit of OxyPlot, which is 1/96 inch.</summary>
    public const int Scale = 2;

    private const double Margin = 12;
    private const double TitleSize = 16;
    // OxyPlot cuts off titles wider than nine tenths.
    private const double TitleShare = 0.85;

    /// <summary>An empty chart in the common style.</summary>
    public static PlotModel Model(string? title) => new()
    {
        Title = title,
        TitleFontSize = TitleSize,
        TitleFontWeight = FontWeights.Normal,
        TitlePadding = 10,
        TextColor = PlotPalette.Text,
        PlotAreaBorderColor = PlotPalette.Faint,
        Padding = new OxyThickness(Margin, Margin, 2 * Margin, Margin),
        DefaultFontSize = 12,
        Culture = System.Globalization.CultureInfo.InvariantCulture,
    };

    /// <summary>Applies the common style to an axis.</summary>
    public static T Style<T>(T axis, AxisPosition position, string? title)
        where T : Axis
    {
        axis.Position = position;
        axis.Title = title;
        axis.TitleFontSize = 13;
        axis.AxisTitleDistance = 8;
        axis.TickStyle = TickStyle.Outside;
        axis.TicklineColor = PlotPalette.Faint;
        axis.MajorGridlineStyle = LineStyle.Solid;
        axis.MajorGridlineColor = PlotPalette.Grid;
        axis.MinorTickSize = 0;
        return axis;
    }

    /// <summary>The legend, right of the chart or below it.</summary>
    public static Legend Legend(LegendPosition position, LegendOrientation orientation) => new()
    {
        LegendPlacement = LegendPlacement.Outside,
        LegendPosition = position,
        LegendOrientation = orientation,
        LegendBorderThickness = 0,
        LegendFontSize = 13,
        // Long enough to show a dash and a gap.
        LegendSymbolLength = orientation == LegendOrientation.Horizontal ? 34 : 22,
    };

    /// <summary>A text at a point, at a distance in pixels.</summary>
    public static TextAnnotation Text(string text, OxyColor color, double x, double y, HorizontalAlignment side, VerticalAlignment line, double right, double down = 0) => new()
    {
        Text = text,
        TextColor = color,
        TextPosition = new DataPoint(x, y),
        TextHorizontalAlignment = side,
        TextVerticalAlignment = line,
        Offset = new ScreenVector(right, down),
        StrokeThickness = 0,
    };

    /// <summary>Writes rows of equal height below an optional title, with charts of equal width in each row.</summary>
    /// <param name="path">The file, which has to end in .png.</param>
    /// <param name="width">The width of the page, in 1/96 inch.</param>
    /// <param name="height">Its height, likewise.</param>
    /// <param name="title">The title of the page; null for none.</param>
    /// <param name="rows">The rows, from the top.</param>
    public static void Save(string path, int width, int height, string? title, params IReadOnlyList<IReadOnlyList<PlotModel>> rows) =>
        PngFile.Write(path, width * Scale, height * Scale, canvas => Draw(canvas, Scale, path, width, height, title, rows));

    /// <summary>Draws what <see cref="Save"/> writes.</summary>
    public static void Draw(SKCanvas canvas, int scale, string path, int width, int height, string? title, params IReadOnlyList<IReadOnlyList<PlotModel>> rows)
    {
        using var context = new PlotContext(canvas, scale);
        var top = 0d;
        if (title is not null)
        {
            IRenderContext text = context;
            text.DrawText(new ScreenPoint(width / 2d, Margin), title, PlotPalette.Text, fontSize: Fitting(text, title, TitleSize, width), horizontalAlignment: HorizontalAlignment.Center);
            top = Margin + text.MeasureText(title, fontSize: TitleSize).Height;
        }

        var rowHeight = (height - top) / rows.Count;
        foreach (var (row, charts) in rows.Index())
        {
            var chartWidth = (double)width / charts.Count;
            foreach (var (column, model) in charts.Index())
            {
                IPlotModel chart = model;
                model.TitleFontSize = Fitting(context, model.Title, model.TitleFontSize, chartWidth);
                chart.Update(updateData: true);
                chart.Render(context, new OxyRect(chartWidth * column, top + rowHeight * row, chartWidth, rowHeight));
                // OxyPlot stores exceptions, and leaves an empty picture.
                if (model.GetLastPlotException() is { } exception)
                    throw new InvalidOperationException($"The picture '{path}' could not be drawn: {exception.Message}", exception);
            }
        }
    }

    /// <summary>The size of a title, reduced to fit its chart.</summary>
    private static double Fitting(IRenderContext text, string? title, double size, double width) =>
        title is null ? size : size * Math.Min(1, TitleShare * width / text.MeasureText(title, fontSize: size).Width);
}
