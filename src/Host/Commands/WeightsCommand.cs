using System.CommandLine;
using Microsoft.ML;
using Sconce.Core.Storage;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary><c>sconce weights export</c> and <c>import</c>: a network's weights as a safetensors file.</summary>
internal static class WeightsCommand
{
    private const string Ending = ".safetensors";

    private static readonly Option<int?> _network = new("--network") { Description = "The number of the network, from 1, if the model has several." };

    public static Command Create() => new("weights", "Export or import a network's weights, with PyTorch's names and layouts.") { CreateExport(), CreateImport() };

    private static Command CreateExport()
    {
        var model = new Argument<string>("MODEL") { Description = "The model zip." };
        var output = new Argument<string>("OUTPUT") { Description = $"The {Ending} file to write." };
        var command = new Command("export", "Write a network's weights to a safetensors file.") { model, output, _network };
        command.SetAction(result =>
        {
            var terminal = Invocation.Terminal(result);
            var path = result.GetValue(output)!;
            if (!path.EndsWith(Ending, StringComparison.OrdinalIgnoreCase))
                throw new UsageException($"OUTPUT is '{path}'; it has to end in {Ending}.");
            AtomicFile.CheckWritable(path);
            var transformer = new MLContext().Model.LoadVerified(result.GetValue(model)!, out _);
            using var disposable = transformer as IDisposable;
            transformer.SaveWeights(path, result.GetValue(_network));
            terminal.Line($"Weights written to {path}");
            terminal.Result(new { output = path });
        });
        return command;
    }

    private static Command CreateImport()
    {
        var model = new Argument<string>("MODEL") { Description = "The model zip; it does not change." };
        var weights = new Argument<string>("WEIGHTS") { Description = "A safetensors file with the network's tensors: F32, F16, BF16, or F64." };
        var output = new Option<string>("--output", "-o") { Description = "The model zip to write.", Required = true };
        var command = new Command("import", "Write a copy of a model with the weights of a safetensors file.") { model, weights, output, _network };
        command.SetAction(result =>
        {
            var terminal = Invocation.Terminal(result);
            var ml = new MLContext();
            var path = result.CheckOutput(output, [], result.GetValue(model)!, result.GetValue(weights)!);
            var transformer = ml.Model.LoadVerified(result.GetValue(model)!, out var schema);
            using var disposable = transformer as IDisposable;
            var changed = transformer.WithWeights(result.GetValue(weights)!, result.GetValue(_network));
            using var changedDisposable = changed as IDisposable;
            ml.Model.SaveAtomically(changed, schema, path);
            terminal.Line($"{result.GetValue(model)} with the weights of {result.GetValue(weights)} written to {path}");
            terminal.Result(new { output = path });
        });
        return command;
    }
}
