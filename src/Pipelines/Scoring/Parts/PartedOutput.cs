using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Core.Storage;
using Sconce.Files.Rows;

namespace Sconce.Pipelines.Scoring.Parts;

/// <summary>
/// Writes an output in parts, so that finished parts survive even if the process is killed; <see cref="PartsFolder.Begin"/> creates it.
/// </summary>
/// <remarks>Without <see cref="Complete"/>, the finished parts stay, and the unfinished part is deleted.</remarks>
internal sealed class PartedOutput(PartsFolder folder, RowFormat format, DataViewSchema schema, Func<JsonNode?>? evaluate) : IDisposable
{
    private ScoringTotals _totals = ScoringTotals.Of(folder.Parts);
    private PendingPart? _part;
    private Stopwatch _partClock = Stopwatch.StartNew();
    private bool _isOver;

    /// <summary>The rows so far, including those of the parts before the run was resumed.</summary>
    public ScoringTotals Totals => _totals + (_part?.Totals ?? default);

    /// <summary>
    /// Writes a batch. A part ends with the batch that reaches <see cref="ScoringRun.RowsPerPart"/> rows, and is on the disk when this
    /// method returns.
    /// </summary>
    /// <param name="rows">Rows with the columns of the run.</param>
    /// <param name="bad">The bad rows among them.</param>
    /// <param name="end">The position where reading continues after them.</param>
    /// <param name="reads">The amounts of the inputs that have been read by then.</param>
    /// <exception cref="IOException">
    /// The part cannot be written; the message names the output, the reason, and the rows that are kept.
    /// </exception>
    public void Write(RowBatch rows, IReadOnlyList<BadRow> bad, InputPosition end, IReadOnlyList<InputRead>? reads = null) => Attempt(() =>
    {
        // An input without rows is read again when the run is resumed.
        if (rows.Count + bad.Count == 0)
            return;
        if (_part is null)
        {
            _part = new PendingPart(folder, format, schema);
            _partClock = Stopwatch.StartNew();
        }

        _part.Write(rows, bad, end, reads ?? []);
        // The ends of text parts are not visible in the output.
        if (_part.Totals.Read >= folder.Run!.RowsPerPart || (format.IsText && _partClock.Elapsed >= folder.Options.LongestPart))
            FinishPart();
    });

    /// <summary>Ends the last part, joins all parts, and deletes the folder.</summary>
    /// <param name="cancellation">Stops; all parts stay then.</param>
    /// <exception cref="IOException">It cannot be written; all parts stay.</exception>
    /// <exception cref="InvalidDataException">A part has changed since it was written; the message names it.</exception>
    public void Complete(CancellationToken cancellation = default)
    {
        Attempt(() =>
        {
            if (_part is not null)
                FinishPart();
            // Published before the output, so that the quarantine exists whenever the output does.
            WriteQuarantine(cancellation);
            Publish(folder.Output, "joined-output.tmp", destination => PartJoin.Write(folder, format, schema, destination, cancellation));
        });
        _isOver = true;
        folder.Clear();
    }

    public void Dispose()
    {
        if (!_isOver)
            Discard();
    }

    private void FinishPart()
    {
        folder.Add(_part!.Finish() with { Evaluation = evaluate?.Invoke() });
        _totals = Totals;
        _part.Dispose();
        _part = null;
    }

    private void WriteQuarantine(CancellationToken cancellation)
    {
        if (folder.Options.Quarantine is not { } path)
            return;
        if (_totals.HasBad)
            Publish(path, "joined-quarantine.tmp", destination => PartJoin.Concatenate(folder, folder.Parts.Where(part => part.HasBad).Select(part => (folder.BadPathOf(part.Number), part.BadHash)), destination, cancellation));
        else if (File.Exists(path) && MayReplace(path))
            folder.Options.Files.Delete(path);
        else if (File.Exists(path))
            folder.Options.Warn($"Kept '{path}' from another run; this run has no bad rows");
    }

    /// <summary>Publishes a file. An existing file is replaced if that is allowed, or if it is this file, published by a run that was killed.</summary>
    private void Publish(string path, string name, Action<Stream> write)
    {
        var target = Path.GetFullPath(path);
        var place = Path.GetDirectoryName(target)!;
        Directory.CreateDirectory(place);
        // The target folder may be on another disk, to which files cannot be renamed.
        var temporary = place == Path.GetDirectoryName(folder.FullName) ? folder.PathOf(name) : Path.Combine(place, $".{Path.GetFileName(target)}.tmp");
        // A file that a killed run has left under this name may be the published file itself.
        folder.Options.Files.Delete(temporary);
        using var file = new NewFile(folder.Options.Files, target, temporary);
        write(file.Content);
        var isThere = File.Exists(target);
        if (isThere && !MayReplace(path) && FileHash.Of(target) != file.Hash().Hash)
        {
            throw new IOException($"'{path}' was created by another program while the run was writing; move it away")
                .About(file: path, conflict: OutputConflict.Exists);
        }

        file.Publish(replaces: isThere);
    }

    /// <summary>Publishes the quarantine, which replaces only another quarantine.</summary>
    private bool MayReplace(string path) => folder.Replaces && (path == folder.Output || Quarantine.IsOne(path));

    /// <summary>Runs an operation, and discards the unfinished part if it fails.</summary>
    private void Attempt(Action action)
    {
        ObjectDisposedException.ThrowIf(_isOver, this);
        try
        {
            action();
        }
        catch (Exception exception)
        {
            Discard();
            if (exception is IOException or UnauthorizedAccessException)
                throw folder.Explain(exception);
            throw;
        }
    }

    private void Discard()
    {
        _isOver = true;
        _part?.Dispose();
        _part = null;
        // Any remaining files are deleted when the run is resumed.
        FileOperations.Try(folder.DeleteOthers);
    }
}
