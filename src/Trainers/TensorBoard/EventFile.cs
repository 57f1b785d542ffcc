using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;

namespace Sconce.Trainers;

/// <summary>A file of TensorBoard's events, which grows while others read it: each record is its length, a checksum of that, an Event message, and a checksum of this.</summary>
internal sealed class EventFile : IDisposable
{
    private const string Version = "brain.Event:2";
    private const int SessionStarted = 1;
    private static readonly TimeSpan _longestUnwritten = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly FileStream _stream;
    private readonly Stopwatch _sinceFlush = Stopwatch.StartNew();

    private EventFile(string path, FileStream stream)
    {
        _path = path;
        _stream = stream;
    }

    /// <summary>Begins a file in a folder, which is made where it is missing.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="firstStep">The first step that the file may tell of: what older files in the folder tell of that step and later ones no longer counts.</param>
    /// <exception cref="IOException">The file cannot be written; the message names it and the reason.</exception>
    public static EventFile Create(string folder, long firstStep)
    {
        var path = Path.Combine(folder, "events.out.tfevents.…");
        var file = Guard(path, () =>
        {
            Directory.CreateDirectory(folder);
            path = NewPath(folder);
            return new EventFile(path, new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 1 << 16));
        });
        file.Write(0, new ProtoMessage().Text(3, Version));
        file.Write(firstStep, new ProtoMessage().Message(7, new ProtoMessage().Integer(1, SessionStarted)));
        return file;
    }

    /// <summary>Adds what happened at a step: a value for each tag.</summary>
    /// <exception cref="IOException">The file cannot be written; the message names it and the reason.</exception>
    public void Write(long step, SummaryMessage summary) => Write(step, new ProtoMessage().Message(5, summary.Message));

    /// <summary>Adds the network's graph, a GraphDef.</summary>
    /// <exception cref="IOException">The file cannot be written; the message names it and the reason.</exception>
    public void WriteGraph(ProtoMessage graph) => Write(0, new ProtoMessage().Message(4, graph));

    /// <summary>Hands what was written to the system, for readers to see.</summary>
    /// <exception cref="IOException">The file cannot be written; the message names it and the reason.</exception>
    public void Flush()
    {
        Guard(_path, () =>
        {
            _stream.Flush();
            return true;
        });
        _sinceFlush.Restart();
    }

    public void Dispose() => _stream.Dispose();

    /// <param name="step">The step.</param>
    /// <param name="what">The one field that says what happened.</param>
    private void Write(long step, ProtoMessage what)
    {
        var seconds = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).TotalSeconds;
        byte[] content = [.. new ProtoMessage().Double(1, seconds).Integer(2, step).Content.Span, .. what.Content.Span];
        var record = new byte[sizeof(ulong) + sizeof(uint) + content.Length + sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(sizeof(ulong)), MaskedCrc.Of(record.AsSpan(0, sizeof(ulong))));
        content.CopyTo(record.AsSpan(sizeof(ulong) + sizeof(uint)));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(record.Length - sizeof(uint)), MaskedCrc.Of(content));
        Guard(_path, () =>
        {
            _stream.Write(record);
            return true;
        });
        if (_sinceFlush.Elapsed > _longestUnwritten)
            Flush();
    }

    /// <summary>TensorBoard takes a folder's files in the order of their names, which begin with the second: no two files here share one.</summary>
    private static string NewPath(string folder)
    {
        for (var second = DateTimeOffset.UtcNow.ToUnixTimeSeconds(); ; second++)
        {
            var start = string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{second:D10}");
            if (Directory.GetFiles(folder, $"{start}.*").Length == 0)
                return Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{start}.{Environment.MachineName}.{Environment.ProcessId}"));
        }
    }

    private static T Guard<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"Cannot write the event file '{path}': {exception.Message.TrimEnd('.')}. Choose another folder, make this one writable, or train with {nameof(TrainingOptions.TensorBoard)} null.", exception);
        }
    }
}
