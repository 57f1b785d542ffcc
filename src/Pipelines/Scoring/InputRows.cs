using System.Runtime.ExceptionServices;
using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Core.Storage;
using Sconce.Files.Rows;
using Sconce.Pipelines.Scoring.Parts;

namespace Sconce.Pipelines.Scoring;

/// <summary>A batch of rows, and the position after it.</summary>
/// <param name="Rows">The rows, and the bad rows among them.</param>
/// <param name="End">The position of the next row.</param>
/// <param name="Reads">The amounts read of the inputs that ended since the last batch, and of the current one.</param>
internal sealed record ReadBatch(RowBatch Rows, InputPosition End, IReadOnlyList<InputRead> Reads);

/// <summary>An input that is open.</summary>
/// <param name="Reader">Reads its rows.</param>
/// <param name="Content">The file; null if it cannot be hashed, such as standard input.</param>
internal sealed record OpenedInput(RowReader Reader, HashingStream? Content = null);

/// <summary>Reads several inputs as one. An input that cannot be read to its end becomes a bad row.</summary>
/// <param name="files">The inputs, in order.</param>
/// <param name="open">Opens an input.</param>
/// <param name="request">The requested columns. Columns without a type get the type of the first input.</param>
internal sealed class InputRows(IReadOnlyList<string> files, Func<string, RowRequest, OpenedInput> open, RowRequest request) : IDisposable
{
    private readonly Dictionary<string, ExceptionDispatchInfo> _failed = new(StringComparer.Ordinal);
    private RowRequest _request = request;
    private DataViewSchema? _schema;

    /// <summary>The open input that defined the schema.</summary>
    private (string File, OpenedInput Input)? _first;

    /// <summary>Whether an input can be read only once, such as standard input.</summary>
    public Func<string, bool> ComesOnce { get; init; } = name => name == FileScorer.StandardStream;

    /// <summary>The columns of every batch.</summary>
    /// <exception cref="InvalidDataException">No input can be read; the message is about the first.</exception>
    public DataViewSchema Schema => _schema ??= FindSchema();

    /// <summary>Opens every input once, so that unusable inputs are reported before any row is scored.</summary>
    /// <exception cref="InvalidDataException">An input cannot be used; the message names it.</exception>
    public void OpenAll(CancellationToken cancellation = default)
    {
        _ = Schema;
        foreach (var file in files.Distinct(StringComparer.Ordinal).Where(file => file != _first?.File))
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                open(file, _request).Reader.Dispose();
            }
            catch (Exception exception) when (IsOfFile(exception))
            {
                throw Explain(file, exception);
            }
        }
    }

    /// <summary>
    /// Reads batches to the end. A batch may have rows of several inputs; all but the last have <paramref name="size"/> rows, including bad rows.
    /// </summary>
    /// <param name="from">The start position.</param>
    /// <param name="size">The rows of each batch.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    public IEnumerable<ReadBatch> Read(InputPosition from, int size, CancellationToken cancellation = default)
    {
        var batch = new RowBatch(Schema, size);
        List<InputRead> reads = [];
        for (var file = from.File; file < files.Count; file++)
        {
            OpenedInput? input = null;
            try
            {
                for (var isEnded = false; !isEnded;)
                {
                    cancellation.ThrowIfCancellationRequested();
                    isEnded = !TryFill(files[file], file == from.File ? from.Row : 0, ref input, batch, size);
                    if (isEnded && input?.Content is { } content && TryComplete(content, cancellation) is { } hash)
                        reads.Add(new(file, content.Hashed, hash));
                    if (batch.Count + batch.Bad.Count < size)
                        continue;
                    if (!isEnded && input!.Content is { } reading)
                        reads.Add(new(file, reading.Hashed, reading.HashSoFar));
                    yield return new ReadBatch(batch, isEnded ? new(file + 1, 0) : new(file, input!.Reader.Position), reads);
                    (batch, reads) = (new RowBatch(Schema, size), []);
                }
            }
            finally
            {
                input?.Reader.Dispose();
            }
        }

        if (batch.Count + batch.Bad.Count > 0)
            yield return new ReadBatch(batch, new(files.Count, 0), reads);
    }

    public void Dispose()
    {
        _first?.Input.Reader.Dispose();
        _first = null;
    }

    /// <summary>Opens the input if necessary, and reads rows; false at its end, or after a failure, which becomes a bad row.</summary>
    private bool TryFill(string file, long offset, ref OpenedInput? input, RowBatch batch, int size)
    {
        try
        {
            if (input is null)
            {
                // The first bytes of a stream have been consumed.
                if (_failed.TryGetValue(file, out var failure))
                    failure.Throw();
                input = TakeFirst(file) ?? open(file, _request);
                if (offset > 0)
                    input.Reader.Skip(offset);
            }

            return input.Reader.Fill(batch, size);
        }
        catch (Exception exception) when (IsOfFile(exception))
        {
            batch.Bad.Add(new BadRow(new RowPlace(file, input?.Reader.Position ?? 0, 0), Explain(file, exception).Message.TrimEnd('.')) { IsFile = true });
            return false;
        }
    }

    /// <summary>The hash of an input; null if the rest of it cannot be read, which has already become a bad row.</summary>
    private static string? TryComplete(HashingStream content, CancellationToken cancellation)
    {
        try
        {
            return content.Complete(cancellation);
        }
        catch (Exception exception) when (IsOfFile(exception))
        {
            return null;
        }
    }

    private OpenedInput? TakeFirst(string file)
    {
        if (_first is not { } first || first.File != file)
            return null;
        _first = null;
        return first.Input;
    }

    private DataViewSchema FindSchema()
    {
        InvalidDataException? first = null;
        foreach (var file in files)
        {
            try
            {
                var input = open(file, _request);
                _first = (file, input);
                var schema = input.Reader.Schema;
                _request = _request with
                {
                    Columns = [.. _request.Columns.Zip(schema, (column, found) => column.Type is null ? column with { Type = found.Type, Annotations = found.Annotations } : column)],
                };
                return schema;
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
        ?? new InvalidDataException($"'{file}' cannot be read: {exception.Message.TrimEnd('.')}.", exception).About(file: file);

    private static bool IsOfFile(Exception exception) => exception is InvalidDataException or IOException or UnauthorizedAccessException;
}
