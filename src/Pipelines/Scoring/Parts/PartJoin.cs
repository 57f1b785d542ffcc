using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Core.Storage;
using Sconce.Files.Rows;

namespace Sconce.Pipelines.Scoring.Parts;

/// <summary>Joins an output's parts.</summary>
internal static class PartJoin
{
    private const int BufferSize = 1 << 20;
    private const int ValuesPerBatch = 1 << 18;
    private const int MaximalBatchRows = 1 << 12;

    /// <summary>Writes the whole output; without a part, a file without rows.</summary>
    /// <exception cref="InvalidDataException">A part has changed since it was written; the message names it.</exception>
    public static void Write(PartsFolder folder, RowFormat format, DataViewSchema schema, Stream destination, CancellationToken cancellation)
    {
        // A single part is the output already.
        if (folder.Parts.Count == 1 || (format.IsText && folder.Parts.Count > 0))
            Concatenate(folder, folder.Parts.Select(part => (folder.PathOf(part.Number, format), (string?)part.Hash)), destination, cancellation);
        else
            Rewrite(folder, format, schema, destination, cancellation);
    }

    /// <summary>Concatenates files, each with its hash.</summary>
    /// <exception cref="InvalidDataException">A file has changed since it was hashed.</exception>
    public static void Concatenate(PartsFolder folder, IEnumerable<(string Path, string? Hash)> files, Stream destination, CancellationToken cancellation)
    {
        foreach (var (path, hash) in files)
        {
            cancellation.ThrowIfCancellationRequested();
            using var content = new HashingStream(folder.Options.Files.OpenRead(path));
            content.CopyTo(destination, BufferSize);
            if (content.HashSoFar != hash)
                throw Changed(path, "it has changed since it was written");
        }
    }

    /// <summary>Reads the rows and writes them again, in batches that do not depend on where parts end, so that the output does not either.</summary>
    private static void Rewrite(PartsFolder folder, RowFormat format, DataViewSchema schema, Stream destination, CancellationToken cancellation)
    {
        var request = new RowRequest([.. schema.Select(column => new RequestedColumn(column.Name, column.Type) { Annotations = column.Annotations })]) { Reader = $"'{folder.Output}'" };
        var rows = int.Clamp(ValuesPerBatch / schema.Sum(column => int.Max(1, (column.Type as Microsoft.ML.Data.VectorDataViewType)?.Size ?? 1)), 1, MaximalBatchRows);
        using var writer = format.CreateWriter(destination, schema);
        var batch = new RowBatch(schema, rows);
        foreach (var part in folder.Parts)
        {
            var path = folder.PathOf(part.Number, format);
            var content = new HashingStream(folder.Options.Files.OpenRead(path));
            using var reader = RowFile.Read(path, content, request, format);
            while (reader.Fill(batch, rows))
            {
                cancellation.ThrowIfCancellationRequested();
                writer.Write(batch);
                batch = new RowBatch(schema, rows);
            }

            if (batch.Bad is [var bad, ..])
                throw Changed(path, $"row {bad.Place.Row}: {bad.Reason}");
            if (reader.Position != part.Rows)
                throw Changed(path, $"it has {reader.Position:N0} rows; {part.Rows:N0} were written");
            if (content.Complete(cancellation) != part.Hash)
                throw Changed(path, "it has changed since it was written");
        }

        if (batch.Count > 0)
            writer.Write(batch);
        writer.Finish();
    }

    private static InvalidDataException Changed(string path, string reason) =>
        new InvalidDataException($"The part '{path}' is damaged: {reason}. Resume the run to write it again.")
            .About(file: path, conflict: OutputConflict.Interrupted);
}
