using System.Text.Json.Nodes;
using Microsoft.ML;
using Sconce.Core.Storage;
using Sconce.Files.Rows;

namespace Sconce.Pipelines.Scoring.Parts;

/// <summary>Writes an output in parts, so that nothing of it is lost or written twice however the process ends; <see cref="PartsFolder.Begin"/> makes it.</summary>
/// <remarks>Without <see cref="Complete"/> the finished parts stay, and what came after them leaves nothing.</remarks>
internal sealed class PartedOutput(PartsFolder folder, RowFormat format, DataViewSchema schema, Func<JsonNode?>? evaluate) : IDisposable
{
    private ScoringTotals _totals = ScoringTotals.Of(folder.Parts);
    private PendingPart? _part;
    private bool _isOver;

    /// <summary>What the run came to so far, with the parts of before it was resumed.</summary>
    public ScoringTotals Totals => _totals + (_part?.Totals ?? default);

    /// <summary>Writes a batch. A part ends with the batch in which it has <see cref="ScoringRun.RowsPerPart"/> rows, and is on the disk when this returns.</summary>
    /// <param name="rows">Rows of the columns that were begun with.</param>
    /// <param name="bad">What was read with them and cannot be used.</param>
    /// <param name="end">Where reading goes on after them.</param>
    /// <exception cref="IOException">It cannot be written; the message names the output, the reason, and what is left.</exception>
    public void Write(RowBatch rows, IReadOnlyList<BadRow> bad, InputPosition end) => Attempt(() =>
    {
        // A file without rows is read again when the run goes on.
        if (rows.Count + bad.Count == 0)
            return;
        _part ??= new PendingPart(folder, format, schema);
        _part.Write(rows, bad, end);
        if (_part.Totals.Read >= folder.Run!.RowsPerPart)
            FinishPart();
    });

    /// <summary>Ends the last part, joins all parts, and takes the folder away.</summary>
    /// <param name="cancellation">Stops; all parts stay then.</param>
    /// <exception cref="IOException">It cannot be written; all parts stay.</exception>
    /// <exception cref="InvalidDataException">A part was changed meanwhile; the message names it.</exception>
    public void Complete(CancellationToken cancellation = default)
    {
        Attempt(() =>
        {
            if (_part is not null)
                FinishPart();
            // Before the output: who finds that finds the quarantine.
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
            Publish(path, "joined-quarantine.tmp", destination => PartJoin.Concatenate(folder, folder.Parts.Where(part => part.HasBad).Select(part => folder.BadPathOf(part.Number)), destination, cancellation));
        else if (File.Exists(path) && MayReplace(path))
            folder.Options.Files.Delete(path);
        else if (File.Exists(path))
            folder.Options.Warn($"'{path}' is of another run: all rows of this one could be used");
    }

    /// <summary>Puts a file in its place. One that came there meanwhile is replaced if that is asked for, or if a run that was killed has put this very file there.</summary>
    private void Publish(string path, string name, Action<Stream> write)
    {
        var target = Path.GetFullPath(path);
        var place = Path.GetDirectoryName(target)!;
        Directory.CreateDirectory(place);
        // Elsewhere may be another disk, to which nothing can be renamed.
        var temporary = place == Path.GetDirectoryName(folder.FullName) ? folder.PathOf(name) : Path.Combine(place, $".{Path.GetFileName(target)}.tmp");
        // What a killed run has left under this name may be the very file at its place.
        folder.Options.Files.Delete(temporary);
        using var file = new NewFile(folder.Options.Files, target, temporary);
        write(file.Content);
        var isThere = File.Exists(target);
        if (isThere && !MayReplace(path) && FileHash.Of(target) != file.Hash().Hash)
            throw new IOException($"'{path}' is there, and was not when the run was begun: move it away");
        file.Publish(replaces: isThere);
    }

    /// <summary>In a quarantine's place only what such a run has written is replaced, however it came there.</summary>
    private bool MayReplace(string path) => folder.Replaces && (path == folder.Output || Quarantine.IsOne(path));

    /// <summary>Does what can fail; then what was being written leaves nothing.</summary>
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
        try
        {
            folder.DeleteOthers();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is deleted when the run goes on.
        }
    }
}
