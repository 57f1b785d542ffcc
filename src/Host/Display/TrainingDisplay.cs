using Sconce.Trainers;
using Spectre.Console;

namespace Sconce.Host.Display;

/// <summary>Shows a training while it runs: a bar in an interactive terminal, otherwise a line every few seconds.</summary>
internal static class TrainingDisplay
{
    private static readonly TimeSpan _redraw = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _plainLine = TimeSpan.FromSeconds(10);

    /// <summary>Runs <paramref name="train"/>, which passes its argument to the trainer.</summary>
    /// <param name="terminal">The terminal.</param>
    /// <param name="name">The name of the training.</param>
    /// <param name="reportEvery">The number of steps between two lines, each with its batch's own loss and metric; null for lines by time.</param>
    /// <param name="train">The work.</param>
    public static T Run<T>(Terminal terminal, string name, int? reportEvery, Func<IProgress<TrainingProgress>, T> train)
    {
        if (terminal.Json)
            return train(new Every(TimeSpan.MaxValue, _ => { }));
        if (reportEvery is { } steps)
            return train(new EverySteps(steps, progress => terminal.Line($"{name}: {Describe(progress)}")));
        if (!terminal.IsLive)
            return train(new Every(_plainLine, progress => terminal.Line($"{name}: {Describe(progress)}")));

        return terminal.Console.Progress().AutoClear(false).HideCompleted(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 24 }, new PercentageColumn())
            .Start(context =>
            {
                var task = context.AddTask(name, maxValue: 1);
                return train(new Every(_redraw, progress =>
                {
                    task.Description = Markup.Escape($"{name}: {Describe(progress)}");
                    task.Value = progress.Step / (double)progress.TotalSteps;
                }));
            });
    }

    /// <summary>Runs work that trains several networks one after another, and asks for a progress handler for each by name.</summary>
    public static T RunSeveral<T>(Terminal terminal, Func<Func<string, IProgress<TrainingProgress>>, T> train)
    {
        if (terminal.Json)
            return train(_ => new Every(TimeSpan.MaxValue, _ => { }));
        if (!terminal.IsLive)
            return train(name => new Every(_plainLine, progress => terminal.Line($"{name}: {Describe(progress)}")));
        return Draw(terminal.Console, train);
    }

    /// <summary>Runs work that trains several networks, with one line that is redrawn.</summary>
    internal static T Draw<T>(IAnsiConsole console, Func<Func<string, IProgress<TrainingProgress>>, T> train) =>
        // A status needs a text.
        console.Status().Start("reading the data", context =>
            train(name => new Every(_redraw, progress => context.Status(Markup.Escape($"{name}: {Describe(progress)}")))));

    private static string Describe(TrainingProgress progress) =>
        $"epoch {progress.Epoch}/{progress.TotalEpochs}, step {progress.Step:N0}/{progress.TotalSteps:N0}, loss {progress.Loss:F4}, " +
        (double.IsNaN(progress.Metric) ? "" : $"{progress.MetricName} {MetricText.Of(progress.MetricName, progress.Metric)}, ") +
        (progress.Validation is { } validation ? $"validation loss {validation.Loss:F4}, " : "") +
        $"{progress.SamplesPerSecond:N0} samples/s, {progress.Remaining.ToString(progress.Remaining.TotalHours < 1 ? @"mm\:ss" : @"d\.hh\:mm\:ss")} left";

    /// <summary>Passes on every n-th step, and always the last one.</summary>
    private sealed class EverySteps(int steps, Action<TrainingProgress> show) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step % steps == 0 || value.Step == value.TotalSteps)
                show(value);
        }
    }

    /// <summary>Passes on at most one step per interval, and always the last one. Loss and metric are smoothed over batches.</summary>
    private sealed class Every(TimeSpan interval, Action<TrainingProgress> show) : IProgress<TrainingProgress>
    {
        private const double Smoothing = 0.95;
        private readonly Pace _pace = new(interval, TimeProvider.System);
        private double _loss = double.NaN;
        private double _metric = double.NaN;

        public void Report(TrainingProgress value)
        {
            _loss = double.IsNaN(_loss) ? value.Loss : Smoothing * _loss + (1 - Smoothing) * value.Loss;
            _metric = double.IsNaN(_metric) ? value.Metric : Smoothing * _metric + (1 - Smoothing) * value.Metric;
            if (_pace.IsDue() || value.Step == value.TotalSteps)
                show(value with { Loss = _loss, Metric = _metric });
        }
    }
}
