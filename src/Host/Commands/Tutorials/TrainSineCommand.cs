using System.CommandLine;
using Microsoft.ML;
using Sconce.Core.Storage;
using Sconce.Host.Display;
using Sconce.Host.Display.Tutorials;
using Sconce.Pipelines;
using Sconce.Trainers;

namespace Sconce.Host.Commands.Tutorials;

/// <summary><c>sconce train sine</c>: the cosine from the sine, by a recurrent network that remembers, before the user's eyes.</summary>
internal static class TrainSineCommand
{
    private const string Name = "sine";

    /// <summary>The windows that are drawn: two waves.</summary>
    private const int DrawnWindows = 20;

    /// <summary>The windows before them, one wave, that are read and not drawn: from a state of zero a network has to find out first which of the two cosines it is.</summary>
    private const int WarmUp = 10;

    /// <summary>The steps of the strip; the animated picture ends with the last of them.</summary>
    private static readonly int[] _strip = [0, 20, 60, 200];

    private static readonly Option<string> _preset = new("--preset")
    {
        Description = "default: a learning rate that falls along a cosine from 0.01, gradients clipped; classic: the tutorial's constant 0.006.",
        DefaultValueFactory = _ => "default",
    };

    public static Command Create(Func<ParseResult, Terminal> open, Interruption interruption)
    {
        _preset.AcceptOnlyFromAmong("default", "classic");
        var command = TrainingArguments.CreateCommand(Name, "A recurrent network that tells the cosine from the sine, and shows how it closes in on it.", _preset);
        command.SetAction(result =>
        {
            var terminal = open(result);
            var cancellation = interruption.Take();
            var ml = new MLContext(result.GetValue(TrainingArguments.Seed));
            var path = result.GetValue(TrainingArguments.Output) ?? Path.Combine("models", $"{Name}.zip");
            var folder = Path.Combine(Path.GetDirectoryName(path) ?? "", "out");
            var (strip, animation) = (Path.Combine(folder, $"{Name}.png"), Path.Combine(folder, $"{Name}-animated.png"));
            foreach (var file in (string[])[path, strip, animation])
                AtomicFile.CheckWritable(file);

            var recipe = RecurrentNetwork.RegressionOptions.Classic;
            if (result.GetValue(_preset) == "default")
                recipe = recipe with { LearningRate = 0.01, Schedule = new CosineSchedule(), GradientClipping = new NormClipping() };
            var options = result.Configure(recipe, cancellation);
            terminal.Follow(ml);
            // One pass: lane i begins one window after lane i - 1, and each goes on for as many windows as there are steps.
            var windows = (options.NumberOfSteps ?? recipe.NumberOfSteps!.Value) + options.BatchSize - 1;
            var train = ml.Data.LoadSine(windows);
            var unseen = ml.Data.LoadSine(WarmUp + DrawnWindows, windows);
            var (record, frames) = CurveDisplay.Run(terminal, Name, _strip, result.GetValue(TrainingArguments.ReportEvery), (progress, show) =>
            {
                var watch = new CurveWatch(unseen, WarmUp, IsDrawn, show);
                using var model = Trained.FitOrKeepGood(ml, ml.Regression.Trainers.RecurrentNetwork(options with { Progress = progress, Callbacks = [watch] }), train, path);
                ml.Model.SaveAtomically(model, train.Schema, path);
                return (model.Model.Training, watch.Frames);
            });
            var pictures = new CurvePictures("cos x", SineCatalog.Spacing) { Start = (windows + (double)WarmUp) * SineCatalog.WindowSize * SineCatalog.Spacing };
            pictures.Strip([.. frames.Where(frame => _strip.Contains(frame.Step))]).Save(strip);
            pictures.Animation([.. frames.Where(frame => frame.Step <= _strip[^1])]).Save(animation);
            Report(terminal, result, ml, path, unseen, record, strip, animation);
        });
        return command;
    }

    /// <summary>Every fourth step of those in which most happens, then every twentieth.</summary>
    private static bool IsDrawn(int step) => step % (step <= _strip[^1] ? 4 : 20) == 0;

    /// <summary>Measures what was saved.</summary>
    private static void Report(Terminal terminal, ParseResult result, MLContext ml, string path, IDataView unseen, TrainingRecord record, string strip, string animation)
    {
        using var model = ModelFile.Load(ml, path);
        var error = CurveFrame.Read(record.Steps, model.Transform(unseen, "Score"), WarmUp).MeanSquaredError;
        RunArguments.Keep(result, () => new Evaluation { Rows = DrawnWindows, Metrics = new Dictionary<string, double> { ["mean squared error"] = error } });
        var speed = record.History.Sum(epoch => epoch.SamplesPerSecond * epoch.Seconds) / record.History.Sum(epoch => epoch.Seconds);
        terminal.Line($"{Name}: mean squared error {error:F6} on {DrawnWindows} unseen windows; {record.Steps:N0} steps in {record.Seconds:F1} s, {speed:N0} windows/s; saved as {path}");
        terminal.Line($"Curve at steps {string.Join(", ", _strip)}: {strip}. Animated: {animation}.");
        terminal.Result(new
        {
            model = path,
            meanSquaredError = error,
            trainingSeconds = record.Seconds,
            trainingSteps = record.Steps,
            windowsPerSecond = speed,
            strip,
            animation,
            seed = record.Seed,
        });
    }
}
