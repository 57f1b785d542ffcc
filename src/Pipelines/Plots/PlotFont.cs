using SkiaSharp;

namespace Sconce.Pipelines.Plots;

/// <summary>The font of all charts: embedded, as a machine may have none.</summary>
internal static class PlotFont
{
    private const string Resource = "fonts/DejaVuSans.ttf";

    /// <summary>A subset of DejaVu Sans: Latin, Greek, Cyrillic, and the symbols that charts use.</summary>
    public static SKTypeface Typeface { get; } = Load();

    /// <summary>The font at a size in pixels; to be disposed.</summary>
    public static SKFont OfSize(float size) => new(Typeface, size) { Subpixel = true, Edging = SKFontEdging.Antialias, Hinting = SKFontHinting.None };

    /// <summary>The width of a line of text, in pixels.</summary>
    public static float Width(SKFont font, string text) => font.MeasureText(Typeface.GetGlyphs(text));

    private static SKTypeface Load()
    {
        using var resource = typeof(PlotFont).Assembly.GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"The assembly has no resource '{Resource}'.");
        using var data = SKData.Create(resource);
        return SKTypeface.FromData(data);
    }
}
