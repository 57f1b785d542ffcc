using System.Runtime.ExceptionServices;
using Microsoft.ML;
using Sconce.Files.Rows;
using Sconce.Pipelines.Scoring.Parts;

namespace Sconce.Pipelines.Scoring;

/// <summary>Rows that were read, and where the reading stands after them.</summary>
/// <param name="Rows">The rows, and what is bad among them.</param>
/// <param name="End">Where the next rows begin.</param>
internal sealed record ReadBatch(RowBatch Rows, InputPosition End);

/// <summary>Reads files one after another, as if they were one.</summary>
/// <param name="files">The files, in order.</param>
/// <param name="open">Opens one of them, to read what it is asked for.</param>
/// <param name="request">What is read. Columns without a type have the one that the first file gives them.</param>
internal sealed class InputRows(IReadOnlyList<string> files, Func<string, RowRequest, RowReader> open, RowRequest request)
{
    private RowRequest _request = request;
    private DataViewSchema? _schema;
    private readonly Dictionary<string, ExceptionDispatchInfo> _failed = new(StringComparer.Ordinal);
    private (string File, RowReader Reader)? _opened;

    /// <summary>Whether an input can be read once alone, as the standard input can.</summary>
    public Func<string, bool> ComesOnce { get; init; } = name => name == FileScorer.StandardStream;

    /// <summary>The columns of every batch.</summary>
    /// <exception cref="InvalidDataException">No file can be read; the message is about the first.</exception>
    public DataViewSchema Schema => _schema ??= FindSchema();

    /// <summary>Opens every file once, so that one which cannot be used is known before any row is scored.</summary>
    /// <exception cref="InvalidDataException">A file cannot be used; the message names it.</exception>
    /// <exception cref="IOException">Likewise.</exception>
    public void OpenAll(CancellationToken cancellation = default)
    {
        _ = Schema;
        foreach (var file in files.Distinct(StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                open(file, _request).Dispose();
            }
            catch (Exception exception) when (IsOfFile(exception))
            {
                throw Explain(file, exception);
            }
        }
    }

    /// <summary>Reads batches to the end. A batch may have rows of several files; each but the last has, bad rows included, as many as were asked for.</summary>
    /// <param name="from">Where to begin.</param>
    /// <param name="size">The rows of each batch.</param>
    /// <param name="cancellation">Ends the reading between two batches.</param>
    public IEnumerable<ReadBatch> Read(InputPosition from, int size, CancellationToken cancellation = default)
    {
        var batch = new RowBatch(Schema, size);
        for (var file = from.File; file < files.Count; file++)
        {
            RowReader? reader = null;
            try
            {
                for (var isEnded = false; !isEnded;)
                {
                    cancellation.ThrowIfCancellationRequested();
                    var offset = file == from.File ? from.Row : 0;
                    isEnded = !TryFill(files[file], offset, ref reader, batch, size);
                    if (batch.Count + batch.Bad.Count < size)
                        continue;
                    yield return new ReadBatch(batch, isEnded ? new(file + 1, 0) : new(file, reader!.Position));
                    batch = new RowBatch(Schema, size);
                }
            }
            finally
            {
                reader?.Dispose();
            }
        }

        if (batch.Count + batch.Bad.Count > 0)
            yield return new ReadBatch(batch, new(files.Count, 0));
    }

    /// <summary>Opens the file where it is not open yet, and reads on in it; false at its end, and where it cannot be read on, which is a bad row then.</summary>
    private bool TryFill(string file, long offset, ref RowReader? reader, RowBatch batch, int size)
    {
        try
        {
            if (reader is null)
            {
                // What comes once was read from already where it failed.
                if (_failed.TryGetValue(file, out var failure))
                    failure.Throw();
                reader = TakeOpened(file) ?? open(file, _request);
                if (offset > 0)
                    reader.Skip(offset);
            }

            return reader.Fill(batch, size);
        }
        catch (Exception exception) when (IsOfFile(exception))
        {
            batch.Bad.Add(new BadRow(new RowPlace(file, reader?.Position ?? 0, 0), Explain(file, exception).Message.TrimEnd('.')) { IsFile = true });
            return false;
        }
    }

    private RowReader? TakeOpened(string file)
    {
        if (_opened is not { } opened || opened.File != file)
            return null;
        _opened = null;
        return opened.Reader;
    }

    private DataViewSchema FindSchema()
    {
        InvalidDataException? first = null;
        foreach (var file in files)
        {
            try
            {
                var reader = open(file, _request);
                // What comes once alone is not opened a second time.
                if (ComesOnce(file))
                    _opened = (file, reader);
                else
                    reader.Dispose();
                _request = _request with { Columns = [.. _request.Columns.Zip(reader.Schema, (column, found) => column.Type is null ? column with { Type = found.Type, Annotations = found.Annotations } : column)] };
                return reader.Schema;
            }
            catch (Exception exception) when (IsOfFile(exception))
            {
                first ??= Explain(file, exception);
                if (ComesOnce(file))
                    _failed[file] = ExceptionDispatchInfo.Capture(exception);
            }
        }

        throw first ?? new InvalidDataException("There is no file to read.");
    }

    private static InvalidDataException Explain(string file, Exception exception) => exception as InvalidDataException
        ?? new($"'{file}' cannot be read: {exception.Message.TrimEnd('.')}.", exception);

    private static bool IsOfFile(Exception exception) => exception is InvalidDataException or IOException or UnauthorizedAccessException;
}
