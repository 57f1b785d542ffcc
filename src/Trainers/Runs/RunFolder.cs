using Sconce.Core.Storage;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Runs;
using Sconce.Trainers.TensorBoardFiles;

namespace Sconce.Trainers;

/// <summary>
/// The folder of one training: <c>run.json</c> (what it is and how it went), <c>metrics.jsonl</c> (its curves),
/// <c>checkpoints</c> (what it can be resumed from), and what callbacks put there.
/// </summary>
/// <remarks>While it is open no other process, and no other training of this one, can open it. The system frees it with the process, however that ends.</remarks>
public sealed class RunFolder : IDisposable
{
    /// <summary>The file that says what the run is: <see cref="RunInfo"/>.</summary>
    public const string InfoFile = "run.json";

    /// <summary>The file of its curves: a <see cref="RunMetric"/> a line.</summary>
    public const string MetricsFile = "metrics.jsonl";

    /// <summary>The folder of its checkpoints.</summary>
    public const string CheckpointsName = "checkpoints";

    /// <summary>The file of what the trained network came to on data that it has not seen, written by who measures it.</summary>
    public const string EvaluationFile = "evaluation.json";

    /// <summary>What TensorBoard's files are called.</summary>
    public const string EventFiles = "events.out.tfevents.*";

    private const string LockFile = "run.lock";

    private readonly FileStream _lock;

