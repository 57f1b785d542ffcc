using System.Globalization;
using System.Text.RegularExpressions;
using OxyPlot;
using Sconce.Pipelines.Plots;
using SkiaSharp;

namespace Sconce.Pipelines.Reports;

/// <summary>Draws a chart as inline SVG that uses the page's colors, light or dark, and fills the available width.</summary>
internal static partial class SvgChart
{
    /// <summary>The nominal width in pixels, at which text has its own size.</summary>
    public const int Width = 400;
    private const int Height = 250;

    /// <summary>Draws.</summary>
    /// <param name="model">The chart, in the colors of <see cref="PlotPalette"/>.</param>
    /// <param name="id">An ID that is unique on the page: letters and digits.</param>
    /// <param name="title">The title, for screen readers.</param>
    public static string Draw(PlotModel model, string id, string title)
    {
        // Measured with the embedded font, as a machine may have none. Browsers' fonts are not much wider.
        using var bitmap = new SKBitmap(1, 1);
        using var canvas = new SKCanvas(bitmap);
        using var measurer = new PlotContext(canvas, 1);
        var svg = SvgExporter.ExportToString(model, Width, Height, isDocument: false, measurer);
        if (model.GetLastPlotException() is { } exception)
            throw new InvalidOperationException($"The chart '{title}' could not be drawn: {exception.Message}", exception);

        var header = string.Create(CultureInfo.InvariantCulture, $"""<svg viewBox="0 0 {Width} {Height}" role="img" aria-label="{System.Net.WebUtility.HtmlEncode(title)}">""");
        svg = Header().Replace(svg, header, 1);
        // IDs are global to the page.
        svg = svg.Replace("\"clipPath", $"\"{id}-", StringComparison.Ordinal).Replace("#clipPath", $"#{id}-", StringComparison.Ordinal);
        svg = Font().Replace(svg, " ");
        foreach (var (color, name) in PlotPalette.Named)
            svg = svg.Replace(string.Create(CultureInfo.InvariantCulture, $"rgb({color.R},{color.G},{color.B})"), $"var(--{name})", StringComparison.Ordinal);
        return svg;
    }

    /// <summary>Everything before the content.</summary>
    [GeneratedRegex(@"^.*?<svg [^>]*>", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Header();

    [GeneratedRegex(""" font-family="[^"]*" """, RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Font();
}
