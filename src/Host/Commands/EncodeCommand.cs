using System.CommandLine;
using System.Diagnostics;
using Microsoft.ML;
using Sconce.Files;
using Sconce.Host.Display;
using Sconce.Pipelines;

namespace Sconce.Host.Commands;

/// <summary><c>sconce encode MODEL INPUT --output codes.csv</c>: rows to codes.</summary>
internal static class EncodeCommand
{
    public static Command Create(Func<ParseResult, Terminal> open, Interruption interruption)
    {
        var model = new Argument<string>("MODEL") { Description = "The zip of an autoencoder." };
        var input = new Argument<string>("INPUT") { Description = "An IDX file of images (raw or .gz), a Parquet or Arrow file, or a CSV file of pixels, one row a line." };
        var output = new Option<string>("--output", "-o") { Description = "The file to write, by its ending: .csv, .parquet, .arrow, .idx or .idx.gz.", Required = true };
        var command = new Command("encode", "Turn rows into codes, one for each row, in order.") { model, input, output };
        command.SetAction(result =>
        {
            var terminal = open(result);
            var cancellation = interruption.Take();
            var ml = new MLContext();
            var path = result.CheckOutput(output, ColumnFile.Endings, result.GetValue(model)!, result.GetValue(input)!);
            using var file = ModelFile.Load(ml, result.GetValue(model)!);
            var (encoder, objective) = file.Encoder;
            var code = objective.CodeColumnName;
            var data = ScoringInput.Open(ml, result.GetValue(input)!, encoder.Scorer.Input);
            var clock = Stopwatch.StartNew();
            var rows = terminal.Counting("rows encoded", progress => ColumnFile.Write(file.Transform(data, code), [code], path, progress, cancellation));
            var seconds = clock.Elapsed.TotalSeconds;
            terminal.Line($"{rows:N0} rows encoded in {seconds:F1} s ({rows / seconds:N0} rows/s), written to {path}");
            terminal.Result(new { output = path, rows, seconds, rowsPerSecond = rows / seconds });
        });
        return command;
    }
}
