using System.Globalization;
using Sconce.Pipelines;

namespace Sconce.Host.Display;

/// <summary>Prints what was understood of a table, and how models of it compare.</summary>
internal static class TableDisplay
{
    private const int LongestExample = 40;

    /// <summary>Prints the columns, the task, and what looks wrong.</summary>
    public static void Print(Terminal terminal, TableSurvey survey)
    {
        terminal.Table(
            ["column", "kind", "missing", "distinct", "values"],
            survey.Columns.Select(column => (string[])
            [
                column.Name, column.IsLabel ? "label" : survey.Useless.Contains(column.Name) ? "not used" : column.Kind.ToString().ToLowerInvariant(),
                column.MissingShare == 0 ? "" : $"{column.MissingShare:P1}", $"{column.Distinct:N0}", Values(column),
            ]));
        terminal.Line($"{survey.Rows:N0} rows; {survey.Task.ToString().ToLowerInvariant()}, because {survey.TaskReason}");
        foreach (var warning in survey.Warnings)
            terminal.Line($"Warning: {warning.Message}");
    }

    /// <summary>Prints the metrics of models, the first with its interval.</summary>
    public static void Print(Terminal terminal, TableComparison comparison)
    {
        var names = comparison.Models[0].Metrics.Select(metric => metric.Name).ToList();
        terminal.Table(
            ["model", .. names.Select((name, i) => i == 0 ? $"{name} (95 % interval)" : name)],
            comparison.Models.Select(model => (string[])[model.Name, .. model.Metrics.Select((metric, i) => i == 0 && metric.Low is { } low && metric.High is { } high
                ? $"{Number(metric.Value)} ({Number(low)} to {Number(high)})"
                : Number(metric.Value))]));
    }

    private static string Values(TableColumn column)
    {
        if (column is { Minimum: { } low, Median: { } middle, Maximum: { } high, Kind: TableColumnKind.Number })
            return string.Create(CultureInfo.InvariantCulture, $"{low:G6} to {high:G6}, median {middle:G6}");
        var text = string.Join(", ", column.Examples);
        return text.Length <= LongestExample ? text : $"{text[..LongestExample]}…";
    }

    private static string Number(double value) => double.IsNaN(value) ? "undefined"
        : Math.Abs(value) >= 1_000 ? value.ToString("N0", CultureInfo.InvariantCulture) : value.ToString("0.0000", CultureInfo.InvariantCulture);
}
