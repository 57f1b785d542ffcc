using System.CommandLine;
using System.Globalization;
using Sconce.Host.Display;
using Sconce.Pipelines.Tutorials.Gradients;

namespace Sconce.Host.Commands.Tutorials;

/// <summary><c>sconce explain gradients</c>: measures vanishing and exploding gradients.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var explain = new Command("explain", "Explain what a model has learned, and effects in training, by measuring them.");
        foreach (var command in ExplainModelCommands.Create().Append(Gradients()).OrderBy(each => each.Name, StringComparer.Ordinal))
            explain.Add(command);
        return explain;
    }

    private static Command Gradients()
    {
        var defaults = new GradientOptions();
        var lengths = new Option<int[]>("--lengths") { Description = "The sequence lengths, 2 to 10,000.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [.. defaults.Lengths] };
        var seed = new Option<int>("--seed") { Description = "The random seed.", DefaultValueFactory = _ => defaults.Seed };
        var output = new Option<string>("--output", "-o") { Description = "The PNG file to write.", DefaultValueFactory = _ => Path.Combine("models", "out", "gradients.png") };
        var command = new Command("gradients", "Measure how gradients vanish or explode in backpropagation through time, and what clipping does about it.") { lengths, seed, output };
        command.SetAction(result =>
        {
            var terminal = Invocation.Terminal(result);
            var path = result.CheckOutput(output, [OutputArgument.Picture]);
            var explanation = GradientExplanation.Run(defaults with { Lengths = result.GetValue(lengths)!, Seed = result.GetValue(seed) }, Invocation.Cancellation(result));
            explanation.Save(path);
            Print(terminal, explanation);
            terminal.Line($"Chart: {path}");
            terminal.Result(new { output = path, explanation.Flows, explanation.Runs });
        });
        return command;
    }

    private static void Print(Terminal terminal, GradientExplanation explanation)
    {
        terminal.Line("Norm of the loss gradient with respect to the hidden state at the first time step (1 at the last step):");
        var lengths = explanation.Flows.Select(flow => flow.Length).Distinct().ToList();
        terminal.Table(
            ["cell", "spectral radius", .. lengths.Select(length => $"{length} steps"), "factor per step back"],
            explanation.Flows.GroupBy(flow => (flow.Cell, flow.SpectralRadius)).Select(flows => (string[])
            [
                flows.Key.Cell, Number(flows.Key.SpectralRadius, "0.##"), .. flows.Select(flow => Number(flow.Norms[0], "0.0E+0")), Number((flows.LastOrDefault(flow => flow.Norms[0] > 0) ?? flows.First()).FactorPerStep, "0.00"),
            ]));
        terminal.Line($"A ReLU network with a recurrent spectral radius of {Number(ClippingRun.SpectralRadius, "0.##")} learns to add two marked numbers out of {ClippingRun.SequenceLength} by plain gradient descent, learning rate {Number(ClippingRun.LearningRate, "0.##")}:");
        terminal.Table(
            ["clipping", "steps", "largest gradient", "largest step", "first loss", "last loss", "diverged"],
            explanation.Runs.Select(run => (string[])
            [
                run.Clipping, $"{run.Losses.Count:N0}", Most(run.GradientNorms), Most(run.StepSizes), Number(run.Losses.FirstOrDefault(double.NaN), "0.0E+0"),
                Number(run.Losses.LastOrDefault(double.NaN), "0.0E+0"), run.DivergedAt is { } step ? $"at step {step:N0}" : "no",
            ]));
    }

    private static string Most(IReadOnlyList<double> values) => Number(values.DefaultIfEmpty(double.NaN).Max(), "0.0E+0");

    private static string Number(double value, string format) => value == 0 ? "0" : value.ToString(format, CultureInfo.InvariantCulture);
}
