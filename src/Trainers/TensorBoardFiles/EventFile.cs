using System.Buffers.Binary;
using System.Globalization;

namespace Sconce.Trainers.TensorBoardFiles;

/// <summary>A file of TensorBoard's events, which grows while others read it: each record is its length, a checksum of that, an Event message, and a checksum of this.</summary>
/// <remarks>Nothing is buffered: what was written is with the system, even if this process is killed.</remarks>
internal sealed class EventFile : IDisposable
{
    private const string Version = "brain.Event:2";
    private const int SessionStarted = 1;
    private const string Beginning = "events.out.tfevents";
    /// <summary>How the names of these files end, by which they are told from those of other programs.</summary>
    private const string Ending = ".sconce";
    private const string FailureEnding = $".failed{Ending}";

    private readonly string _path;
    private readonly Stream _stream;

    private EventFile(string path, Stream stream)
    {
        _path = path;
        _stream = stream;
    }

    /// <summary>Begins a file in a folder, which is made where it is missing.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="firstStep">The first step that the file may tell of: what older files in the folder tell of that step and later ones no longer counts.</param>
    /// <param name="open">Opens a path for writing; null for a file.</param>
    /// <exception cref="IOException">The file cannot be written; the message names it and the reason.</exception>
    public static EventFile Create(string folder, long firstStep, Func<string, Stream>? open = null)
    {
        var file = Begin(folder, Ending, open ?? Open);
        try
        {
            file.Write(0, new ProtoMessage().Text(3, Version));
            file.Write(firstStep, new ProtoMessage().Message(7, new ProtoMessage().Integer(1, SessionStarted)));
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes how a training failed to a file of its own. Of two ends of a run TensorBoard keeps the first that it reads: this one can be taken back, see <see cref="DeleteFailures"/>.</summary>
    /// <exception cref="IOException">The file cannot be written; the message names it and the reason.</exception>
    public static void WriteFailure(string folder, SummaryMessage end)
    {
        using var file = Begin(folder, FailureEnding, Open);
        file.Write(0, new ProtoMessage().Text(3, Version));
        file.Write(0, end);
    }

    /// <summary>Refuses a folder to which a training is writing: what is written there would be taken away from under it.</summary>
    /// <exception cref="IOException">One is; the message names its file.</exception>
    public static void RefuseInUse(string folder)
    {
        foreach (var path in Files(folder, Ending))
        {
            try
            {
                // Nobody can have a file alone that somebody has open. The system closes those of a process that was killed.
                using var alone = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None);
            }
            catch (IOException exception) when (File.Exists(path))
            {
                throw new IOException($"The event file '{path}' is in use: another training is writing to '{folder}'. Wait until it is over, or choose another {nameof(TrainingOptions.TensorBoard)}.{nameof(TensorBoard.Folder)}.", exception);
            }
        }
    }

    /// <summary>Takes away what earlier trainings wrote to a folder. The files of other programs stay.</summary>
    /// <exception cref="IOException">A file cannot be deleted; the message names it and the reason.</exception>
    public static void DeleteAll(string folder) => Delete(folder, Ending);

    /// <summary>Takes back that a training failed, as it goes on after all.</summary>
    /// <inheritdoc cref="DeleteAll" path="/exception"/>
    public static void DeleteFailures(string folder) => Delete(folder, FailureEnding);

    /// <summary>Adds what happened at a step: a value for each tag.</summary>
    /// <exception cref="IOException">The file cannot be written; the message names it and the reason.</exception>
    public void Write(long step, SummaryMessage summary) => Write(step, new ProtoMessage().Message(5, summary.Message));

    /// <summary>Adds the network's graph, a GraphDef.</summary>
    /// <exception cref="IOException">The file cannot be written; the message names it and the reason.</exception>
    public void WriteGraph(ProtoMessage graph) => Write(0, new ProtoMessage().Message(4, graph));

    public void Dispose() => _stream.Dispose();

    private static EventFile Begin(string folder, string ending, Func<string, Stream> open)
    {
        var path = Path.Combine(folder, $"{Beginning}.…");
        return Guard(path, () =>
        {
            Directory.CreateDirectory(folder);
            path = NewPath(folder, ending);
            return new EventFile(path, open(path));
        });
    }

    private static FileStream Open(string path) => new(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);

    private static string[] Files(string folder, string ending) => Directory.Exists(folder) ? Directory.GetFiles(folder, $"{Beginning}.*{ending}") : [];

    private static void Delete(string folder, string ending)
    {
        foreach (var path in Files(folder, ending))
        {
            Guard(path, () =>
            {
                File.Delete(path);
                return true;
            });
        }
    }

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
    }

    /// <summary>TensorBoard takes a folder's files in the order of their names, which begin with the second: no two files here share one.</summary>
    private static string NewPath(string folder, string ending)
    {
        for (var second = DateTimeOffset.UtcNow.ToUnixTimeSeconds(); ; second++)
        {
            var start = string.Create(CultureInfo.InvariantCulture, $"{Beginning}.{second:D10}");
            if (Directory.GetFiles(folder, $"{start}.*").Length == 0)
                return Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{start}.{Environment.MachineName}.{Environment.ProcessId}{ending}"));
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
