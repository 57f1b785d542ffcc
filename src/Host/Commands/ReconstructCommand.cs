using System.CommandLine;
using Microsoft.ML;
using Sconce.Pipelines;
using Sconce.Pipelines.Catalog;
using Sconce.Pipelines.Reports;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary><c>sconce reconstruct MODEL [INPUT]</c>: a picture of originals over reconstructions.</summary>
internal static class ReconstructCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "The model file of an autoencoder." };
        var input = new Argument<string?>("INPUT") { Description = "A file of rows: IDX (raw or .gz), CSV, JSON Lines, Parquet or Arrow. Default: the test images of MNIST.", Arity = ArgumentArity.ZeroOrOne };
        var count = new Option<int>("--count") { Description = "The number of images, from the first.", DefaultValueFactory = _ => 20 };
        var output = new Option<string>("--output", "-o") { Description = "The PNG file to write.", DefaultValueFactory = _ => Path.Combine("models", "out", "reconstructions.png") };
        var command = new Command("reconstruct", "Draw originals above their reconstructions, with the error of each.") { model, input, count, output };
        command.SetAction(result =>
        {
            var terminal = Invocation.Terminal(result);
            var ml = new MLContext();
            var path = result.CheckOutput(output, [OutputArgument.Picture], [result.GetValue(model)!, .. result.GetValue(input) is { } read ? [read] : Array.Empty<string>()]);
            using var file = ModelFile.Load(ml, result.GetValue(model)!);
            var objective = (Reconstruction)file.Autoencoder.Model.Definition.Objective;
            string[] wanted = [objective.Input.Name, .. new[] { objective.ReconstructionColumnName, objective.ErrorColumnName }.OfType<string>()];
            var data = result.GetValue(input) is { } own ? ModelRows.Open(ml, file, [own], new(), wanted) : ml.Data.LoadMnistTest();
            AutoencoderPictures.Reconstructions(file, data, result.GetValue(count)).Save(path);
            terminal.Line($"Originals and reconstructions: {path}");
            terminal.Result(new { output = path });
        });
        return command;
    }
}
