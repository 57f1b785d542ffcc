using Microsoft.ML;
using Sconce.Files.Rows;
using Sconce.Pipelines.Scoring.Parts;

namespace Sconce.Pipelines.Scoring;

/// <summary>Writes rows of text to a stream as they come, and those that cannot be used to a file.</summary>
internal sealed class StreamedOutput : IDisposable
{
    private readonly RowWriter _writer;
    private readonly FileStream? _held;
    private readonly FileStream? _badFile;
    private readonly RowWriter? _bad;

    /// <param name="destination">Where rows go; it stays open.</param>
    /// <param name="format">A format of text.</param>
    /// <param name="schema">The columns.</param>
    /// <param name="quarantine">The file of rows that cannot be used; null to write them nowhere.</param>
    /// <param name="replaces">Whether that file is replaced if it exists.</param>
    /// <exception cref="IOException">That file exists, or cannot be made.</exception>
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
                throw new IOException($"'{quarantine}' exists. --force replaces it, if it is a file of rows that were left out; or choose another path.");
            _badFile = new FileStream(quarantine, replaces ? FileMode.Create : FileMode.CreateNew);
            _bad = Quarantine.CreateWriter(_badFile, continues: false);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What was written.</summary>
    public ScoringTotals Totals { get; private set; }

    /// <summary>Writes a batch, which is in the stream when this returns.</summary>
    /// <exception cref="IOException">The stream takes no more, or the quarantine cannot be written.</exception>
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

    /// <summary>Writes what has no rows as well: a header.</summary>
    public void Complete() => Send(_writer.Finish);

    private void Send(Action write)
    {
        try
        {
            write();
        }
        catch (IOException exception)
        {
            throw new IOException($"The standard output takes no more after {Totals.Rows:N0} rows: {exception.Message.TrimEnd('.')}. The scoring ends there; what reads the rows has to read them all.", exception);
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
