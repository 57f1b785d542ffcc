using Microsoft.ML;
using Sconce.Files.Rows;
using Sconce.Pipelines.Scoring;

namespace Sconce.Pipelines;

/// <summary>Scores files: one row out for each row in, in order, whatever the model and the formats, in memory that does not grow with the files, unless the model forecasts series.</summary>
/// <example>
/// <code>
/// var summary = FileScorer.Score(ml, "cnn.zip", ["scans/*.csv"], "scores.parquet", new FileScoringOptions { Keep = ["id"], OnError = RowErrors.Quarantine });
/// Console.WriteLine($"{summary.Scored} of {summary.Rows} rows, {summary.RowsPerSecond:N0} a second");
/// </code>
/// </example>
public static class FileScorer
{
    /// <summary>What stands for the standard input and output in place of a file.</summary>
    public const string StandardStream = "-";

    /// <summary>The names of the formats.</summary>
    public static IReadOnlyList<string> Formats { get; } = [.. RowFormats.All.Select(format => format.Name)];

    /// <summary>Scores files into one file, which is written by way of parts: a run that is killed is gone on with, and ends with the same bytes.</summary>
    /// <param name="ml">The context to load the model with.</param>
    /// <param name="model">The model zip: one of Sconce's, or any other of ML.NET's. Its input's schema says which columns are read.</param>
    /// <param name="inputs">Files, folders and patterns (<c>days/*.csv</c>); of a model of image files folders, images and CSV files of paths; or <c>-</c>, the standard input.</param>
    /// <param name="output">The file to write, or <c>-</c>, the standard output.</param>
    /// <param name="options">Everything else; null for the defaults.</param>
    /// <exception cref="FileNotFoundException">There is no such model or input.</exception>
    /// <exception cref="InvalidDataException">The model cannot be read, a file lacks a column, or a row cannot be used; the message names file, line and column.</exception>
    /// <exception cref="IOException">A file cannot be read or written, or exists.</exception>
    /// <exception cref="ArgumentException">An option makes no sense, or the model gives no such column.</exception>
    /// <exception cref="OperationCanceledException">The token asked for it.</exception>
    public static ScoringSummary Score(MLContext ml, string model, IReadOnlyList<string> inputs, string output, FileScoringOptions? options = null)
    {
        options ??= new();
        options.Validate();
        using var file = ModelFile.LoadAny(ml, model);
        var run = new FileScoringRun(ml, file, options);
        return output == StandardStream ? run.Score(inputs, StandardOutput.Open()) : run.Score(inputs, output);
    }
}
