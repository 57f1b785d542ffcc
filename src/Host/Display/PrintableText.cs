using Spectre.Console.Rendering;

namespace Sconce.Host.Display;

/// <summary>Text that does nothing to a terminal but stand there: what files and their names hold may be written to take it over.</summary>
internal static class PrintableText
{
    /// <summary>The text, with what is no character to be seen as its number: <c>\u001B</c>. Line feeds and tabs stay.</summary>
    public static string Of(string text) => text.Any(IsControl) ? string.Concat(text.Select(each => IsControl(each) ? $@"\u{(int)each:X4}" : each.ToString())) : text;

    // Besides control characters those that turn the direction of what follows.
    private static bool IsControl(char character) => (char.IsControl(character) && character is not ('\n' or '\t')) || character is >= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069';

    /// <summary>Makes whatever a console is given such text.</summary>
    public sealed class Hook : IRenderHook
    {
        public IEnumerable<IRenderable> Process(RenderOptions options, IEnumerable<IRenderable> renderables) => renderables.Select(each => new Printable(each));
    }

    private sealed class Printable(IRenderable content) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => content.Measure(options, maxWidth);

        // Control codes are the console's own.
        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => content.Render(options, maxWidth)
            .Select(segment => segment.IsControlCode || segment.IsLineBreak ? segment : new Segment(Of(segment.Text), segment.Style));
    }
}
