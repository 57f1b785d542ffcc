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
        var inputs = new Argument<string[]>("INPUT") { Description = "IDX files of images (raw or .gz), or CSV files of pixels, one row a line.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--output", "-o") { Description = "The CSV file to write: the predicted label and the probability of each class.", Required = true };
        var command = new Command("score", "Score files, one row out for each row in, in order.") { model, inputs, output };
        command.SetAction(result =>
        {
            var terminal = open(result);
            var cancellation = interruption.Take();
            var ml = new MLContext();
            string[] read = [result.GetValue(model)!, .. result.GetValue(inputs)!];
            var path = result.CheckOutput(output, [], read);
            using var file = ModelFile.Load(ml, read[0]);
            var (rows, seconds) = terminal.Counting("rows scored", progress => FileScorer.Score(ml, file, read[1..], path, progress, cancellation));
            terminal.Line($"{rows:N0} rows scored in {seconds:F1} s ({rows / seconds:N0} rows/s), written to {path}");
            terminal.Result(new { output = path, rows, seconds, rowsPerSecond = rows / seconds });
        });
        return command;
    }
}
