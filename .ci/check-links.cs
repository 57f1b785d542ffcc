// Checks that every link and image within a built site leads to a file, and every anchor to an element that has it: check-links SITE.
using System.Net;
using System.Text.RegularExpressions;

var site = Path.GetFullPath(args[0]);
var pages = Directory.GetFiles(site, "*.html", SearchOption.AllDirectories).ToDictionary(path => path, File.ReadAllText);
var anchors = pages.ToDictionary(page => page.Key, page => Values(page.Value, "id").Concat(Values(page.Value, "name")).ToHashSet());
var (links, broken) = (0, 0);
foreach (var (path, html) in pages.OrderBy(page => page.Key, StringComparer.Ordinal))
{
    foreach (var link in Values(html, "href").Concat(Values(html, "src")).Distinct())
    {
        if (link.Contains("://", StringComparison.Ordinal) || link.StartsWith("mailto:", StringComparison.Ordinal) || link.StartsWith("data:", StringComparison.Ordinal))
            continue;
        links++;
        var parts = link.Split('#', 2);
        var file = parts[0].Split('?')[0];
        var target = file.Length == 0 ? path : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, Uri.UnescapeDataString(file)));
        if (Directory.Exists(target))
            target = Path.Combine(target, "index.html");
        var known = anchors.GetValueOrDefault(target);
        if ((known is null && !File.Exists(target)) || (parts.Length == 2 && parts[1].Length > 0 && known?.Contains(Uri.UnescapeDataString(parts[1])) != true))
        {
            broken++;
            Console.Error.WriteLine($"{Path.GetRelativePath(site, path)}: {link} leads nowhere.");
        }
    }
}

Console.WriteLine($"{pages.Count} pages, {links} links, {broken} broken");
return pages.Count > 0 && links > 0 && broken == 0 ? 0 : 1;

static IEnumerable<string> Values(string html, string attribute) =>
    Regex.Matches(html, $"\\s{attribute}=\"([^\"]*)\"", RegexOptions.NonBacktracking).Select(match => WebUtility.HtmlDecode(match.Groups[1].Value));
