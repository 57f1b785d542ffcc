using System.Globalization;
using System.Text;
using Sconce.Core.Errors;
using Sconce.Core.Storage;
using Sconce.Pipelines.Plots;
using Sconce.Pipelines.Reports;
using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>An HTML page about one or more trainings: curves, figures, network, and evaluation on a test set. It is one file that loads nothing else.</summary>
/// <param name="Runs">The trainings, at least one.</param>
/// <example>
/// <code>
/// new TrainingReport([ReportRun.FromFolder("models/runs/a"), ReportRun.FromFolder("models/runs/b")]).Save("report.html");
/// </code>
/// </example>
public sealed record TrainingReport(IReadOnlyList<ReportRun> Runs)
{
    /// <summary>The ending of a report's file.</summary>
    public const string Ending = ".html";

    private const string StyleSheet = "reports/Report.css";

    /// <summary>The title; null, the default, names the runs.</summary>
    public string? Title { get; init; }

    /// <summary>Writes the page.</summary>
    /// <param name="path">The file, which has to end in .html.</param>
    /// <exception cref="ArgumentException">The ending is another, or there are no runs.</exception>
    /// <exception cref="IOException">The file cannot be written; one that exists stays as it was.</exception>
    public void Save(string path)
    {
        if (!Path.GetExtension(path).Equals(Ending, StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"'{path}' does not end in {Ending}; reports are HTML files.", nameof(path));
        var page = Encoding.UTF8.GetBytes(ToHtml());
        AtomicFile.Write(path, stream => stream.Write(page));
    }

    /// <summary>Returns the page as text.</summary>
    /// <exception cref="ArgumentException">There are no runs.</exception>
    public string ToHtml()
    {
        Check.AtLeast(Runs.Count, 1, "Runs.Count");
        var title = Title ?? (Runs.Count == 1 ? Runs[0].Name : Runs.Count <= 3 ? string.Join(", ", Runs.Select(run => run.Name)) : $"{Runs.Count} runs");
        var html = new HtmlWriter();
        html.Raw("<!doctype html>");
        using (html.Open("html", ("lang", "en")))
        {
            using (html.Open("head"))
            {
                html.Void("meta", ("charset", "utf-8"));
                html.Void("meta", ("name", "viewport"), ("content", "width=device-width, initial-scale=1"));
                html.Void("meta", ("name", "color-scheme"), ("content", "light dark"));
                html.Element("title", title);
                using (html.Open("style"))
                    html.Raw(Style());
            }

            using (html.Open("body"))
            using (html.Open("main"))
            {
                using (html.Open("header"))
                {
                    html.Element("h1", title);
                    html.Element("p", Description());
                }

                WriteBody(html);
            }
        }

        return html.ToString();
    }

    private void WriteBody(HtmlWriter html)
    {
        if (Runs.Count > 1)
            ReportFigures.Summary(html, Runs);
        else
            ReportFigures.Tiles(html, Runs[0]);

        WriteCurves(html);
        if (Runs.Count > 1)
            ReportFigures.Differences(html, Runs);
        foreach (var (i, run) in Runs.Index())
        {
            using (html.Open("section"))
                WriteRun(html, run, i);
        }
    }

    private void WriteCurves(HtmlWriter html)
    {
        var charts = new ReportCharts(Runs).Draw().ToList();
        if (charts.Count == 0)
            return;
        html.Element("h2", "Curves");
        WriteLegend(html);
        using (html.Open("div", ("class", "charts")))
        {
            foreach (var (i, (name, chart)) in charts.Index())
            {
                using (html.Open("figure"))
                {
                    html.Element("figcaption", name);
                    html.Raw(SvgChart.Draw(chart, $"chart{i}", name));
                }
            }
        }
    }

    private void WriteRun(HtmlWriter html, ReportRun run, int index)
    {
        if (Runs.Count > 1)
        {
            using (html.Open("h2"))
            {
                Swatch(html, index);
                html.Text(run.Name);
            }

            ReportFigures.Tiles(html, run);
        }

        if (run.Evaluation is { } evaluation)
            ReportEvaluation.Write(html, evaluation);
        ReportExplanations.Write(html, run, string.Create(CultureInfo.InvariantCulture, $"run{index}"));
        if (run.NetworkProblem is { } problem)
            html.Element("p", $"The network is not drawn: {problem}", ("class", "note"));
        else if (run is { Definition: { } definition, Layers.Count: > 0 })
        {
            // Several runs often have the same network, so it is collapsed.
            using (html.Open("details", ("open", Runs.Count == 1 ? "" : null)))
            {
                html.Element("summary", $"Network: {ReportFigures.Network(run)}");
                NetworkDiagram.Write(html, definition.Input, run.Layers);
            }
        }

        ReportFigures.Epochs(html, run);
        ReportFigures.Origin(html, run);
    }

    /// <summary>One legend for all charts.</summary>
    private void WriteLegend(HtmlWriter html)
    {
        using (html.Open("ul", ("class", "legend")))
        {
            if (Runs.Count > 1)
            {
                foreach (var (i, run) in Runs.Index())
                {
                    using (html.Open("li"))
                    {
                        Swatch(html, i);
                        html.Text(run.Name);
                    }
                }
            }

            Line("solid", "training");
            if (Runs is [{ Steps.Count: > 0, Training.History.Count: > 1 }])
                Line("pale", "1-second means");
            if (Runs.Any(run => run.Training.Validation.Count > 0))
                Line("dashed", "validation");
        }

        void Line(string style, string text)
        {
            using (html.Open("li"))
            {
                html.Element("span", "", ("class", $"line {style}"));
                html.Text(text);
            }
        }
    }

    private static void Swatch(HtmlWriter html, int index) =>
        html.Element("span", "", ("class", "swatch"), ("style", string.Create(CultureInfo.InvariantCulture, $"background:var(--series{index % PlotPalette.Count})")));

    private string Description()
    {
        if (Runs is not [var run])
            return "Solid lines: training, means per epoch. Dashed lines: validation set.";
        var status = ReportFigures.Status(run);
        return $"{ReportFigures.Network(run)}: {status}{(run.Training.Finished == default ? "" : string.Create(CultureInfo.InvariantCulture, $", {run.Training.Finished:yyyy-MM-dd HH:mm} UTC"))}. Seed {run.Training.Seed}, {run.Training.Threads} threads.";
    }

    private static string Style()
    {
        using var resource = typeof(TrainingReport).Assembly.GetManifestResourceStream(StyleSheet) ?? throw new InvalidOperationException($"The assembly has no resource '{StyleSheet}'.");
        using var reader = new StreamReader(resource);
        return reader.ReadToEnd();
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
