using System.CommandLine;
using System.Globalization;
using System.Text;
using Sconce.Host;

namespace Sconce.Docs.Tests;

/// <summary>The page <c>docs/command-line.md</c>, made from the commands themselves.</summary>
internal static class CommandLine
{
    private const string Introduction = """
        # The command line

        `sconce COMMAND` runs the installed tool. In a clone, `dotnet run -c Release --project src/Host -- COMMAND` does the same.

        Every command takes `--json`, which prints one JSON document on standard output, `--verbose`, which adds a stack trace to an error, and `--help`.

        | exit code | meaning |
        | --- | --- |
        | 0 | done |
        | 1 | failed |
        | 2 | wrong usage |
        | 128 + N | ended by signal N: 130 by Ctrl-C, 143 by SIGTERM, 129 by SIGHUP. A training writes a checkpoint first. `score --watch`, which has no other end, exits with 0 |

        Numbers have a decimal point and no thousands separators, in every culture. Where the output is not a terminal, progress is printed as plain lines; `score`, `encode`, `decode` and `export` print it on standard error.

        This page is generated from the commands (`SCONCE_WRITE_DOCS=1`, see [Contributing](../CONTRIBUTING.md)); a test compares it with them.

        """;

    public static string ToMarkdown()
    {
        var page = new StringBuilder(Introduction.ReplaceLineEndings("\n"));
        var leaves = Leaves("sconce", Program.Root).OrderBy(leaf => leaf.Path, StringComparer.Ordinal).ToList();
        page.Append('\n').Append("| command | what it does |\n| --- | --- |\n");
        foreach (var (path, command) in leaves)
            page.Append(CultureInfo.InvariantCulture, $"| [`{path}`](#{path.Replace(' ', '-')}) | {Cell(command.Description)} |\n");
        foreach (var family in leaves.GroupBy(leaf => string.Join(' ', leaf.Path.Split(' ')[..2])))
            Append(page, family.Key, [.. family]);
        return page.ToString();
    }

    private static IEnumerable<(string Path, Command Command)> Leaves(string path, Command command) =>
        command.Subcommands.Count == 0
            ? [(path, command)]
            : command.Subcommands.Where(child => !child.Hidden).SelectMany(child => Leaves($"{path} {child.Name}", child));

    /// <summary>A command with its subcommands; the options that all of these have are listed once.</summary>
    private static void Append(StringBuilder page, string family, List<(string Path, Command Command)> leaves)
    {
        List<(string Name, string? Description)> common = leaves.Count == 1 ? [] : [.. leaves.Select(leaf => Rows(leaf.Command)).Aggregate((shared, rows) => shared.Intersect(rows))];
        if (common.Count > 0)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## Options of every {family}\n");
            Append(page, common);
        }

        foreach (var (path, command) in leaves)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {path}\n\n{command.Description}\n");
            if (common.Count > 0)
                page.Append(CultureInfo.InvariantCulture, $"\nIt also takes the [options of every `{family}`](#options-of-every-{family.Replace(' ', '-')}).\n");
            Append(page, [.. Rows(command).Except(common)]);
        }
    }

    private static IEnumerable<(string Name, string? Description)> Rows(Command command) =>
        command.Arguments.Where(argument => !argument.Hidden).Select(argument => (Argument(argument), argument.Description))
            .Concat(command.Options.Where(option => !option.Hidden && option.Name != "--help").Select(option => (Name(option), Described(option))));

    private static void Append(StringBuilder page, List<(string Name, string? Description)> rows)
    {
        if (rows.Count == 0)
            return;
        page.Append("\n| argument or option | what it is |\n| --- | --- |\n");
        foreach (var (name, description) in rows)
            page.Append(CultureInfo.InvariantCulture, $"| {Cell(name)} | {Cell(description)} |\n");
    }

    private static string Argument(Argument argument)
    {
        var name = argument.Arity.MaximumNumberOfValues > 1 ? $"{argument.Name}..." : argument.Name;
        return argument.Arity.MinimumNumberOfValues == 0 ? $"`[{name}]`" : $"`{name}`";
    }

    private static string Name(Option option)
    {
        var names = string.Join(", ", option.Aliases.Prepend(option.Name));
        if (option.ValueType == typeof(bool))
            return $"`{names}`";
        var choices = option.GetCompletions(System.CommandLine.Completions.CompletionContext.Empty).Select(choice => choice.Label).ToList();
        // A vertical bar in code ends the cell in some renderers, and shows its escape in others.
        if (choices.Count > 0)
            return $"`{names}` {string.Join(", ", choices)}";
        return $"`{names} {option.HelpName ?? option.Name.TrimStart('-').ToUpperInvariant()}{(option.AllowMultipleArgumentsPerToken ? "..." : "")}`";
    }

    private static string? Described(Option option)
    {
        var value = option.HasDefaultValue && option.ValueType != typeof(bool) ? option.GetDefaultValue() : null;
        var text = value is System.Collections.IEnumerable values and not string ? string.Join(' ', values.Cast<object>()) : Convert.ToString(value, CultureInfo.InvariantCulture);
        return string.IsNullOrEmpty(text) ? option.Description : $"{option.Description} Default: {text}.";
    }

    private static string Cell(string? text) => (text ?? "").Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
