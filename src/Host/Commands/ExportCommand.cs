using System.CommandLine;
using Microsoft.ML;
using Sconce.Host.Display;

namespace Sconce.Host.Commands;

/// <summary><c>sconce export MODEL out.onnx</c>: a model that runs where libtorch does not.</summary>
internal static class ExportCommand
{
    private const int DefaultOperatorSet = 17;

    private static readonly string[] _endings = [".onnx"];

    public static Command Create(Func<ParseResult, Terminal> open)
    {
        var model = new Argument<string>("MODEL") { Description = "The model zip." };
        var output = new Argument<string>("OUTPUT") { Description = "The file to write, which ends in .onnx." };
        var operators = new Option<int>("--opset") { Description = "The version of ONNX's set of operators, from 17 to 22.", DefaultValueFactory = _ => DefaultOperatorSet };
        var parts = new Option<bool>("--parts") { Description = "Write an encoder-decoder as two files, NAME.encoder.onnx and NAME.step.onnx, of which the second writes one symbol at a time." };
        var command = new Command("export", "Write a model as an ONNX file, with what comes before and after its network.") { model, output, operators, parts };
        command.SetAction(result =>
        {
            var terminal = open(result);
            var path = result.CheckOutput(output, _endings, result.GetValue(model)!);
            var ml = new MLContext();
            var transformer = ml.Model.LoadVerified(result.GetValue(model)!, out var schema);
            using var disposable = transformer as IDisposable;
            var version = result.GetValue(operators);
            string[] files = result.GetValue(parts) ? [Path.ChangeExtension(path, ".encoder.onnx"), Path.ChangeExtension(path, ".step.onnx")] : [path];
            if (files is [var encoder, var step])
                ml.Model.ExportPartsToOnnx(transformer, encoder, step, version);
            else
                ml.Model.ExportToOnnx(transformer, schema, path, version);
            foreach (var file in files)
                terminal.Line($"Exported to {file}: {new FileInfo(file).Length:N0} bytes, operator set {version}");
            terminal.Result(new { outputs = files.Select(file => new { file, bytes = new FileInfo(file).Length }), opset = version });
        });
        return command;
    }
}
