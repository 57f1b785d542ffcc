using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using SkiaSharp;

namespace Sconce.Pipelines.Plots;

/// <summary>What all charts share: their style, and how they become a file.</summary>
internal static class PlotPage
{
    /// <summary>Pixels for each of OxyPlot's units, which are 1/96 inch.</summary>
    public const int Scale = 2;

    private const double Margin = 12;
    private const double TitleSize = 16;
    // OxyPlot cuts off what is wider than nine tenths.
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

    /// <summary>Gives an axis the common style.</summary>
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

    /// <summary>The legend, to the right of the drawing or below it.</summary>
    public static Legend Legend(LegendPosition position, LegendOrientation orientation) => new()
    {
        LegendPlacement = LegendPlacement.Outside,
        LegendPosition = position,
        LegendOrientation = orientation,
        LegendBorderThickness = 0,
        LegendFontSize = 13,
        // Long enough for a dash and what follows it.
        LegendSymbolLength = orientation == LegendOrientation.Horizontal ? 34 : 22,
    };

    /// <summary>Writes charts side by side, each as wide as the others, below one title if there is one.</summary>
    /// <param name="path">The file, which has to end in .png.</param>
    /// <param name="width">The width of the page, in 1/96 inch.</param>
    /// <param name="height">Its height, likewise.</param>
    /// <param name="title">The title of the page; null for none.</param>
    /// <param name="charts">The charts, from left to right.</param>
    public static void Save(string path, int width, int height, string? title, params IReadOnlyList<PlotModel> charts) => SaveRows(path, width, height, title, charts);

    /// <summary>Writes rows of charts, each row as high as the others and its charts as wide as each other.</summary>
    /// <param name="path">The file, which has to end in .png.</param>
    /// <param name="width">The width of the page, in 1/96 inch.</param>
    /// <param name="height">Its height, likewise.</param>
    /// <param name="title">The title of the page; null for none.</param>
    /// <param name="rows">The rows, from the top.</param>
    public static void SaveRows(string path, int width, int height, string? title, params IReadOnlyList<IReadOnlyList<PlotModel>> rows) =>
        PngFile.Write(path, width * Scale, height * Scale, canvas => Draw(canvas, Scale, path, width, height, title, rows));

    /// <summary>Draws what <see cref="SaveRows"/> writes.</summary>
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
                // OxyPlot keeps what goes wrong to itself, and would leave an empty picture.
                if (model.GetLastPlotException() is { } exception)
                    throw new InvalidOperationException($"The picture '{path}' could not be drawn: {exception.Message}", exception);
            }
        }
    }

    /// <summary>The size of a title, less where it would be wider than its chart.</summary>
    private static double Fitting(IRenderContext text, string? title, double size, double width) =>
        title is null ? size : size * Math.Min(1, TitleShare * width / text.MeasureText(title, fontSize: size).Width);
}
