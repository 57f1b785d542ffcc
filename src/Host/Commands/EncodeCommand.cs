using System.CommandLine;
using System.Diagnostics;
using Microsoft.ML;
using Sconce.Files;
using Sconce.Pipelines;
using Sconce.Pipelines.Catalog;

namespace Sconce.Host.Commands;

/// <summary><c>sconce encode MODEL INPUT --output codes.csv</c>: rows to codes.</summary>
internal static class EncodeCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "The model file of an autoencoder." };
        var inputs = new Argument<string[]>("INPUT") { Description = "Files of rows, folders and patterns ('days/*.csv'): CSV, TSV, JSON Lines (also as .gz), Parquet, Arrow or IDX; or pass them as --input.", Arity = ArgumentArity.ZeroOrMore };
        var output = new Option<string>("--output", "-o") { Description = "The file to write; its extension is the format: .csv, .tsv, .parquet, .arrow, .jsonl, .idx or .idx.gz.", Required = true };
        var command = new Command("encode", "Encode rows: one code for each row, in order.") { model, inputs, output, InputArguments.Input };
        foreach (var option in InputArguments.Reading)
            command.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(inputs) is { Length: > 0 } == result.GetValue(InputArguments.Input) is { Length: > 0 })
                result.AddError($"Pass the files to encode as INPUT or as {InputArguments.Input.Name}.");
            InputArguments.ValidateReading(result);
        });
        command.SetAction(result =>
        {
            var terminal = Invocation.Terminal(result);
            var cancellation = Invocation.Cancellation(result);
            var ml = new MLContext();
            string[] read = [.. result.GetValue(inputs) ?? [], .. result.GetValue(InputArguments.Input) ?? []];
            var path = result.CheckOutput(output, ColumnFile.Endings, [result.GetValue(model)!], read);
            using var file = ModelFile.Load(ml, result.GetValue(model)!);
            var code = file.Encoder.Objective.CodeColumnName;
            var data = ModelRows.Open(ml, file, read, InputArguments.ReadingOf(result, cancellation), [code]);
            var clock = Stopwatch.StartNew();
            var rows = terminal.Counting("rows encoded", progress => ColumnFile.Write(file.Transform(data, code), [code], path, progress, cancellation));
            var seconds = clock.Elapsed.TotalSeconds;
            terminal.Line($"{rows:N0} rows encoded in {seconds:F1} s ({rows / seconds:N0} rows/s), written to {path}");
            terminal.Result(new { output = path, rows, seconds, rowsPerSecond = rows / seconds });
        });
        return command;
    }
}
