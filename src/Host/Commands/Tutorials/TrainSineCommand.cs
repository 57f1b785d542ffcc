using System.CommandLine;
using Microsoft.ML;
using Sconce.Core.Storage;
using Sconce.Host.Display;
using Sconce.Host.Display.Tutorials;
using Sconce.Pipelines;
using Sconce.Pipelines.Tutorials.Curves;
using Sconce.Trainers;

namespace Sconce.Host.Commands.Tutorials;

/// <summary><c>sconce train sine</c>: a stateful recurrent network that predicts the cosine from the sine, drawn while it trains.</summary>
internal static class TrainSineCommand
{
    private const string Name = "sine";

    /// <summary>The windows that are drawn: two periods.</summary>
    private const int DrawnWindows = 20;

    /// <summary>The windows before them, one period, that are read and not drawn: from a zero state, the network first has to find out which of the two possible cosines it is.</summary>
    private const int WarmUp = 10;

    /// <summary>The steps in the strip of charts; the animation ends with the last of them.</summary>
    private static readonly int[] _strip = [0, 20, 60, 200];

    private static readonly Option<string> _preset = new("--preset")
    {
        Description = "default: cosine learning rate schedule from 0.01, clipped gradients; classic: constant 0.006.",
        DefaultValueFactory = _ => "default",
    };

    public static Command Create()
    {
        _preset.AcceptOnlyFromAmong("default", "classic");
        var command = TrainingArguments.CreateCommand(Name, "A stateful recurrent network that predicts the cosine from the sine, drawn while it trains.", _preset);
        command.SetAction(result =>
        {
            var terminal = Invocation.Terminal(result);
            var cancellation = Invocation.Cancellation(result);
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
            // One epoch: lane i starts one window after lane i - 1, and each reads one window per step.
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
            var pictures = new CurvePictures("cos x", SineCatalog.Spacing, Start: (windows + (double)WarmUp) * SineCatalog.WindowSize * SineCatalog.Spacing);
            pictures.SaveStrip([.. frames.Where(frame => _strip.Contains(frame.Step))], strip);
            pictures.SaveAnimation([.. frames.Where(frame => frame.Step <= _strip[^1])], animation);
            Report(terminal, result, ml, path, unseen, record, strip, animation);
        });
        return command;
    }

    /// <summary>Every fourth step at first, when most happens, then every twentieth.</summary>
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
