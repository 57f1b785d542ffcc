using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Sconce.Host.Display.Tutorials;

/// <summary>Curves in a terminal: each character is two by four dots of the Unicode block "Braille patterns".</summary>
/// <param name="width">The number of characters in a line, at least 2.</param>
/// <param name="height">The number of lines, at least 1.</param>
/// <param name="low">The value at the lower edge; lower values are not drawn.</param>
/// <param name="high">The value at the upper edge; higher values are not drawn.</param>
internal sealed class BrailleChart(int width, int height, double low, double high)
{
    private const int Columns = 2;
    private const int Rows = 4;
    private const char Blank = '\u2800';

    // Dots 1, 2, 3, 7 are the left column from above, 4, 5, 6, 8 the right one; dot n is bit n - 1.
    private static readonly byte[,] _bits = { { 0x01, 0x02, 0x04, 0x40 }, { 0x08, 0x10, 0x20, 0x80 } };

    private readonly byte[,] _dots = new byte[height, width];
    private readonly Color[,] _colors = new Color[height, width];

    /// <summary>Draws a curve over the whole width. A character has the color of the last curve in it.</summary>
    public void Draw(IReadOnlyList<float> values, Color color)
    {
        var last = Columns * width - 1;
        int? before = null;
        for (var x = 0; x <= last; x++)
        {
            var value = At(values, (double)x / last * (values.Count - 1));
            var y = (int)Math.Round((high - value) / (high - low) * (Rows * height - 1));
            // Steep parts are drawn without gaps.
            var (top, bottom) = before is { } other && other != y ? (Math.Min(y, other + Math.Sign(y - other)), Math.Max(y, other + Math.Sign(y - other))) : (y, y);
            for (var dot = Math.Max(top, 0); dot <= Math.Min(bottom, Rows * height - 1); dot++)
                Set(x, dot, color);
            before = y;
        }
    }

    /// <summary>The chart for the console.</summary>
    public IRenderable ToRenderable()
    {
        var text = new Paragraph();
        for (var line = 0; line < height; line++)
        {
            for (var column = 0; column < width; column++)
                text.Append(((char)(Blank + _dots[line, column])).ToString(), new Style(_colors[line, column]));
            text.Append("\n");
        }

        return text;
    }

    /// <summary>The chart without colors.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        for (var line = 0; line < height; line++)
        {
            for (var column = 0; column < width; column++)
                text.Append((char)(Blank + _dots[line, column]));
            text.Append('\n');
        }

        return text.ToString();
    }

    private void Set(int x, int y, Color color)
    {
        _dots[y / Rows, x / Columns] |= _bits[x % Columns, y % Rows];
        _colors[y / Rows, x / Columns] = color;
    }

    /// <summary>The value between two points.</summary>
    private static double At(IReadOnlyList<float> values, double position)
    {
        var before = Math.Min((int)position, values.Count - 1);
        var after = Math.Min(before + 1, values.Count - 1);
        return values[before] + (position - before) * (values[after] - values[before]);
    }
}
