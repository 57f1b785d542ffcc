using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Files.Rows;
using Sconce.Pipelines.Scoring.Parts;

namespace Sconce.Pipelines.Scoring;

/// <summary>Writes rows of text to a stream as they arrive, and bad rows to a file.</summary>
internal sealed class StreamedOutput : IDisposable
{
    private readonly RowWriter _writer;
    private readonly FileStream? _held;
    private readonly FileStream? _badFile;
    private readonly RowWriter? _bad;

    /// <param name="destination">The stream, which stays open.</param>
    /// <param name="format">A text format.</param>
    /// <param name="schema">The columns.</param>
    /// <param name="quarantine">The file of bad rows; null to discard them.</param>
    /// <param name="replaces">Whether that file is replaced if it exists.</param>
    /// <exception cref="IOException">That file exists, or cannot be created.</exception>
    public StreamedOutput(Stream destination, RowFormat format, DataViewSchema schema, string? quarantine, bool replaces)
    {
        _writer = format.CreateWriter(destination, schema);
        if (quarantine is null)
            return;
        WrittenPaths.RequireFile(quarantine);
        _held = Quarantine.Hold(quarantine);
        try
        {
            if (File.Exists(quarantine) && !(replaces && Quarantine.IsOne(quarantine)))
            {
                throw new IOException($"'{quarantine}' exists. Choose another path, or allow it to be replaced if it is a quarantine file.")
                    .About(file: quarantine, conflict: OutputConflict.Exists);
            }

            _badFile = new FileStream(quarantine, replaces ? FileMode.Create : FileMode.CreateNew);
            _bad = Quarantine.CreateWriter(_badFile, continues: false);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The rows so far.</summary>
    public ScoringTotals Totals { get; private set; }

    /// <summary>Writes a batch, and flushes it to the stream.</summary>
    /// <exception cref="IOException">The stream was closed, or the quarantine cannot be written.</exception>
    public void Write(RowBatch rows)
    {
        Send(() =>
        {
            _writer.Write(rows);
            _writer.Finish();
        });
        if (rows.Bad.Count > 0)
        {
            _bad?.Write(Quarantine.BatchOf(rows.Bad));
            _bad?.Finish();
        }

        Totals += new ScoringTotals(rows.Count, rows.Bad.Count(bad => !bad.IsFile), rows.Bad.Count(bad => bad.IsFile));
    }

    /// <summary>Writes the header if there were no rows.</summary>
    public void Complete() => Send(_writer.Finish);

    private void Send(Action write)
    {
        try
        {
            write();
        }
        catch (IOException exception)
        {
            throw new IOException($"Standard output was closed after {Totals.Rows:N0} rows ({exception.Message.TrimEnd('.')}), and scoring stopped. The reading program has to read to the end.", exception);
        }
    }

    public void Dispose()
    {
        _writer.Dispose();
        _bad?.Dispose();
        _badFile?.Dispose();
        _held?.Dispose();
    }
}
