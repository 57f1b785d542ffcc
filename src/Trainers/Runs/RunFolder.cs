using Sconce.Core.Errors;
using Sconce.Core.Storage;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Runs;
using Sconce.Trainers.TensorBoardFiles;

namespace Sconce.Trainers;

/// <summary>
/// The folder of one training: <c>run.json</c> (its description and results), <c>metrics.jsonl</c> (its curves),
/// <c>checkpoints</c> (from which it can be resumed), and the files of callbacks.
/// </summary>
/// <remarks>
/// The folder is locked while it is open, so that no other training can open it. The operating system releases the lock when the process
/// ends in any way.
/// </remarks>
public sealed class RunFolder : IDisposable
{
    /// <summary>The file that describes the run: a <see cref="RunInfo"/>.</summary>
    public const string InfoFile = "run.json";

    /// <summary>The file of the curves: a <see cref="RunMetric"/> per line.</summary>
    public const string MetricsFile = "metrics.jsonl";

    /// <summary>The folder of the checkpoints.</summary>
    public const string CheckpointsName = "checkpoints";

    /// <summary>The file of the metrics on test data, which is written by the program that evaluates the trained model.</summary>
    public const string EvaluationFile = "evaluation.json";

    /// <summary>The file of the importance of columns, which is written by the program that measures it.</summary>
    public const string ImportanceFile = "importance.json";

    /// <summary>The file of the dependence of predictions on columns, likewise.</summary>
    public const string DependenceFile = "dependence.json";

    /// <summary>The pattern of the names of TensorBoard's files.</summary>
    public const string EventFiles = "events.out.tfevents.*";

    private const string LockFile = "run.lock";

    private readonly FileStream _lock;

    private RunFolder(string path, FileStream held) => (Path, _lock) = (path, held);

    /// <summary>The path of the folder.</summary>
    public string Path { get; }

    /// <summary>The run's name: that of the folder.</summary>
    public string Name => NameOf(Path);

    /// <summary>Opens and locks a folder for one training. It is created if it is missing.</summary>
    /// <exception cref="IOException">Another training is writing to the folder, or it cannot be written.</exception>
    public static RunFolder Open(string path)
    {
        CheckPlaces(path);
        FileStream? held;
        try
        {
            Directory.CreateDirectory(path);
            held = FileLock.TryHold(System.IO.Path.Combine(path, LockFile), stays: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, exception.Message.TrimEnd('.'), "make this one writable", exception);
        }

        return held is not null ? new RunFolder(path, held)
            : throw new IOException($"The run folder '{path}' is in use by another training. Wait until it ends, or choose another folder.")
                .About(file: path, property: nameof(TrainingOptions.RunFolder), conflict: OutputConflict.InUse);
    }

    /// <summary>Reads the files of a training, which may still be running.</summary>
    /// <exception cref="IOException">The run does not exist, or its files cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file is not one that a training writes; the message names it.</exception>
    public static Run Read(string path)
    {
        var info = ReadInfo(path) ?? throw new FileNotFoundException($"'{path}' is not a run folder: it has no '{InfoFile}', which a training with {nameof(TrainingOptions.RunFolder)} writes.").About(file: path);
        var metrics = System.IO.Path.Combine(path, MetricsFile);
        return new Run(path, info, File.Exists(metrics) ? RunJson.ReadLines(ReadShared(metrics), metrics) : []);
    }

    /// <summary>The path of a file or folder in it.</summary>
    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Unlocks the folder.</summary>
    public void Dispose() => _lock.Dispose();

    /// <summary>The content of <c>run.json</c>; null if there is none.</summary>
    internal static RunInfo? ReadInfo(string path)
    {
        var file = System.IO.Path.Combine(path, InfoFile);
        return File.Exists(file) ? RunJson.ReadInfo(File.ReadAllBytes(file), file) : null;
    }

    internal void Write(RunInfo info) => AtomicFile.Write(PathOf(InfoFile), stream => stream.Write(RunJson.Write(info)));

    /// <summary>Deletes the files of an earlier run by their names. Other files are kept.</summary>
    internal void Clear()
    {
        // Checkpoints first: without the other files, they would look like an unfinished training.
        CheckpointFiles.Clear();
        var folder = new DirectoryInfo(Path);
        foreach (var pattern in (string[])[InfoFile, MetricsFile, EvaluationFile, ImportanceFile, DependenceFile, EventFiles, CodeProjector.ConfigurationFile])
        {
            foreach (var file in folder.EnumerateFiles(pattern))
                file.Delete();
        }
    }

