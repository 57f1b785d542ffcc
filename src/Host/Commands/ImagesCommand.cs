using System.CommandLine;
using Microsoft.ML;
using Sconce.Pipelines;

namespace Sconce.Host.Commands;

/// <summary><c>sconce images export</c>: writes MNIST, or data in its layout, as PNG files with one folder per class.</summary>
internal static class ImagesCommand
{
    private const string DarkOnLight = "dark-on-light";

    public static Command Create()
    {
        var count = new Option<int?>("--count") { Description = "Number of training images to write, starting with the first; a sixth as many test images. Default: all." };
        var testCount = new Option<int?>("--test-count") { Description = "Number of test images to write." };
        var polarity = new Option<string>("--polarity") { Description = "light-on-dark (as MNIST is), or dark-on-light (inverted, like ink on paper).", DefaultValueFactory = _ => "light-on-dark" };
        polarity.AcceptOnlyFromAmong("light-on-dark", DarkOnLight);
        var output = new Option<string>("--output", "-o") { Description = "The folder to create: OUTPUT/train/CLASS/NUMBER.png and OUTPUT/test/CLASS/NUMBER.png.", Required = true };
        var export = new Command("export", "Write MNIST as PNG files, with one folder per class.") { count, testCount, TrainingArguments.Data, polarity, output };
        export.Validators.Add(result =>
        {
            foreach (var option in (Option<int?>[])[count, testCount])
            {
                if (result.GetValue(option) < 1)
                    result.AddError($"{option.Name} has to be at least 1.");
            }
        });
        export.SetAction(result =>
        {
            var terminal = Invocation.Terminal(result);
            var cancellation = Invocation.Cancellation(result);
            var ml = new MLContext();
            var (train, test) = ml.Data.LoadMnist(result.GetValue(TrainingArguments.Data));
            var path = result.GetValue(output)!;
            var images = terminal.Counting("images written", progress => ImageExport.Write(
                [("train", Take(train, result.GetValue(count))), ("test", Take(test, result.GetValue(testCount) ?? (result.GetValue(count) + 5) / 6))],
                path, result.GetValue(polarity) == DarkOnLight, progress, cancellation));
            terminal.Line($"{images:N0} images written to {path}");
            terminal.Result(new { output = path, images });

            IDataView Take(IDataView data, int? rows) => rows is { } some ? ml.Data.TakeRows(data, some) : data;
        });
        return new Command("images", "Work with image files.") { export };
    }
}
