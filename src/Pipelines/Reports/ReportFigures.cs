using System.Globalization;

namespace Sconce.Pipelines.Reports;

/// <summary>A report's numbers: the runs side by side, how they differ, and the options of each.</summary>
internal static class ReportFigures
{
    /// <summary>A line for each run.</summary>
    public static void Summary(HtmlWriter html, IReadOnlyList<ReportRun> runs)
    {
        var measured = runs.SelectMany(run => run.Evaluation?.Metrics.Keys ?? []).Distinct().ToList();
        var validated = runs.Any(run => run.Training.Validation.Count > 0);
        html.Table(
            ["run", "network", "status", .. measured.Select(name => $"test {name}"), .. validated ? ["best validation loss"] : Array.Empty<string>(), "last loss", "parameters", "steps", "training", "samples/s"],
            runs.Select(run => (string[])
            [
                run.Name, Network(run), Status(run),
                .. measured.Select(name => ReportText.Metric(name, run.Evaluation?.Metrics.TryGetValue(name, out var value) == true ? value : null)),
                .. validated ? [run.Training.Validation.Count > 0 ? ReportText.Number(run.Training.Validation.Min(summary => summary.Loss)) : ""] : Array.Empty<string>(),
                run.Training.History is [.., var last] ? ReportText.Number(last.Loss) : "",
                run.NumberOfParameters is { } count ? ReportText.Count(count) : "", ReportText.Count(run.Training.Steps), ReportText.Time(run.Training.Seconds),
                run.SamplesPerSecond is { } speed ? ReportText.Count((long)speed) : "",
            ]));
    }

    /// <summary>The main figures of a single run, as tiles.</summary>
    public static void Tiles(HtmlWriter html, ReportRun run)
    {
        using (html.Open("dl", ("class", "tiles")))
        {
            foreach (var (name, value) in run.Evaluation?.Metrics ?? new Dictionary<string, double>())
                Tile($"test {name}", ReportText.Metric(name, value));
            if (run.Training.Validation.Count > 0)
                Tile("best validation loss", ReportText.Number(run.Training.Validation.Min(summary => summary.Loss)));
            if (run.Training.History is [.., var last])
                Tile("last training loss", ReportText.Number(last.Loss));
            if (run.NumberOfParameters is { } count)
                Tile("parameters", ReportText.Count(count));
            Tile("training rows", ReportText.Count(run.Training.Rows));
            Tile("steps", ReportText.Count(run.Training.Steps));
            Tile("training time", ReportText.Time(run.Training.Seconds));
            if (run.SamplesPerSecond is { } speed)
                Tile("samples per second", ReportText.Count((long)speed));
            if (run.Evaluation is { Seconds: > 0 } evaluation)
                Tile("test rows per second", ReportText.Count((long)(evaluation.Rows / evaluation.Seconds)));
        }

        void Tile(string name, string value)
        {
            using (html.Open("div"))
            {
                html.Element("dt", name);
                html.Element("dd", value);
            }
        }
    }

    /// <summary>The options that differ between runs; nothing if none does.</summary>
    public static void Differences(HtmlWriter html, IReadOnlyList<ReportRun> runs)
    {
        var settings = runs.Select(run => run.Settings()).ToList();
        var different = settings.SelectMany(options => options.Keys).Distinct().Order(StringComparer.Ordinal)
            .Where(name => settings.Select(options => options.GetValueOrDefault(name)).Distinct().Count() > 1).ToList();
        if (different.Count == 0)
            return;
        html.Element("h2", "Differences");
        html.Table(["option", .. runs.Select(run => run.Name)], different.Select(name => (string[])[name, .. settings.Select(options => options.GetValueOrDefault(name, ""))]));
    }

    /// <summary>The options and versions of a run, to reproduce it.</summary>
    public static void Origin(HtmlWriter html, ReportRun run)
    {
        var training = run.Training;
        using (html.Open("details"))
        {
            html.Element("summary", "Options and versions");
            html.Table(["option", "value"],
            [
                .. run.Settings().Select(setting => (string[])[setting.Key, setting.Value]),
                ["threads", training.Threads.ToString(CultureInfo.InvariantCulture)],
                .. training.Finished == default ? [] : (string[][])[["finished", training.Finished.ToString("u", CultureInfo.InvariantCulture)]],
                .. training.Versions.Select(version => (string[])[version.Key, version.Value]),
            ]);
        }
    }

    /// <summary>The epochs, with their times.</summary>
    public static void Epochs(HtmlWriter html, ReportRun run)
    {
        if (run.Training.History.Count == 0)
            return;
        using (html.Open("details"))
        {
            html.Element("summary", "Epochs");
            html.Table(["epoch", "loss", run.Training.Metric ?? "metric", "seconds", "samples/s"], run.Training.History.Select(epoch => (string[])
            [
                $"{epoch.Epoch}", ReportText.Number(epoch.Loss), ReportText.Metric(run.Training.Metric, epoch.Metric), epoch.Seconds.ToString("F1", CultureInfo.InvariantCulture), ReportText.Count((long)epoch.SamplesPerSecond),
            ]));
        }
    }

    public static string Status(ReportRun run) => run.Status.ToString().ToLowerInvariant() + (run.Training.StopReason is { } reason ? $": {reason}" : "");

    public static string Network(ReportRun run) => run.Settings().GetValueOrDefault(nameof(ReportRun.Network), "");
}