    /// <summary>Finds the checkpoint to resume from; null for a new training.</summary>
    /// <exception cref="IOException">There is an unfinished training, and the new one is not set to resume it.</exception>
    /// <exception cref="InvalidDataException">All checkpoints are damaged, or the newest is of another version.</exception>
    internal Checkpoint? FindCheckpoint(bool resume, Action<string> warn)
    {
        if (resume)
            return CheckpointFiles.ReadNewest(warn);
        RefuseUnfinished(this);
        TellOfReplacement(warn);
        return null;
    }

    /// <summary>Warns that an earlier run, if there is one, is about to be replaced.</summary>
    internal void TellOfReplacement(Action<string> warn)
    {
        if (File.Exists(PathOf(InfoFile)))
            warn($"The run folder '{Path}' has an earlier training, whose record and checkpoints are replaced. To keep both, choose another folder.");
    }

    /// <summary>Throws if there is an unfinished training to resume.</summary>
    /// <param name="whole">
    /// The folder of the whole run, which may be this folder or contain it: a part may be finished before the run is.
    /// </param>
    /// <exception cref="IOException">There is an unfinished training.</exception>
    internal void RefuseUnfinished(RunFolder whole)
    {
        if (CheckpointFiles.Files is [var newest, ..] && !IsFinished(whole.Path))
            throw new IOException($"The run folder '{whole.Path}' has an unfinished training ('{System.IO.Path.GetRelativePath(whole.Path, newest)}'). Resume it, choose another folder, or delete this one.")
                .About(file: whole.Path, property: nameof(TrainingOptions.Resume), conflict: OutputConflict.Interrupted);
    }

    /// <exception cref="InvalidDataException">The checkpoint belongs to another training; the message says how they differ.</exception>
    internal Checkpointer CreateCheckpointer(Checkpoints? options, TrainingFingerprint fingerprint, Checkpoint? resumed, TorchSharp.torch.Generator random, MLNetEnvironment environment)
    {
        if (resumed?.Header.Fingerprint is { } written)
        {
            if (fingerprint.DifferenceFrom(written, out var property) is { } difference)
            {
                var remedy = IsFinished(Path)
                    ? "The training is finished. To train its model further, start from that model in another folder."
                    : "Resume it with the same options and data, or start a new training in another folder.";
                throw new InvalidDataException($"The training in '{Path}' cannot be resumed by this one: {difference}. {remedy}").About(file: Path, property: property, conflict: OutputConflict.Different);
            }

            if (fingerprint.MachineDifferenceFrom(written) is { } machine)
                environment.Warn($"The training in '{Path}' is resumed on a different machine ({machine}), so the weights may differ in their last bits from those of an uninterrupted training.");
        }

        if (resumed is not null)
            CheckpointFiles.DeleteNewerThan(resumed);
        return new Checkpointer(CheckpointFiles, options, fingerprint, resumed, random, environment);
    }

    /// <summary>Whether the run is finished according to its record; false if the record is damaged.</summary>
    private static bool IsFinished(string path)
    {
        try
        {
            return ReadInfo(path)?.Status is RunStatus.Finished;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>Checks before the training that no link, pipe or folder has the name of a file that it writes.</summary>
    private static void CheckPlaces(string path)
    {
        if (RealPath.TargetOf(path) is { } target && !Directory.Exists(target))
            throw new IOException($"The run folder '{path}' is a link to '{target}', which is not a folder. Choose another folder, or create that one.").About(file: path, property: nameof(TrainingOptions.RunFolder));
        foreach (var name in (string[])[LockFile, InfoFile, MetricsFile, EvaluationFile])
        {
            var file = System.IO.Path.Combine(path, name);
            if (Directory.Exists(file))
                throw Unwritable(path, $"'{name}' in it is a folder", "remove it");
            SpecialFile.Refuse(file);
        }

        var checkpoints = System.IO.Path.Combine(path, CheckpointsName);
        if (!Directory.Exists(checkpoints) && (File.Exists(checkpoints) || RealPath.TargetOf(checkpoints) is not null))
            throw Unwritable(path, $"'{CheckpointsName}' in it is not a folder", "remove it");
    }

    private static IOException Unwritable(string path, string why, string remedy, Exception? cause = null) =>
        new IOException($"Cannot write the run folder '{path}': {why}. Choose another folder, or {remedy}.", cause).About(file: path, property: nameof(TrainingOptions.RunFolder));

    private CheckpointFolder CheckpointFiles => new(PathOf(CheckpointsName));

    private static string NameOf(string path) => new DirectoryInfo(path).Name;

    /// <summary>Reads a file that a training may be writing.</summary>
    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var content = new MemoryStream();
        file.CopyTo(content);
        return content.ToArray();
    }
}

/// <summary>The content of a run folder.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Info">The description of the run.</param>
/// <param name="Metrics">Its curves, in the order in which they were written: loss and metric by step, epoch and validation.</param>
public sealed record Run(string Path, RunInfo Info, IReadOnlyList<RunMetric> Metrics)
{
    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
