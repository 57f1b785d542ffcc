using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML;
using Sconce.Host.Display;
using Sconce.Pipelines;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary><c>sconce inspect MODEL</c>: what is in a model zip.</summary>
internal static class InspectCommand
{
    private static readonly JsonSerializerOptions _oneLine = new() { Converters = { new JsonStringEnumConverter() } };

    public static Command Create(Func<ParseResult, Terminal> open)
    {
        var model = new Argument<string>("MODEL") { Description = "The model zip." };
        var command = new Command("inspect", "Show a model's network, parameters, shapes and training record.") { model };
        command.SetAction(result =>
        {
            var terminal = open(result);
            using var file = ModelFile.Load(new MLContext(), result.GetValue(model)!);
            Print(terminal, file);
            var network = file.Network.Model;
            terminal.Result(new
            {
                pipeline = StepNames(file),
                network = network.Definition.Network.GetType().Name,
                options = (object)network.Definition.Network,
                input = network.Definition.Input,
                outputs = network.Definition.Objective.OutputSize,
                numberOfParameters = network.NumberOfParameters,
                parameters = network.Parameters.Select(parameter => new { parameter.Name, parameter.Shape }),
                training = network.Training,
            });
        });
        return command;
    }

    private static IEnumerable<string> StepNames(ModelFile file) =>
        PipelineSteps.Of(file.Transformer).Select(step => step.GetType().Name);

    private static void Print(Terminal terminal, ModelFile file)
    {
        var model = file.Network.Model;
        var (network, input, training) = (model.Definition.Network, model.Definition.Input, model.Training);
        terminal.Line($"{file.Path}: {string.Join(" -> ", StepNames(file))}");
        terminal.Line($"Network: {network.GetType().Name} {JsonSerializer.Serialize((object)network, _oneLine)}");
        terminal.Line($"Reads: column '{input.Name}', {input.Type} [{string.Join(", ", input.Shape)}]. Gives: {model.Definition.Objective.OutputSize} values.");

        terminal.Table(
            ["tensor", "shape", "values"],
            [
                .. model.Parameters.Select(parameter => (string[])[parameter.Name, string.Join(" x ", parameter.Shape), $"{parameter.Shape.Aggregate(1L, (product, size) => product * size):N0}"]),
                ["trained parameters", "", $"{model.NumberOfParameters:N0}"],
            ]);
        terminal.Line($"Trained: {training.Finished:u}, {training.Rows:N0} rows, {training.Steps:N0} steps in {training.Seconds:F1} s, seed {training.Seed}, {training.Threads} threads");
        terminal.Line($"Options: {training.Options?.ToJsonString()}");
        terminal.Line($"Versions: {string.Join(", ", training.Versions.Select(version => $"{version.Key} {version.Value}"))}");
        terminal.Table(
            ["epoch", "loss", training.Metric ?? "metric", "samples/s", "seconds"],
            training.History.Select(epoch => (string[])[$"{epoch.Epoch}", $"{epoch.Loss:F4}", $"{epoch.Metric:F4}", $"{epoch.SamplesPerSecond:N0}", $"{epoch.Seconds:F1}"]));
    }
}
