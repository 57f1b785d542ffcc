using Microsoft.ML;
using Sconce.Files.Rows;
using Sconce.Pipelines.Scoring;

namespace Sconce.Pipelines;

/// <summary>
/// Scores files with any ML.NET model: one row out for each row in, in order, in bounded memory (a model that forecasts series holds all rows).
/// </summary>
/// <example>
/// <code>
/// var summary = FileScorer.Score(ml, "cnn.zip", ["scans/*.csv"], "scores.parquet", new FileScoringOptions { Keep = ["id"], OnError = RowErrors.Quarantine });
/// Console.WriteLine($"{summary.Scored} of {summary.Rows} rows, {summary.RowsPerSecond:N0} a second");
/// </code>
/// </example>
public static class FileScorer
{
    /// <summary>The name of standard input and standard output.</summary>
    public const string StandardStream = InputFiles.StandardInput;

    /// <summary>The names of the formats.</summary>
    public static IReadOnlyList<string> Formats { get; } = [.. RowFormats.All.Select(format => format.Name)];

    /// <summary>
    /// Scores files into one file, which appears once it is complete. A run that was interrupted can be resumed, and ends with the same bytes.
    /// </summary>
    /// <param name="ml">The context to load the model with.</param>
    /// <param name="model">The model zip: Sconce's or any other of ML.NET's. Its input schema names the columns that are read.</param>
    /// <param name="inputs">
    /// Files, folders and patterns (<c>days/*.csv</c>); for a model that reads image files, folders, images and CSV files of paths; or <c>-</c>,
    /// standard input.
    /// </param>
    /// <param name="output">The file to write, or <c>-</c>, standard output.</param>
    /// <param name="options">All other options; null for the defaults.</param>
    /// <returns>The numbers of rows, and how they were scored.</returns>
    /// <exception cref="FileNotFoundException">The model or an input does not exist.</exception>
    /// <exception cref="InvalidDataException">
    /// The model cannot be read, a file lacks a column, or a row cannot be used; the message names the file, line and column.
    /// </exception>
    /// <exception cref="IOException">A file cannot be read or written, or the output exists.</exception>
    /// <exception cref="ArgumentException">An option is invalid, or the model has no such output column.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public static ScoringSummary Score(MLContext ml, string model, IReadOnlyList<string> inputs, string output, FileScoringOptions? options = null)
    {
        options ??= new();
        options.Validate();
        using var file = ModelFile.LoadAny(ml, model);
        using var run = new FileScoringRun(ml, file, options);
        return output == StandardStream ? run.Score(inputs, StandardOutput.Open()) : run.Score(inputs, output);
    }
}
