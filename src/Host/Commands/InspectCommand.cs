using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML;
using Sconce.Host.Display;
using Sconce.Pipelines;
using Sconce.Trainers;
using Sconce.Trainers.Model;

namespace Sconce.Host.Commands;

/// <summary><c>sconce inspect MODEL</c>: the contents of a model zip.</summary>
internal static class InspectCommand
{
    private static readonly JsonSerializerOptions _oneLine = new() { Converters = { new JsonStringEnumConverter() } };

    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "The model zip." };
        var command = new Command("inspect", "Show a model's network, parameters, shapes, and training record.") { model };
        command.SetAction(result =>
        {
            var terminal = Invocation.Terminal(result);
            var path = result.GetValue(model)!;
            var transformer = new MLContext().Model.LoadVerified(path, out _);
            using var disposable = transformer as IDisposable;
            var steps = PipelineSteps.Of(transformer).ToList();
            if (steps.OfType<OnnxBatchTransformer>().LastOrDefault() is { } graph)
            {
                InspectGraph(terminal, path, steps, graph);
                return;
            }

            var network = steps.Select(NetworkOf).LastOrDefault(network => network is not null)
                ?? throw new InvalidDataException($"'{path}' is an ML.NET model without one of Sconce's networks; 'sconce train' makes one that has.");
            Print(terminal, path, steps, network);
            terminal.Result(new
            {
                pipeline = steps.Select(step => step.GetType().Name),
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

    private static void InspectGraph(Terminal terminal, string path, IReadOnlyList<ITransformer> steps, OnnxBatchTransformer graph)
    {
        var (scorer, metadata) = (graph.Onnx, graph.Onnx.Metadata);
        terminal.Line($"{path}: {string.Join(" -> ", steps.Select(step => step.GetType().Name))}");
        terminal.Line($"Graph: {metadata.GraphName}, from {graph.FileName}, {scorer.Content.Length:N0} bytes, written by {metadata.ProducerName}; batches of {scorer.BatchSize} rows");
        terminal.Line($"Reads: column '{scorer.Input.Name}', {scorer.Input.ColumnType}");
        terminal.Table(["column", "type"], scorer.Columns.Select(column => (string[])[column.Name, $"{column.Type}"]));
        terminal.Result(new
        {
            pipeline = steps.Select(step => step.GetType().Name),
            graph = metadata.GraphName,
            file = graph.FileName,
            bytes = scorer.Content.Length,
            producer = metadata.ProducerName,
            input = scorer.Input,
            outputs = scorer.Columns.Select(column => new { column.Name, type = $"{column.Type}" }),
            batchSize = scorer.BatchSize,
        });
    }

    private static TorchModel? NetworkOf(ITransformer step) => step switch
    {
        TorchTransformer transformer => transformer.Model,
        ForecastTransformer forecaster => forecaster.Model,
        _ => null,
    };

    private static void Print(Terminal terminal, string path, IReadOnlyList<ITransformer> steps, TorchModel model)
    {
        var (network, input, training) = (model.Definition.Network, model.Definition.Input, model.Training);
        terminal.Line($"{path}: {string.Join(" -> ", steps.Select(step => step.GetType().Name))}");
        foreach (var forecaster in steps.OfType<ForecastTransformer>())
            ForecastDisplay.Print(terminal, forecaster);
        terminal.Line($"Network: {network.GetType().Name} {JsonSerializer.Serialize((object)network, _oneLine)}");
        terminal.Line($"Reads: column '{input.Name}', {input.Type} [{string.Join(", ", input.Shape)}]. Gives: {model.Definition.Objective.OutputSize} values.");

        terminal.Table(
            ["tensor", "shape", "values"],
            [
                .. model.Parameters.Select(parameter => (string[])[parameter.Name, string.Join(" x ", parameter.Shape), $"{parameter.Shape.Aggregate(1L, (product, size) => product * size):N0}"]),
                ["trained parameters", "", $"{model.NumberOfParameters:N0}"],
            ]);
        terminal.Line($"Trained: {training.Finished:u}, {training.Rows:N0} rows, {training.Steps:N0} steps in {training.Seconds:F1} s, seed {training.Seed}, {training.Threads} threads");
        if (training.ImportedWeights is { } weights)
            terminal.Line($"Weights: those of '{weights.File}' (SHA-256 {weights.Sha256}), not of this training");
        terminal.Line($"Options: {training.Options?.ToJsonString()}");
        terminal.Line($"Versions: {string.Join(", ", training.Versions.Select(version => $"{version.Key} {version.Value}"))}");
        terminal.Table(
            ["epoch", "loss", training.Metric ?? "metric", "samples/s", "seconds"],
            training.History.Select(epoch => (string[])[$"{epoch.Epoch}", $"{epoch.Loss:F4}", $"{epoch.Metric:F4}", $"{epoch.SamplesPerSecond:N0}", $"{epoch.Seconds:F1}"]));
    }
}
