using System.CommandLine;
using Microsoft.ML;
using Sconce.Pipelines;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary><c>sconce report MODEL|RUN...</c>: an HTML page about one or more trainings.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var sources = new Argument<string[]>("MODEL|RUN")
        {
            Description = "Model zips, run folders, names of runs in models/runs, or folders that contain run folders. Several are compared on one page.",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new Option<string>("--output", "-o") { Description = "The HTML file to write.", DefaultValueFactory = _ => Path.Combine("models", "out", "report.html") };
        var command = new Command("report", "Write an HTML page about one or more trainings: curves, confusion matrix, worst mistakes, network, timing.") { sources, TrainingArguments.Data, output };
        command.SetAction(result =>
        {
            var terminal = Invocation.Terminal(result);
            var ml = new MLContext();
            var given = result.GetValue(sources)!;
            var path = result.CheckOutput(output, [TrainingReport.Ending], given);
            var runs = given.SelectMany(source => Read(ml, source, result.GetValue(TrainingArguments.Data))).ToList();
            new TrainingReport(Named(runs)).Save(path);
            terminal.Line($"Report of {runs.Count} {(runs.Count == 1 ? "training" : "trainings")}: {path}");
            terminal.Result(new { output = path, runs = runs.Select(run => new { run.Name, run.Status, run.Training.Steps, metrics = run.Evaluation?.Metrics }) });
        });
        return command;
    }

    private static IEnumerable<ReportRun> Read(MLContext ml, string source, string? data)
    {
        if (File.Exists(source))
            return [ReportRun.FromModel(ml, source, ml.Data.LoadMnistTest(data))];
        var folder = Directory.Exists(source) ? source : Path.Combine(RunArguments.Folder, source);
        if (!Directory.Exists(folder))
            throw new FileNotFoundException($"'{source}' is neither a model file nor a run folder, and '{RunArguments.Folder}' has no run of that name.");
        if (File.Exists(Path.Combine(folder, RunFolder.InfoFile)))
            return [ReportRun.FromFolder(folder)];
        var inside = Directory.EnumerateDirectories(folder).Where(path => File.Exists(Path.Combine(path, RunFolder.InfoFile))).Order(StringComparer.Ordinal).ToList();
        return inside.Count > 0
            ? inside.Select(ReportRun.FromFolder)
            : throw new InvalidDataException($"'{folder}' is not a run folder and contains none: it has no '{RunFolder.InfoFile}'. Train with --run NAME to write a run folder.");
    }

    /// <summary>Runs of the same name get a number.</summary>
    private static IReadOnlyList<ReportRun> Named(IReadOnlyList<ReportRun> runs) =>
        [.. runs.Select((run, i) => runs.Take(i).Count(other => other.Name == run.Name) is > 0 and var before ? run with { Name = $"{run.Name} ({before + 1})" } : run)];
}
