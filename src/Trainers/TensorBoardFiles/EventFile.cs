using System.Buffers.Binary;
using System.Globalization;
using Google.Protobuf;
using Sconce.Core.Errors;

namespace Sconce.Trainers.TensorBoardFiles;

/// <summary>A file of TensorBoard's events, which grows while others read it: each record is a length, its checksum, an <see cref="Event"/>, and its checksum.</summary>
/// <remarks>Nothing is buffered: what was written is with the operating system, even if this process is killed.</remarks>
internal sealed class EventFile : IDisposable
{
    private const string Version = "brain.Event:2";
    private const string Beginning = "events.out.tfevents";
    /// <summary>The suffix of the names of these files, which distinguishes them from other programs' files.</summary>
    private const string Ending = ".sconce";
    private const string FailureEnding = $".failed{Ending}";

    private readonly string _path;
    private readonly Stream _stream;

    private EventFile(string path, Stream stream) => (_path, _stream) = (path, stream);

    /// <summary>Starts a file in a folder, which is created if it is missing.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="firstStep">
    /// The first step of this file: TensorBoard drops what older files in the folder have from that step on.
    /// </param>
    /// <param name="open">Opens a path for writing; null for a file.</param>
    /// <exception cref="IOException">The file cannot be written; the message names it and the reason.</exception>
    public static EventFile Create(string folder, long firstStep, Func<string, Stream>? open = null)
    {
        var file = Begin(folder, Ending, open ?? Open);
        try
        {
            file.Write(new Event { FileVersion = Version });
            file.Write(new Event { Step = firstStep, SessionLog = new() { Status = SessionLog.Types.SessionStatus.Start } });
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Writes the failure of a training to a separate file, which <see cref="DeleteFailures"/> can delete: TensorBoard keeps the first end
    /// of a run that it reads.
    /// </summary>
    /// <exception cref="IOException">The file cannot be written; the message names it and the reason.</exception>
    public static void WriteFailure(string folder, Summary end)
    {
        using var file = Begin(folder, FailureEnding, Open);
        file.Write(new Event { FileVersion = Version });
        file.Write(0, end);
    }

    /// <summary>Checks that no training is writing to a folder.</summary>
    /// <exception cref="IOException">A training is writing to it; the message names its file.</exception>
    public static void RefuseInUse(string folder)
    {
        foreach (var path in Files(folder, Ending))
        {
            try
            {
                // A file that is open elsewhere cannot be opened without sharing. The system closes the files of a killed process.
                using var alone = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None);
            }
            catch (IOException exception) when (File.Exists(path))
            {
                throw new IOException($"Another training is writing TensorBoard files to '{folder}' ('{path}' is in use). Wait until it ends, or choose another {nameof(TrainingOptions.TensorBoard)}.{nameof(TensorBoard.Folder)}.", exception)
                    .About(file: path, property: $"{nameof(TrainingOptions.TensorBoard)}.{nameof(TensorBoard.Folder)}", conflict: OutputConflict.InUse);
            }
        }
    }

    /// <summary>Deletes the files of earlier trainings in a folder. Other programs' files are kept.</summary>
    /// <exception cref="IOException">A file cannot be deleted; the message names it and the reason.</exception>
    public static void DeleteAll(string folder) => Delete(folder, Ending);

    /// <summary>Deletes the records of failures, because the training is resumed.</summary>
    /// <inheritdoc cref="DeleteAll" path="/exception"/>
    public static void DeleteFailures(string folder) => Delete(folder, FailureEnding);

    /// <summary>Adds the values of a step.</summary>
    /// <exception cref="IOException">The file cannot be written; the message names it and the reason.</exception>
    public void Write(long step, Summary summary) => Write(new Event { Step = step, Summary = summary });

    /// <summary>Adds the network's graph.</summary>
    /// <exception cref="IOException">The file cannot be written; the message names it and the reason.</exception>
    public void WriteGraph(GraphDef graph) => Write(new Event { GraphDef = graph.ToByteString() });

    public void Dispose() => _stream.Dispose();

    /// <summary>The time in TensorBoard's unit: seconds since 1970.</summary>
    public static double Now() => (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).TotalSeconds;

    private static EventFile Begin(string folder, string ending, Func<string, Stream> open)
    {
        var path = Path.Combine(folder, $"{Beginning}.…");
        EventFile? file = null;
        Guard(path, () =>
        {
            Directory.CreateDirectory(folder);
            path = NewPath(folder, ending);
            file = new EventFile(path, open(path));
        });
        return file!;
    }

    private static FileStream Open(string path) => new(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);

    private static string[] Files(string folder, string ending) => Directory.Exists(folder) ? Directory.GetFiles(folder, $"{Beginning}.*{ending}") : [];

    private static void Delete(string folder, string ending)
    {
        foreach (var path in Files(folder, ending))
            Guard(path, () => File.Delete(path));
    }

    private void Write(Event happened)
    {
        happened.WallTime = Now();
        var size = happened.CalculateSize();
        var record = new byte[sizeof(ulong) + sizeof(uint) + size + sizeof(uint)];
        var content = record.AsSpan(sizeof(ulong) + sizeof(uint), size);
        happened.WriteTo(content);
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)size);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(sizeof(ulong)), MaskedCrc.Of(record.AsSpan(0, sizeof(ulong))));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(record.Length - sizeof(uint)), MaskedCrc.Of(content));
        Guard(_path, () => _stream.Write(record));
    }

    /// <summary>TensorBoard reads a folder's files in the order of their names, which begin with the second: no two files here share one.</summary>
    private static string NewPath(string folder, string ending)
    {
        for (var second = DateTimeOffset.UtcNow.ToUnixTimeSeconds(); ; second++)
        {
            var start = string.Create(CultureInfo.InvariantCulture, $"{Beginning}.{second:D10}");
            if (Directory.GetFiles(folder, $"{start}.*").Length == 0)
                return Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{start}.{Environment.MachineName}.{Environment.ProcessId}{ending}"));
        }
    }

    private static void Guard(string path, Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"Cannot write the event file '{path}': {exception.Message.TrimEnd('.')}. Choose another folder, make this one writable, or train with {nameof(TrainingOptions.TensorBoard)} null.", exception)
                .About(file: path, property: nameof(TrainingOptions.TensorBoard));
        }
    }
}
