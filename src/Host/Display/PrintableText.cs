using Spectre.Console.Rendering;

namespace Sconce.Host.Display;

/// <summary>Escapes control characters: contents and names of files may be crafted to control the terminal.</summary>
internal static class PrintableText
{
    /// <summary>The text with control characters as escapes such as <c>\u001B</c>. Line feeds and tabs stay.</summary>
    public static string Of(string text) => text.Any(IsControl) ? string.Concat(text.Select(each => IsControl(each) ? $@"\u{(int)each:X4}" : each.ToString())) : text;

    // Besides control characters, those that change the text direction.
    private static bool IsControl(char character) => (char.IsControl(character) && character is not ('\n' or '\t')) || character is >= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069';

    /// <summary>Escapes everything that is written to a console.</summary>
    public sealed class Hook : IRenderHook
    {
        public IEnumerable<IRenderable> Process(RenderOptions options, IEnumerable<IRenderable> renderables) => renderables.Select(each => new Printable(each));
    }

    private sealed class Printable(IRenderable content) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => content.Measure(options, maxWidth);

        // Control codes come from the console itself.
        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => content.Render(options, maxWidth)
            .Select(segment => segment.IsControlCode || segment.IsLineBreak ? segment : new Segment(Of(segment.Text), segment.Style));
    }
}
