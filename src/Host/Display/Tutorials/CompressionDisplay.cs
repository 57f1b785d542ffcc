using System.Globalization;
using Microsoft.ML;
using Sconce.Core.Storage;
using Sconce.Pipelines.Tutorials.Compression;

namespace Sconce.Host.Display.Tutorials;

/// <summary>Runs a comparison of pixels and codes, with progress.</summary>
internal static class CompressionDisplay
{
    /// <summary>Compares, saves the pipeline of each code size, and prints the table.</summary>
    public static IReadOnlyList<CompressionResult> Run(
        Terminal terminal, MLContext ml, CompressionOptions options, IDataView train, IDataView test, Func<int, string> pathOf, CancellationToken cancellation)
    {
        foreach (var size in options.CodeSizes)
            AtomicFile.CheckWritable(pathOf(size));
        var (results, pipelines) = TrainingDisplay.RunSeveral(terminal, watch => new CompressionComparison(ml, options, watch, cancellation).Run(train, test));
        foreach (var (size, pipeline) in options.CodeSizes.Zip(pipelines))
        {
            using (pipeline)
                ml.Model.SaveAtomically(pipeline, train.Schema, pathOf(size));
        }

        Print(terminal, results, options.TargetAccuracy);
        terminal.Line($"Pipelines, image to code to class: {string.Join(", ", options.CodeSizes.Select(pathOf))}");
        return results;
    }

    private static void Print(Terminal terminal, IReadOnlyList<CompressionResult> results, double target)
    {
        terminal.Table(
            ["classifier on", "bytes a row", $"to {target:P0}", "of pixels' time", "training", "samples/s", "accuracy", "linear", "autoencoder", "encoding", "pays off after"],
            results.Select(result => (string[])
            [
                result.Input, $"{result.BytesPerRow:N0}", Seconds(result.SecondsToTarget, "not reached"), Text(result.RatioToTarget, "F2"), Seconds(result.TrainingSeconds), $"{result.SamplesPerSecond:N0}",
                $"{result.Accuracy:P2}", Text(result.LinearAccuracy, "P2"), Seconds(result.AutoencoderSeconds), Seconds(result.EncodingSeconds),
                result.CodeSize is null ? "" : result.PaysOffAfter is { } count ? $"{count:N0} classifiers" : "never",
            ]));
        foreach (var result in results.Where(result => result.CodeSize is not null))
            terminal.Line($"{result.Input}: test mean squared error {result.ReconstructionError:F5}; {result.CodeSize} principal components: {result.PrincipalComponentError:F5}");
    }

    private static string Text(double? value, string format) => value?.ToString(format, CultureInfo.CurrentCulture) ?? "";

    private static string Seconds(double? value, string none = "") => value is { } seconds ? $"{seconds:F2} s" : none;
}
