using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Core.Storage;
using Sconce.Files.Rows;

namespace Sconce.Pipelines.Scoring.Parts;

/// <summary>The file of bad rows: CSV, with the place and the reason of each.</summary>
internal static class Quarantine
{
    private static readonly DataViewSchema _schema = RequestedColumn.SchemaOf(
    [
        new("File", null), new("Row", NumberDataViewType.Int64), new("Line", NumberDataViewType.Int64), new("Reason", null), new("Content", null),
    ]);

    /// <summary>The usual path: <c>scores.quarantine.csv</c> beside <c>scores.csv</c>.</summary>
    public static string PathFor(string output) => Path.ChangeExtension(output, ".quarantine.csv");

    /// <summary>Whether a file is a quarantine, or empty.</summary>
    public static bool IsOne(string path)
    {
        using var file = File.OpenText(path);
        return file.ReadLine() is null or "File,Row,Line,Reason,Content";
    }

    /// <summary>Locks a quarantine, which need not exist, until the result is disposed; missing folders are created.</summary>
    /// <exception cref="IOException">Another run is writing it, or it cannot be written.</exception>
    public static FileStream Hold(string path)
    {
        var full = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(full)!;
        try
        {
            Directory.CreateDirectory(folder);
            // Hidden, so that no run reads it as an input.
            if (FileLock.TryHold(Path.Combine(folder, $".{Path.GetFileName(full)}.lock")) is { } held)
                return held;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"Cannot write the quarantine '{path}': {exception.Message.TrimEnd('.')}. Make the path writable, or choose another QuarantinePath.", exception)
                .About(property: nameof(FileScoringOptions.QuarantinePath), file: path);
        }

        throw new IOException($"Another run is writing the quarantine '{path}'. Wait until it has finished, or choose another QuarantinePath.")
            .About(property: nameof(FileScoringOptions.QuarantinePath), file: path, conflict: OutputConflict.InUse);
    }

    /// <param name="destination">The file.</param>
    /// <param name="continues">Whether it follows an earlier part, and so has no header.</param>
    public static RowWriter CreateWriter(Stream destination, bool continues) => RowFormats.Csv.CreateWriter(destination, _schema, continues);

    /// <summary>The rows as a batch for the writer.</summary>
    public static RowBatch BatchOf(IReadOnlyList<BadRow> rows)
    {
        var batch = new RowBatch(_schema, rows.Count);
        foreach (var bad in rows)
        {
            Put(0, bad.Place.File.AsMemory());
            Put(1, bad.Place.Row);
            Put(2, bad.Place.Line);
            Put(3, bad.Reason.AsMemory());
            Put(4, bad.Content.AsMemory());
            batch.Accept(bad.Place);
        }

        return batch;

        void Put<T>(int column, T value) => ((FixedValues<T>)batch.Columns[column]).Row(batch.Count)[0] = value;
    }
}
