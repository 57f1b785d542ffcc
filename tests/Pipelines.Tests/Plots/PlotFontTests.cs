using Sconce.Pipelines.Plots;
using SkiaSharp;

namespace Sconce.Pipelines.Tests.Plots;

public class PlotFontTests
{
    [Theory]
    [InlineData("ABCXYZabcxyz0123456789 .,:;!?()[]{}<>%&/#'\"+-*=_|~@$^`\\")]
    [InlineData("äöüßÄÖÜéèñçåøœŠžŁąčęğ¡¿§°²³µ·×÷±«»")]
    [InlineData("−–—…‘’“”„•‰€→←↑↓≤≥≠≈∞√∑∂∏∆")]
    [InlineData("αβγδεθλμπρσφχψωΓΔΘΛΠΣΦΨΩ Жизньъэё")]
    public void The_embedded_font_has_every_letter_and_sign_of_it(string text) => Assert.All(PlotFont.Typeface.GetGlyphs(text), glyph => Assert.NotEqual(0, glyph));

    [Fact]
    public void The_font_is_the_embedded_one_and_not_one_of_the_machine()
    {
        Assert.Equal("DejaVu Sans", PlotFont.Typeface.FamilyName);
        // The whole font has some 6,000: an installed one would have more than the subset.
        Assert.InRange(PlotFont.Typeface.GlyphCount, 300, 1_500);
    }

    [Fact]
    public void Letters_are_drawn_with_shapes_of_their_own_and_not_as_boxes()
    {
        var shapes = "ABCDEabcde012345−×→".Select(Shape).ToList();
        Assert.Equal(shapes.Count, shapes.Distinct(StringComparer.Ordinal).Count());
        Assert.All(shapes, shape => Assert.NotEqual(Shape('\u4E2D'), shape));

        static string Shape(char letter)
        {
            using var bitmap = new SKBitmap(40, 40);
            using var canvas = new SKCanvas(bitmap);
            using var context = new PlotContext(canvas, scale: 1);
            canvas.Clear(SKColors.White);
            OxyPlot.IRenderContext drawing = context;
            drawing.DrawText(new OxyPlot.ScreenPoint(4, 4), letter.ToString(), OxyPlot.OxyColors.Black, "a family that is not there", 24);
            return Convert.ToHexString(bitmap.Bytes);
        }
    }
}
