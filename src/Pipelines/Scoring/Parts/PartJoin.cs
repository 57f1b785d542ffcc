using Microsoft.ML;
using Sconce.Core.Errors;
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
        // A part that is alone is the file already.
        if (folder.Parts.Count == 1 || (format.IsText && folder.Parts.Count > 0))
            Concatenate(folder, folder.Parts.Select(part => folder.PathOf(part.Number, format)), destination, cancellation);
        else
            Rewrite(folder, format, schema, destination, cancellation);
    }

    /// <summary>Puts files one after another.</summary>
    public static void Concatenate(PartsFolder folder, IEnumerable<string> files, Stream destination, CancellationToken cancellation)
    {
        foreach (var file in files)
        {
            cancellation.ThrowIfCancellationRequested();
            using var content = folder.Options.Files.OpenRead(file);
            content.CopyTo(destination, BufferSize);
        }
    }

    /// <summary>Reads the rows and writes them anew, in batches that do not depend on where parts end: so the file does not either.</summary>
    private static void Rewrite(PartsFolder folder, RowFormat format, DataViewSchema schema, Stream destination, CancellationToken cancellation)
    {
        var request = new RowRequest([.. schema.Select(column => new RequestedColumn(column.Name, column.Type) { Annotations = column.Annotations })]) { Reader = $"'{folder.Output}'" };
        var rows = int.Clamp(ValuesPerBatch / schema.Sum(column => int.Max(1, (column.Type as Microsoft.ML.Data.VectorDataViewType)?.Size ?? 1)), 1, MaximalBatchRows);
        using var writer = format.CreateWriter(destination, schema);
        var batch = new RowBatch(schema, rows);
        foreach (var part in folder.Parts)
        {
            var path = folder.PathOf(part.Number, format);
            using var reader = format.CreateReader(path, folder.Options.Files.OpenRead(path), request);
            while (reader.Fill(batch, rows))
            {
                cancellation.ThrowIfCancellationRequested();
                writer.Write(batch);
                batch = new RowBatch(schema, rows);
            }

            if (batch.Bad is [var bad, ..])
                throw new InvalidDataException($"{bad.Place}: {bad.Reason}. It has changed since it was written; resume the run to write it again.").About(file: path, conflict: OutputConflict.Interrupted);
            if (reader.Position != part.Rows)
                throw new InvalidDataException($"'{path}' has {reader.Position:N0} rows; {part.Rows:N0} were written. Resume the run to write it again.").About(file: path, conflict: OutputConflict.Interrupted);
        }

        if (batch.Count > 0)
            writer.Write(batch);
        writer.Finish();
    }
}
