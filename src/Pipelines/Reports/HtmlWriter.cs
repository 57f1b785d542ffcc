using System.Net;
using System.Text;

namespace Sconce.Pipelines.Reports;

/// <summary>Writes HTML with closed elements and escaped text.</summary>
internal sealed class HtmlWriter
{
    private readonly StringBuilder _html = new();
    private readonly Stack<string> _open = [];

    /// <summary>Opens an element; disposing the result closes it.</summary>
    /// <param name="tag">Its name.</param>
    /// <param name="attributes">Its attributes; those with a null value are left out.</param>
    public IDisposable Open(string tag, params IReadOnlyList<(string Name, string? Value)> attributes)
    {
        _html.Append('<').Append(tag);
        foreach (var (name, value) in attributes)
        {
            if (value is not null)
                _html.Append(' ').Append(name).Append("=\"").Append(WebUtility.HtmlEncode(value)).Append('"');
        }

        _html.Append('>');
        _open.Push(tag);
        return new Closing(this);
    }

    /// <summary>Writes an element that contains only text.</summary>
    public void Element(string tag, string text, params IReadOnlyList<(string Name, string? Value)> attributes)
    {
        using (Open(tag, attributes))
            Text(text);
    }

    /// <summary>Writes a void element, such as an image.</summary>
    public void Void(string tag, params IReadOnlyList<(string Name, string? Value)> attributes)
    {
        _ = Open(tag, attributes);
        _open.Pop();
    }

    /// <summary>Writes escaped text.</summary>
    public void Text(string text) => _html.Append(WebUtility.HtmlEncode(text));

    /// <summary>Writes HTML as it is.</summary>
    public void Raw(string html) => _html.Append(html).Append('\n');

    /// <summary>Writes a table that scrolls if it is wider than the page: the first column is text, the others are numbers.</summary>
    public void Table(IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string>> rows)
    {
        using (Open("div", ("class", "scroll"), ("tabindex", "0")))
        using (Open("table"))
        {
            using (Open("thead"))
            using (Open("tr"))
            {
                foreach (var heading in headings)
                    Element("th", heading, ("scope", "col"));
            }

            using (Open("tbody"))
            {
                foreach (var row in rows)
                {
                    using (Open("tr"))
                    {
                        foreach (var (i, cell) in row.Index())
                            Element(i == 0 ? "th" : "td", cell, ("scope", i == 0 ? "row" : null));
                    }
                }
            }
        }
    }

    public override string ToString() => _html.ToString();

    private sealed class Closing(HtmlWriter writer) : IDisposable
    {
        public void Dispose() => writer._html.Append("</").Append(writer._open.Pop()).Append(">\n");
    }
}
