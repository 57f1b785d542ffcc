using System.CommandLine;
using Microsoft.ML;
using Sconce.Host.Display;
using Sconce.Pipelines;

namespace Sconce.Host.Commands;

/// <summary><c>sconce score MODEL INPUT... --output FILE.csv</c>: one row out for each row in, in order.</summary>
internal static class ScoreCommand
{
    public static Command Create(Func<ParseResult, Terminal> open, Interruption interruption)
    {
        var model = new Argument<string>("MODEL") { Description = "The model zip." };
        var inputs = new Argument<string[]>("INPUT") { Description = "IDX files of images (raw or .gz), or CSV files of pixels, one row a line; for a model of image files, folders, images, and CSV files of paths.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--output", "-o") { Description = "The CSV file to write: the predicted label and the probability of each class.", Required = true };
        var command = new Command("score", "Score files, one row out for each row in, in order.") { model, inputs, output, ImageArguments.OnError };
        command.SetAction(result =>
        {
            var terminal = open(result);
            var cancellation = interruption.Take();
            var ml = new MLContext();
            string[] read = [result.GetValue(model)!, .. result.GetValue(inputs)!];
            var path = result.CheckOutput(output, [], read);
            using var file = ModelFile.Load(ml, read[0]);
            // Every image is looked at before any is scored.
            List<ImageSet>? images = file.Images is null ? null : [.. read[1..].Select(input => ImageArguments.Open(result, terminal, input, labelled: false, cancellation))];
            foreach (var set in images ?? [])
                ImageArguments.WarnOfPolarity(terminal, file, set);
            var (rows, seconds) = terminal.Counting("rows scored", progress => images is null
                ? FileScorer.Score(ml, file, read[1..], path, progress, cancellation) : FileScorer.Score(ml, file, images, path, progress, cancellation));
            List<UnusableImage> skipped = [.. (images ?? []).SelectMany(set => set.Skipped)];
            terminal.Line($"{rows:N0} rows scored in {seconds:F1} s ({rows / seconds:N0} rows/s), written to {path}{ImageArguments.Summary(skipped)}");
            terminal.Result(new { output = path, rows, seconds, rowsPerSecond = rows / seconds, skipped });
        });
        return command;
    }
}
