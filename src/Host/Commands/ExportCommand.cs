using System.CommandLine;
using Microsoft.ML;
using Sconce.Pipelines.Onnx;
using Sconce.Trainers.Onnx;

namespace Sconce.Host.Commands;

/// <summary><c>sconce export MODEL out.onnx</c> or <c>out.zip</c>: a model that needs no libtorch.</summary>
internal static class ExportCommand
{
    private const string Zip = ".zip";

    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "The model zip." };
        var output = new Argument<string>("OUTPUT") { Description = "The file to write: NAME.onnx, or NAME.zip for an ML.NET model whose networks run in ONNX Runtime." };
        var operators = new Option<int>("--opset") { Description = $"The ONNX operator set version, {OnnxModel.OldestOperatorSet} to {OnnxModel.NewestOperatorSet}.", DefaultValueFactory = _ => OnnxModel.OldestOperatorSet };
        var parts = new Option<bool>("--parts") { Description = "Write an encoder-decoder as two files: NAME.encoder.onnx, and NAME.step.onnx, which decodes one symbol at a time." };
        var stock = new Option<bool>("--stock") { Description = "For a zip: use ML.NET's own OnnxTransformer, which needs no Sconce package but scores row by row." };
        var command = new Command("export", "Export a model, with its preprocessing and postprocessing, as an ONNX file or as an ML.NET zip that needs no libtorch.") { model, output, operators, parts, stock };
        command.SetAction(result =>
        {
            var terminal = Invocation.Terminal(result);
            var path = result.CheckOutput(output, [".onnx", Zip], result.GetValue(model)!);
            var isZip = path.EndsWith(Zip, StringComparison.OrdinalIgnoreCase);
            if (isZip && result.GetValue(parts))
                throw new UsageException($"--parts writes ONNX files, and '{path}' is a zip. Choose a name that ends in .onnx.");
            if (!isZip && result.GetValue(stock))
                throw new UsageException($"--stock writes a zip, and '{path}' is an ONNX file. Choose a name that ends in .zip.");
            string[] files = result.GetValue(parts) ? [Part(".encoder.onnx"), Part(".step.onnx")] : [path];
            var ml = new MLContext();
            var transformer = ml.Model.LoadVerified(result.GetValue(model)!, out var schema);
            using var disposable = transformer as IDisposable;
            var version = result.GetValue(operators);
            if (files is [var encoder, var step])
                ml.Model.ExportPartsToOnnx(transformer, encoder, step, version);
            else if (!isZip)
                ExportFile(ml, transformer, schema, path, version, result.GetValue(model)!);
            else if (result.GetValue(stock))
                ExportStock(ml, transformer, schema, path, version);
            else
                ExportZip(ml, transformer, schema, path, version);
            foreach (var file in files)
                terminal.Line($"Exported to {file}: {new FileInfo(file).Length:N0} bytes, operator set {version}");
            terminal.Result(new { outputs = files.Select(file => new { file, bytes = new FileInfo(file).Length }), opset = version });

            string Part(string ending) => OutputArgument.Check(output.Name, Path.ChangeExtension(path, ending), [], [result.GetValue(model)!]);
        });
        return command;
    }

    private static void ExportFile(MLContext ml, ITransformer transformer, DataViewSchema? schema, string path, int version, string model)
    {
        try
        {
            ml.Model.ExportToOnnx(transformer, schema, path, version);
        }
        // A column that a step makes which ONNX does not have: a zip keeps such steps.
        catch (NotSupportedException exception) when (ErrorFacts.Of(exception).Column is not null)
        {
            throw new NotSupportedException($"{exception.Message} Export a zip: 'sconce export {model} {Path.ChangeExtension(path, Zip)}'.", exception);
        }
    }

    private static void ExportZip(MLContext ml, ITransformer model, DataViewSchema? schema, string path, int version)
    {
        using var converted = ml.Model.ConvertNetworksToOnnx(model, version);
        ml.Model.SaveAtomically(converted, schema, path);
    }

    private static void ExportStock(MLContext ml, ITransformer model, DataViewSchema? schema, string path, int version)
    {
        using var content = new MemoryStream();
        ml.Model.ExportToOnnx(model, schema, content, version);
        var (stock, input) = StockOnnx.Create(ml, content.ToArray(), Path.ChangeExtension(path, ".onnx"));
        using var disposable = stock as IDisposable;
        ml.Model.SaveAtomically(stock, input, path);
    }
}
