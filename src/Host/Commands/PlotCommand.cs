using System.CommandLine;
using Microsoft.ML;
using Sconce.Pipelines;
using Sconce.Pipelines.Reports;

namespace Sconce.Host.Commands;

/// <summary><c>sconce plot codes|plane MODEL</c>: charts of two-dimensional codes.</summary>
internal static class PlotCommand
{
    public static Command Create()
    {
        var size = new Option<int>("--size") { Description = "Number of images along each side.", DefaultValueFactory = _ => 20 };
        return new Command("plot", "Draw what an autoencoder has learned.")
        {
            Plot("codes", "A scatter plot of the test images' codes, colored by class.", [], (file, test, _) => AutoencoderPictures.Codes(file, test, "Label").Save),
            Plot("plane", "A grid of images decoded from codes across the plane.", [size], (file, test, result) => AutoencoderPictures.Plane(file, test, result.GetValue(size)).Save),
        };

        Command Plot(string name, string description, IEnumerable<Option> own, Func<ModelFile, IDataView, ParseResult, Action<string>> draw)
        {
            var model = new Argument<string>("MODEL") { Description = "The zip of an autoencoder with a code size of 2, such as 'sconce train autoencoder --preset plane' makes." };
            var output = new Option<string>("--output", "-o") { Description = "The PNG file to write.", DefaultValueFactory = _ => Path.Combine("models", "out", $"{name}.png") };
            var command = new Command(name, description) { model, TrainingArguments.Data, output };
            foreach (var option in own)
                command.Add(option);
            command.SetAction(result =>
            {
                var terminal = Invocation.Terminal(result);
                var ml = new MLContext();
                var path = result.CheckOutput(output, [OutputArgument.Picture], result.GetValue(model)!);
                using var file = ModelFile.Load(ml, result.GetValue(model)!);
                draw(file, ml.Data.LoadMnistTest(result.GetValue(TrainingArguments.Data)), result)(path);
                terminal.Line($"Picture: {path}");
                terminal.Result(new { output = path });
            });
            return command;
        }
    }
}
