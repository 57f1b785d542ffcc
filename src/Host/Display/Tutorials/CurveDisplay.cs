using Sconce.Pipelines.Tutorials.Curves;
using Sconce.Trainers;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Sconce.Host.Display.Tutorials;

/// <summary>Shows a curve and a network's predictions while it is trained: drawn in place in an interactive terminal, otherwise a line for a few of the steps.</summary>
internal static class CurveDisplay
{
    private const int Height = 14;
    private const int MostWidth = 120;
    private const double Headroom = 0.3;
    private static readonly Color _actual = Color.Grey58;
    private static readonly Color _predicted = Color.Orange1;

    // The whole training takes a second or two; each frame stays long enough to be seen. The pause does not count as training time.
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(40);

    /// <summary>Runs <paramref name="train"/>, which passes its first argument to the trainer, and calls the second with each frame.</summary>
    /// <param name="terminal">The terminal.</param>
    /// <param name="name">The name of the training.</param>
    /// <param name="lineSteps">The steps to print a line for, if the output is not interactive.</param>
    /// <param name="reportEvery">The number of steps between two progress lines, which replace the drawing; null to draw.</param>
    /// <param name="train">The training.</param>
    public static T Run<T>(Terminal terminal, string name, IReadOnlyCollection<int> lineSteps, int? reportEvery, Func<IProgress<TrainingProgress>, Action<CurveFrame>, T> train)
    {
        if (reportEvery is not null || !terminal.IsLive || !terminal.Console.Profile.Capabilities.Unicode)
        {
            return TrainingDisplay.Run(terminal, name, reportEvery, progress => train(progress, frame =>
            {
                if (lineSteps.Contains(frame.Step))
                    terminal.Line(Describe(name, frame));
            }));
        }

        return terminal.Console.Live(new Text("")).Start(context => train(new Silent(), frame =>
        {
            context.UpdateTarget(Draw(terminal, name, frame));
            Thread.Sleep(_pause);
        }));
    }

    private static string Describe(string name, CurveFrame frame) => $"{name}: step {frame.Step:N0}, mean squared error of the curve {frame.MeanSquaredError:F5}";

    private static Rows Draw(Terminal terminal, string name, CurveFrame frame)
    {
        var (low, high) = (frame.Actual.Min(), frame.Actual.Max());
        var headroom = Headroom * (high - low);
        var chart = new BrailleChart(Math.Clamp(terminal.Console.Profile.Width - 1, 2, MostWidth), Height, low - headroom, high + headroom);
        chart.Draw(frame.Actual, _actual);
        chart.Draw(frame.Predicted, _predicted);
        var legend = new Paragraph(Describe(name, frame)).Append("   ").Append("⣀ actual", new Style(_actual)).Append("  ").Append("⣀ predicted", new Style(_predicted));
        return new Rows((IRenderable[])[legend, chart.ToRenderable()]);
    }

    private sealed class Silent : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
        }
    }
}
