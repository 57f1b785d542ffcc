using System.Globalization;
using Sconce.Pipelines.Reports;
using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>The result of a search.</summary>
/// <param name="Folder">The folder of the search.</param>
/// <param name="Metric">The metric by which trials are compared; null if they are compared by the loss.</param>
/// <param name="Trials">The trials with their results in this search's rounds, the best first: by length of training, then by result; diverged trials last.</param>
public sealed record TuningResult(string Folder, string? Metric, IReadOnlyList<Trial> Trials)
{
    /// <summary>The best trial.</summary>
    public Trial Best => Trials[0];

    /// <summary>The run folder of the best trial's longest training.</summary>
    /// <exception cref="InvalidOperationException">The best trial has no result.</exception>
    public string BestRun => Best.Longest is { } longest ? Trial.RunOf(Folder, Best.Number, longest.Epochs) : throw new InvalidOperationException($"No trial in '{Folder}' was trained.");

    /// <summary>The model of the best trial, after its longest training.</summary>
    /// <exception cref="InvalidOperationException">The best trial has no result.</exception>
    public string BestModel => Path.Combine(BestRun, Trial.ModelFile);

    /// <summary>The path of the table.</summary>
    public string TablePath => Path.Combine(Folder, "trials.csv");

    /// <summary>The headings of the table.</summary>
    public IReadOnlyList<string> Headings =>
        ["trial", .. Trials[0].Values.Keys, "epochs", .. Metric is null ? Array.Empty<string>() : [$"validation {Metric}"], "validation loss", "seconds"];

    /// <summary>The rows of the table, with numbers in the invariant culture. Diverged trials have neither metric nor loss; trials that were not trained yet have no epochs.</summary>
    public IEnumerable<IReadOnlyList<string>> Rows => Trials.Select(trial => (IReadOnlyList<string>)
    [
        $"{trial.Number}", .. trial.Values.Values, $"{trial.Longest?.Epochs}", .. Metric is null ? Array.Empty<string>() : [Text(trial.Longest?.Metric)],
        Text(trial.Longest?.Loss), Text(trial.Results.Sum(result => result.Seconds), "F1"),
    ]);

    internal static TuningResult Of(string folder, IReadOnlyCollection<Trial> trials) =>
        new(folder, trials.Select(trial => trial.Longest?.MetricName).FirstOrDefault(name => name is not null), [.. Ranked(trials, trial => trial.Longest)]);

    /// <summary>Ranks trials by one result each: longest training first, then the best metric, then the lowest loss; diverged trials last.</summary>
    internal static IEnumerable<Trial> Ranked(IEnumerable<Trial> trials, Func<Trial, TrialResult?> resultOf) =>
        from trial in trials
        let result = resultOf(trial)
        orderby result is { Diverged: true }, result?.Epochs ?? 0 descending, result?.Cost, result?.Loss, trial.Number
        select trial;

    /// <summary>Writes the table as CSV into the search's folder.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveTable() => CsvTable.Save(TablePath, Rows.Prepend(Headings));

    private static string Text(double? value, string format = "G6") => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