    private RunFolder(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>The run's name: that of the folder.</summary>
    public string Name => NameOf(Path);

    /// <summary>Opens a folder, which is made where it is missing, for one training.</summary>
    /// <exception cref="IOException">A training is writing there, or the folder cannot be written; the message names it and the remedy.</exception>
    public static RunFolder Open(string path)
    {
        CheckPlaces(path);
        var file = System.IO.Path.Combine(path, LockFile);
        try
        {
            Directory.CreateDirectory(path);
            return new RunFolder(path, new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw exception is IOException && File.Exists(file)
                ? new IOException($"The run folder '{path}' is in use by another training. Wait until it is over, or choose another folder.", exception)
                : new IOException($"Cannot write the run folder '{path}': {exception.Message.TrimEnd('.')}. Choose another folder, or make this one writable.", exception);
        }
    }

    /// <summary>Reads what a training left in a folder, or has written so far.</summary>
    /// <exception cref="IOException">There is no such run, or its files cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file is not what a training writes; the message names it.</exception>
    public static Run Read(string path)
    {
        var info = ReadInfo(path) ?? throw new FileNotFoundException($"'{path}' is no run folder: it has no '{InfoFile}'. A training with a run folder ('sconce train ... --run NAME') makes one.");
        var metrics = System.IO.Path.Combine(path, MetricsFile);
        return new Run(path, info, File.Exists(metrics) ? RunJson.ReadLines(ReadShared(metrics), metrics) : []);
    }

    /// <summary>Gives the path of a file or folder in it.</summary>
    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Lets go of the folder.</summary>
    public void Dispose() => _lock.Dispose();

    /// <summary>What <c>run.json</c> says; null where there is none.</summary>
    internal static RunInfo? ReadInfo(string path)
    {
        var file = System.IO.Path.Combine(path, InfoFile);
        return File.Exists(file) ? RunJson.ReadInfo(File.ReadAllBytes(file), file) : null;
    }

    internal void Write(RunInfo info) => AtomicFile.Write(PathOf(InfoFile), stream => stream.Write(RunJson.Write(info)));

    /// <summary>Takes away what an earlier run left, by the names that runs give: whatever else somebody keeps there stays.</summary>
    internal void Clear()
    {
        // First: what is left of checkpoints without the rest would look like a training that was not finished.
        CheckpointFiles.Clear();
        var folder = new DirectoryInfo(Path);
        foreach (var pattern in (string[])[InfoFile, MetricsFile, EvaluationFile, EventFiles, CodeProjector.ConfigurationFile])
        {
            foreach (var file in folder.EnumerateFiles(pattern))
                file.Delete();
        }
    }

    /// <summary>Finds what a training is to be resumed from; null for one that begins.</summary>
    /// <exception cref="IOException">There is a training that did not finish, for whatever reason, and is not to be resumed.</exception>
    /// <exception cref="InvalidDataException">There are checkpoints, and none of them is whole; or the newest is of another version.</exception>
    internal Checkpoint? FindCheckpoint(bool resume, Action<string> warn)
    {
        if (resume)
            return CheckpointFiles.ReadNewest(warn);
        RefuseUnfinished(this);
        TellOfReplacement(warn);
        return null;
    }

    /// <summary>Says that an earlier run is about to be replaced, where there is one.</summary>
    internal void TellOfReplacement(Action<string> warn)
    {
        if (File.Exists(PathOf(InfoFile)))
            warn($"The run folder '{Path}' has an earlier training, whose record and checkpoints this one replaces. Choose another folder to keep both.");
    }

    /// <summary>Refuses to begin anew where there is something to be resumed from.</summary>
    /// <param name="whole">The folder of the run that this is, or is a part of: a part may be finished while the run is not.</param>
    /// <exception cref="IOException">There is.</exception>
    internal void RefuseUnfinished(RunFolder whole)
    {
        if (CheckpointFiles.Files is [var newest, ..] && !IsFinished(whole.Path))
            throw new IOException($"The run folder '{whole.Path}' has a training that is not finished ('{System.IO.Path.GetRelativePath(whole.Path, newest)}'). Resume it, choose another folder, or delete this one.");
    }

    /// <exception cref="InvalidDataException">The checkpoint is another training's; the message says in what they differ.</exception>
    internal Checkpointer CreateCheckpointer(Checkpoints? options, TrainingFingerprint fingerprint, Checkpoint? resumed, TorchSharp.torch.Generator random, MLNetEnvironment environment)
    {
        if (resumed?.Header.Fingerprint is { } written)
        {
            if (fingerprint.DifferenceFrom(written) is { } difference)
            {
                var remedy = IsFinished(Path)
                    ? $"It is finished; to train its model further, give that model as {nameof(TrainingOptions.PreviousModel)}, and begin in another folder."
                    : "Resume it with what it was begun with, or begin a new one in another folder.";
                throw new InvalidDataException($"The training in '{Path}' cannot be resumed by this one: {difference}. {remedy}");
            }

            if (fingerprint.MachineDifferenceFrom(written) is { } machine)
                environment.Warn($"The training in '{Path}' is resumed on a machine that is not as it was ({machine}): the last bits of the weights may be others than without the interruption.");
        }

        if (resumed is not null)
            CheckpointFiles.DeleteNewerThan(resumed);
        return new Checkpointer(CheckpointFiles, options, fingerprint, resumed, random, environment);
    }

    /// <summary>Whether the record says so; a damaged one says nothing.</summary>
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

    /// <summary>Finds links, pipes and folders in the places of what a training writes, before it begins.</summary>
    private static void CheckPlaces(string path)
    {
        if (RealPath.TargetOf(path) is { } target && !Directory.Exists(target))
            throw new IOException($"The run folder '{path}' is a link to '{target}', which is no folder. Choose another folder, or make that one.");
        foreach (var name in (string[])[LockFile, InfoFile, MetricsFile, EvaluationFile])
        {
            var file = System.IO.Path.Combine(path, name);
            if (Directory.Exists(file))
                throw new IOException($"Cannot write the run folder '{path}': '{name}' in it is a folder. Choose another folder, or remove it.");
            SpecialFile.Refuse(file);
        }

        var checkpoints = System.IO.Path.Combine(path, CheckpointsName);
        if (!Directory.Exists(checkpoints) && (File.Exists(checkpoints) || RealPath.TargetOf(checkpoints) is not null))
            throw new IOException($"Cannot write the run folder '{path}': '{CheckpointsName}' in it is no folder. Choose another folder, or remove it.");
    }

    private CheckpointFolder CheckpointFiles => new(PathOf(CheckpointsName));

    private static string NameOf(string path) => new DirectoryInfo(path).Name;

    /// <summary>Reads a file to which a training may be writing.</summary>
    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var content = new MemoryStream();
        file.CopyTo(content);
        return content.ToArray();
    }
}

/// <summary>What a run folder says of its training.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Info">What the run is, and how it went.</param>
/// <param name="Metrics">Its curves, in the order in which they were written.</param>
public sealed record Run(string Path, RunInfo Info, IReadOnlyList<RunMetric> Metrics)
{
    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
