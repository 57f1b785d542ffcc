using System.Text.Json.Nodes;
using OxyPlot;
using Sconce.Trainers;

namespace Sconce.Pipelines.Reports;

/// <summary>The charts of one or more runs. Charts without data are left out.</summary>
internal sealed class ReportCharts(IReadOnlyList<ReportRun> runs)
{
    /// <summary>The charts with their titles.</summary>
    public IEnumerable<(string Title, PlotModel Chart)> Draw()
    {
        var metrics = runs.Select(run => run.Training.Metric).OfType<string>().Distinct().ToList();
        (string Title, PlotModel? Chart)[] charts =
        [
            (LossTitle, ReportCurve.Chart(Curves(measured => measured.Loss, epoch => epoch.Loss, measured => measured.Loss), "steps")),
            (string.Join(", ", metrics.Select(ReportText.Capitalized)), ReportCurve.Chart(Curves(measured => measured.Metric, epoch => epoch.Metric, measured => measured.Metric), "steps")),
            ("Loss by training time", runs.Count == 1 ? null : ReportCurve.Chart(OverTime(), "seconds")),
            ("Learning rate", ReportCurve.Chart(Lines(run => run.Steps.Select(measured => Point(measured.Step, measured.LearningRate))), "steps", linear: true)),
            ("Gradient norm, before clipping", ReportCurve.Chart(Lines(run => run.Steps.Select(measured => Point(measured.Step, measured.GradientNorm))), "steps")),
            ("Samples per second", ReportCurve.Chart(Lines(run => run.Steps.Count > 0
                ? run.Steps.Select(measured => Point(measured.Step, measured.SamplesPerSecond))
                : Ends(run.Training.History).Zip(run.Training.History, (step, epoch) => Point(step, epoch.SamplesPerSecond))), "steps")),
        ];
        return charts.Where(chart => chart.Chart is not null).Select(chart => (chart.Title, chart.Chart!));
    }

    /// <summary>With scaled targets, losses are not in the label's unit, unlike metrics.</summary>
    private string LossTitle => runs.Any(run =>
        run.Training.Options?[nameof(TorchRegressionOptions.ScaleTargets)] is JsonValue scaled && scaled.TryGetValue<bool>(out var isScaled) && isScaled)
        ? "Loss (labels scaled to unit variance)"
        : "Loss";

    /// <summary>The last step of each epoch.</summary>
    private static IEnumerable<int> Ends(IReadOnlyList<EpochSummary> history)
    {
        var step = 0;
        foreach (var epoch in history)
            yield return step += epoch.Steps;
    }

    private static DataPoint Point(double x, double? y) => new(x, y ?? double.NaN);

    /// <summary>Training and validation over steps. A single run shows 1-second means behind the means of epochs; a run of one epoch has only the former.</summary>
    private IEnumerable<ReportCurve> Curves(Func<RunMetric, double?> raw, Func<EpochSummary, double?> training, Func<ValidationSummary, double?> validation)
    {
        foreach (var (i, run) in runs.Index())
        {
            var hasEpochs = run.Training.History.Count > 1;
            if (run.Steps.Count > 0 && (runs.Count == 1 || !hasEpochs))
                yield return new([.. run.Steps.Select(measured => Point(measured.Step, raw(measured)))], i, hasEpochs ? CurveStyle.Raw : CurveStyle.Training);
            if (hasEpochs || run.Steps.Count == 0)
                yield return new([.. Ends(run.Training.History).Zip(run.Training.History, (step, epoch) => Point(step, training(epoch)))], i, CurveStyle.Training);
            yield return new([.. run.Training.Validation.Select(measured => Point(measured.Step, validation(measured)))], i, CurveStyle.Validation);
        }
    }

    private IEnumerable<ReportCurve> OverTime()
    {
        foreach (var (i, run) in runs.Index())
        {
            var seconds = Reading(run);
            yield return new([.. run.Training.History.Select(epoch => Point(seconds += epoch.Seconds, epoch.Loss))], i, CurveStyle.Training);
            yield return new([.. run.Training.Validation.Select(measured => Point(measured.Seconds, measured.Loss))], i, CurveStyle.Validation);
        }
    }

    /// <summary>How long the data was read before the first step. The times of validations and of the whole training include it; those of epochs do not.</summary>
    private static double Reading(ReportRun run)
    {
        var history = run.Training.History;
        var lastPass = history.Sum(epoch => epoch.Steps);
        var seconds = run.Steps.LastOrDefault(measured => measured.Step == lastPass)?.Seconds ?? run.Training.Seconds;
        return Math.Max(0, seconds - history.Sum(epoch => epoch.Seconds));
    }

    private IEnumerable<ReportCurve> Lines(Func<ReportRun, IEnumerable<DataPoint>> points) => runs.Select((run, i) => new ReportCurve([.. points(run)], i, CurveStyle.Training));
}
