using System.Globalization;
using System.Text;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>What a search came to.</summary>
/// <param name="Folder">The folder of the search.</param>
/// <param name="Metric">The name of the metric by which trials are compared; null where they are by the loss.</param>
/// <param name="Trials">The trials, the best first: those that were trained longest come before the others.</param>
public sealed record TuningResult(string Folder, string? Metric, IReadOnlyList<Trial> Trials)
{
    /// <summary>The best trial.</summary>
    public Trial Best => Trials[0];

    /// <summary>The model of the best trial.</summary>
    public string BestModel => Path.Combine(Trial.FolderOf(Folder, Best.Number), Trial.ModelFile);

    /// <summary>The file of the table.</summary>
    public string TablePath => Path.Combine(Folder, "trials.csv");

    /// <summary>The table's headings.</summary>
    public IReadOnlyList<string> Headings => ["trial", .. Trials[0].Values.Keys, "epochs", .. Metric is null ? Array.Empty<string>() : [$"validation {Metric}"], "validation loss", "seconds"];

    /// <summary>The table's rows: numbers as they are, to be read by programs; what diverged has no measures, and what was not trained yet no epochs.</summary>
    public IEnumerable<IReadOnlyList<string>> Rows => Trials.Select(trial => (IReadOnlyList<string>)
    [
        $"{trial.Number}", .. trial.Values.Values, $"{trial.Longest?.Epochs}", .. Metric is null ? Array.Empty<string>() : [Text(trial.Longest?.Metric)], Text(trial.Longest?.Loss), Text(trial.Results.Sum(result => result.Seconds), "F1"),
    ]);

    internal static TuningResult Of(string folder, IReadOnlyCollection<Trial> trials) =>
        new(folder, trials.Select(trial => trial.Longest?.MetricName).FirstOrDefault(name => name is not null), [.. Ranked(trials)]);

    /// <summary>Puts those first that were trained longest, and of them the best; of equal metrics the lower loss.</summary>
    internal static IEnumerable<Trial> Ranked(IEnumerable<Trial> trials) => trials
        .OrderByDescending(trial => trial.Longest?.Epochs ?? 0)
        .ThenBy(trial => trial.Longest is { Diverged: true })
        .ThenBy(trial => Cost(trial.Longest))
        .ThenBy(trial => trial.Longest?.Loss ?? 0)
        .ThenBy(trial => trial.Number);

    /// <summary>What is to be small: an error, or the share of wrong answers; the loss where there is no metric.</summary>
    private static double Cost(TrialResult? result) => result switch
    {
        { MetricName: "accuracy", Metric: { } accuracy } => 1 - accuracy,
        { Metric: { } error } => error,
        _ => result?.Loss ?? 0,
    };

    /// <summary>Writes the table as CSV into the search's folder.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void SaveTable()
    {
        var csv = new StringBuilder();
        foreach (var row in Rows.Prepend(Headings))
            csv.AppendJoin(',', row.Select(Quoted)).Append('\n');
        AtomicFile.Write(TablePath, stream => stream.Write(Encoding.UTF8.GetBytes(csv.ToString())));
    }

    private static string Text(double? value, string format = "G6") => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";

    private static string Quoted(string value) => value.AsSpan().IndexOfAny(",\"\n") < 0 ? value : $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
