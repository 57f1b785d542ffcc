using OxyPlot;
using OxyPlot.SkiaSharp;
using SkiaSharp;

namespace Sconce.Pipelines.Plots;

/// <summary>Draws OxyPlot's models with <see cref="PlotFont"/>, whatever font they name.</summary>
/// <remarks>
/// OxyPlot looks up installed fonts in methods that cannot be overridden, so the two interface methods that concern text are implemented again.
/// Without text shaping, HarfBuzz's native library is never loaded.
/// </remarks>
internal sealed class PlotContext : SkiaRenderContext, IRenderContext
{
    public PlotContext(SKCanvas canvas, float scale)
    {
        SkCanvas = canvas;
        DpiScale = scale;
        RenderTarget = RenderTarget.PixelGraphic;
        UseTextShaping = false;
    }

    void IRenderContext.DrawText(ScreenPoint p, string text, OxyColor fill, string? fontFamily, double fontSize, double fontWeight, double rotation,
        HorizontalAlignment horizontalAlignment, VerticalAlignment verticalAlignment, OxySize? maxSize)
    {
        if (string.IsNullOrEmpty(text) || fill.IsInvisible())
            return;
        using var font = PlotFont.OfSize((float)fontSize * DpiScale);
        using var paint = new SKPaint { Color = fill.ToSKColor(), IsAntialias = true };
        using var restored = new SKAutoCanvasRestore(SkCanvas);
        SkCanvas.Translate((float)p.X * DpiScale, (float)p.Y * DpiScale);
        SkCanvas.RotateDegrees((float)rotation);

        var lines = text.Split('\n');
        var spacing = font.GetFontMetrics(out var metrics);
        var y = verticalAlignment switch
        {
            VerticalAlignment.Top => -metrics.Ascent,
            VerticalAlignment.Middle => -(metrics.Ascent + metrics.Descent + spacing * (lines.Length - 1)) / 2,
            _ => -metrics.Descent - spacing * (lines.Length - 1),
        };
        foreach (var line in lines)
        {
            var shift = horizontalAlignment switch { HorizontalAlignment.Left => 0f, HorizontalAlignment.Center => 0.5f, _ => 1f };
            SkCanvas.DrawText(line, -shift * PlotFont.Width(font, line), y, font, paint);
            y += spacing;
        }
    }

    OxySize IRenderContext.MeasureText(string text, string? fontFamily, double fontSize, double fontWeight)
    {
        if (string.IsNullOrEmpty(text))
            return OxySize.Empty;
        using var font = PlotFont.OfSize((float)fontSize * DpiScale);
        var lines = text.Split('\n');
        return new OxySize(lines.Max(line => PlotFont.Width(font, line)) / DpiScale, font.Spacing * lines.Length / DpiScale);
    }
}
