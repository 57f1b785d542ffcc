using System.CommandLine;
using Microsoft.ML;
using Sconce.Files;
using Sconce.Pipelines;
using Sconce.Pipelines.Catalog;
using Sconce.Pipelines.Reports;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary><c>sconce decode MODEL CODES --output images.idx</c>: codes back to rows.</summary>
internal static class DecodeCommand
{
    private const string Rows = "Image";

    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "The model file of an autoencoder." };
        var codes = new Argument<string>("CODES") { Description = "The codes that 'sconce encode' wrote: a file, a folder or a pattern ('codes/*.csv'); CSV, TSV, JSON Lines (also as .gz), Parquet, Arrow or IDX." };
        var output = new Option<string>("--output", "-o") { Description = "The file to write; its extension is the format: .idx, .idx.gz, .csv, .parquet or .arrow for rows, .png for a picture of them.", Required = true };
        var command = new Command("decode", "Decode codes: one row for each code, in order.") { model, codes, output };
        command.SetAction(result =>
        {
            var terminal = Invocation.Terminal(result);
            var cancellation = Invocation.Cancellation(result);
            var ml = new MLContext();
            var path = result.CheckOutput(output, [.. ColumnFile.Endings, OutputArgument.Picture], [result.GetValue(model)!], [result.GetValue(codes)!]);
            using var file = ModelFile.Load(ml, result.GetValue(model)!);
            using var decoder = file.Autoencoder.Decoder("Code", Rows);
            var decoded = decoder.Transform(ModelRows.Open([result.GetValue(codes)!], decoder.Model.Definition.Input, new() { CancellationToken = cancellation }));
            if (path.EndsWith(OutputArgument.Picture, StringComparison.OrdinalIgnoreCase))
            {
                var grid = AutoencoderPictures.Decoded(file, decoded, Rows);
                cancellation.ThrowIfCancellationRequested();
                grid.Save(path);
                terminal.Line($"{grid.Rows[0].Images.Count:N0} codes decoded and drawn to {path}");
                terminal.Result(new { output = path, rows = (long)grid.Rows[0].Images.Count });
                return;
            }

            var rows = terminal.Counting("codes decoded", progress => ColumnFile.Write(decoded, [Rows], path, progress, cancellation));
            terminal.Line($"{rows:N0} codes decoded and written to {path}");
            terminal.Result(new { output = path, rows });
        });
        return command;
    }
}
