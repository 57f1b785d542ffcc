using System.CommandLine;
using Microsoft.ML;
using Sconce.Host.Display;
using Sconce.Pipelines;

namespace Sconce.Host.Commands;

/// <summary><c>sconce plot codes|plane MODEL</c>: pictures of codes of two values.</summary>
internal static class PlotCommand
{
    public static Command Create(Func<ParseResult, Terminal> open)
    {
        var size = new Option<int>("--size") { Description = "The number of images along each side.", DefaultValueFactory = _ => 20 };
        return new Command("plot", "Draw what a model has learned.")
        {
            Plot("codes", "The test images' codes on the plane, coloured by class.", [], (file, test, _) => AutoencoderPictures.Codes(file, test, "Label").Save),
            Plot("plane", "The images that codes all over the plane are decoded to.", [size], (file, test, result) => AutoencoderPictures.Plane(file, test, result.GetValue(size)).Save),
        };

        Command Plot(string name, string description, IEnumerable<Option> own, Func<ModelFile, IDataView, ParseResult, Action<string>> draw)
        {
            var model = new Argument<string>("MODEL") { Description = "The zip of an autoencoder whose codes have two values." };
            var data = new Option<string?>("--data") { Description = "A folder in MNIST's layout, whose test files are used. Default: MNIST itself, embedded." };
            var output = new Option<string>("--output", "-o") { Description = "The PNG file to write.", DefaultValueFactory = _ => Path.Combine("models", "out", $"{name}.png") };
            var command = new Command(name, description) { model, data, output };
            foreach (var option in own)
                command.Add(option);
            command.SetAction(result =>
            {
                var terminal = open(result);
                var ml = new MLContext();
                var path = result.CheckOutput(output, [OutputArgument.Picture], result.GetValue(model)!);
                using var file = ModelFile.Load(ml, result.GetValue(model)!);
                draw(file, ml.Data.LoadMnistTest(result.GetValue(data)), result)(path);
                terminal.Line($"Picture: {path}");
                terminal.Result(new { output = path });
            });
            return command;
        }
    }
}
