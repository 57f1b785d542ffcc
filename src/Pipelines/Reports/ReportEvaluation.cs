using System.Globalization;

namespace Sconce.Pipelines.Reports;

/// <summary>The evaluation in a report: classes, confusion matrix, worst mistakes.</summary>
internal static class ReportEvaluation
{
    /// <summary>For more classes, the most frequent confusions are listed instead of a matrix.</summary>
    private const int MostColumns = 26;

    private const int MostConfusions = 20;

    public static void Write(HtmlWriter html, Evaluation evaluation)
    {
        foreach (var note in Notes(evaluation))
            html.Element("p", note, ("class", "note"));
        if (evaluation.Labels.Count > 0)
        {
            html.Element("h3", "Labels");
            Labels(html, evaluation);
        }

        if (evaluation.Classes.Count > 0)
        {
            using (html.Open("div", ("class", "pair")))
            {
                using (html.Open("div"))
                {
                    html.Element("h3", "Confusion matrix");
                    Confusion(html, evaluation);
                }

                using (html.Open("div"))
                {
                    html.Element("h3", "Classes");
                    Classes(html, evaluation);
                }
            }
        }

        if (evaluation.Mistakes.Count > 0)
        {
            html.Element("h3", evaluation.Mistakes[0].Images.Count == 2 ? "Worst reconstructions" : "Worst mistakes");
            if (evaluation.Classes.Count > 0 && evaluation.Mistakes[0].Images.Count > 0)
                html.Element("p", "In parentheses: the predicted probability of the true class.", ("class", "note"));
            else if (evaluation.Mistakes[0].Images.Count == 2)
                html.Element("p", "Originals, reconstructions, and errors.", ("class", "note"));
            if (evaluation.Mistakes.Any(mistake => mistake.Images.Count > 0))
                Pictures(html, evaluation);
            else
                html.Table(["expected", "predicted", .. Measure(evaluation) is { } measure ? [measure] : Array.Empty<string>()], evaluation.Mistakes.Select(mistake => (string[])
                [
                    mistake.Expected, mistake.Given, .. Measure(evaluation) is null ? Array.Empty<string>()
                        : [mistake.Measure is not { } value ? "" : IsOfClasses(evaluation) ? ReportText.Percent(value) : ReportText.Number(value)],
                ]));
        }
    }

    private static bool IsOfClasses(Evaluation evaluation) => evaluation.Classes.Count > 0 || evaluation.Labels.Count > 0;

    private static IEnumerable<string> Notes(Evaluation evaluation)
    {
        if (evaluation.PositiveClass is { } positive)
            yield return $"The positive class is '{positive}'.";
        if (evaluation.Remark is { } remark)
            yield return remark;
        if (evaluation.UnlabeledRows > 0)
            yield return $"Rows without a label, which are not measured: {ReportText.Count(evaluation.UnlabeledRows)}.";
    }

    private static void Labels(HtmlWriter html, Evaluation evaluation) =>
        html.Table(["label", "true in rows", "area under the curve", "precision", "recall"], evaluation.Labels.Select(entry => (string[])
        [
            entry.Name, ReportText.Count(entry.Support), double.IsNaN(entry.AreaUnderRocCurve) ? "–" : ReportText.Number(entry.AreaUnderRocCurve),
            ReportText.Percent(entry.Precision), ReportText.Percent(entry.Recall),
        ]));

    /// <summary>The heading of the mistakes' numbers; null if they have none.</summary>
    private static string? Measure(Evaluation evaluation) => evaluation.Classes.Count > 0 ? "probability of the true class"
        : evaluation.Labels.Count > 0 ? "probability of the true labels"
        : evaluation.Mistakes.Any(mistake => mistake.Measure is not null) ? "error" : null;

    private static void Classes(HtmlWriter html, Evaluation evaluation) =>
        html.Table(["class", "rows", "precision", "recall", "F1"], evaluation.Classes.Select(entry => (string[])
        [
            entry.Name, ReportText.Count(entry.Rows), ReportText.Percent(entry.Precision), ReportText.Percent(entry.Recall),
            ReportText.Percent(2 * entry.Precision * entry.Recall / (entry.Precision + entry.Recall)),
        ]));

    private static void Confusion(HtmlWriter html, Evaluation evaluation)
    {
        var classes = evaluation.Classes;
        if (classes.Count > MostColumns)
        {
            html.Table(["true → predicted", "rows"], evaluation.Confusion
                .SelectMany((row, i) => row.Select((count, j) => (True: i, Predicted: j, Count: count)))
                .Where(cell => cell.True != cell.Predicted && cell.Count > 0)
                .OrderByDescending(cell => cell.Count).Take(MostConfusions)
                .Select(cell => (string[])[$"{classes[cell.True].Name} → {classes[cell.Predicted].Name}", ReportText.Count(cell.Count)]));
            return;
        }

        // Mistakes are few compared with right answers, so the two have different color scales.
        var most = Math.Max(1, evaluation.Confusion.SelectMany((row, i) => row.Where((_, j) => j != i)).DefaultIfEmpty(0).Max());
        using (html.Open("div", ("class", "scroll"), ("tabindex", "0")))
        using (html.Open("table", ("class", "confusion")))
        {
            html.Element("caption", "Rows: true class. Columns: predicted class.");
            using (html.Open("tr"))
            {
                html.Element("td", "");
                foreach (var entry in classes)
                    html.Element("th", entry.Name, ("scope", "col"));
            }

            foreach (var (i, row) in evaluation.Confusion.Index())
            {
                using (html.Open("tr"))
                {
                    html.Element("th", classes[i].Name, ("scope", "row"));
                    foreach (var (j, count) in row.Index())
                    {
                        var share = i == j ? count / (double)Math.Max(1, classes[i].Rows) : Math.Sqrt(count / (double)most);
                        html.Element("td", count == 0 ? "·" : ReportText.Count(count),
                            ("class", count == 0 ? "none" : i == j ? "right" : "wrong"),
                            ("style", count == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"--share:{Math.Round(100 * share)}%")),
                            ("title", $"true {classes[i].Name}, predicted {classes[j].Name}: {count}"));
                    }
                }
            }
        }
    }

    private static void Pictures(HtmlWriter html, Evaluation evaluation)
    {
        using (html.Open("div", ("class", "mistakes")))
        {
            foreach (var mistake in evaluation.Mistakes)
            {
                using (html.Open("figure"))
                {
                    foreach (var (i, image) in mistake.Images.Index())
                        html.Void("img", ("src", $"data:image/png;base64,{Convert.ToBase64String(image)}"), ("alt", i == 0 ? mistake.Expected : mistake.Given));
                    html.Element("figcaption", Caption(evaluation, mistake));
                }
            }
        }
    }

    private static string Caption(Evaluation evaluation, Mistake mistake) => evaluation.Classes.Count > 0
        ? $"{mistake.Expected}, not {mistake.Given}{(mistake.Measure is { } share ? $" ({ReportText.Percent(share)})" : "")}"
        : (mistake.Measure ?? double.NaN).ToString("F4", CultureInfo.InvariantCulture);
}
