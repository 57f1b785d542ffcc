using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Core.Storage;
using Sconce.Files.Rows;
using Sconce.Pipelines.Scoring;
using Sconce.Pipelines.Scoring.Parts;

namespace Sconce.Pipelines;

/// <summary>A file of a watched folder that was scored, or failed.</summary>
/// <param name="Input">The current path of the file.</param>
/// <param name="Summary">The result of its scoring; null if it failed.</param>
/// <param name="Failure">Why it failed; null if it did not.</param>
public sealed record WatchedFile(string Input, ScoringSummary? Summary, string? Failure);

/// <summary>
/// Scores each file that appears in a folder to a separate output file. A file is moved to the subfolder <c>working/</c>, scored there, and
/// moved to <c>done/</c>, or to <c>failed/</c> with the reason beside it, so that a restart resumes where the last one stopped.
/// </summary>
/// <remarks>
/// Files should be complete when they are renamed into the folder. A file that is written there is scored once it has not changed for two
/// seconds. Hidden files, those whose names begin with an underscore (_SUCCESS) or end in .tmp or .part, and pipes, sockets and devices are
/// ignored. No file is overwritten: if a name is taken, a number is added.
/// </remarks>
/// <param name="folder">The folder to watch.</param>
/// <param name="output">The folder of the outputs: for <c>day-1.csv</c> it is <c>day-1.csv</c> or <c>day-1.parquet</c>, by the format.</param>
/// <param name="options">All other options. The default output format is CSV.</param>
public sealed class WatchedFolder(string folder, string output, FileScoringOptions? options = null)
{
    private const string Working = "working";
    private const string Done = "done";
    private const string Failed = "failed";

    /// <summary>The lock file, in <see cref="Working"/>, of the process that watches the folder.</summary>
    private const string LockFile = ".watched";

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(500);

    /// <summary>A file that has not changed for this long is complete.</summary>
    private static readonly TimeSpan _still = TimeSpan.FromSeconds(2);

    private readonly FileScoringOptions _options = (options ?? new()) with { OutputFormat = options?.OutputFormat ?? RowFormats.Csv.Name };

    /// <summary>The clock that the age of files is measured by.</summary>
    internal TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Called once the folder is being watched.</summary>
    internal Action? Begun { get; init; }

    /// <summary>
    /// Scores files until the options' token is canceled. An unfinished file is resumed when the folder is watched again.
    /// </summary>
    /// <param name="ml">The context to load the model with.</param>
    /// <param name="model">The model zip.</param>
    /// <param name="scored">Called for each file that was scored, or failed.</param>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="InvalidDataException">The model cannot be read.</exception>
    /// <exception cref="ArgumentException">An option is invalid.</exception>
    /// <exception cref="IOException">
    /// Another process watches the folder, or an output cannot be written; its input stays in <c>working/</c> and is resumed later.
    /// </exception>
    public void Run(MLContext ml, string model, Action<WatchedFile>? scored = null)
    {
        _options.Validate();
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"The folder '{folder}' does not exist.").About(file: folder);
        if (_options.QuarantinePath is not null)
            throw new ArgumentException("QuarantinePath cannot be set for a watched folder: each output has its own quarantine file beside it.", nameof(FileScoringOptions.QuarantinePath));
        if (RealPath.Of(folder) == RealPath.Of(output))
        {
            throw new ArgumentException($"'{output}' is the watched folder, in which outputs would be scored again. Choose another folder for the output.")
                .About(file: output);
        }

        foreach (var place in (string[])[.. ((string[])[Working, Done, Failed]).Select(name => Path.Combine(folder, name)), output])
            MakeFolder(place);
        // Two processes would take each other's files.
        using var held = FileLock.TryHold(Path.Combine(folder, Working, LockFile), stays: true)
            ?? throw new IOException($"'{folder}' is already being watched by another process. Stop it first.")
                .About(file: folder, conflict: OutputConflict.InUse);
        using var file = ModelFile.LoadAny(ml, model);
        // A restart resumes unfinished files.
        using var run = new FileScoringRun(ml, file, _options with { Resume = true });
        Begun?.Invoke();
        try
        {
            while (!_options.CancellationToken.IsCancellationRequested)
            {
                foreach (var taken in Directory.EnumerateFiles(Path.Combine(folder, Working)).Where(IsReadable).Order(StringComparer.Ordinal).ToList())
                    scored?.Invoke(Score(run, taken));
                if (!TryTake(scored))
                    _options.CancellationToken.WaitHandle.WaitOne(_pause);
            }
        }
        catch (OperationCanceledException) when (_options.CancellationToken.IsCancellationRequested)
        {
            // The current file stays in working/, with its finished parts.
        }
    }

    /// <summary>Creates a folder before any file is taken.</summary>
    private static void MakeFolder(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"'{path}' has to be a folder, but {(File.Exists(path) ? "is a file" : $"cannot be created: {exception.Message.TrimEnd('.')}")}. Move it away, or choose another folder.", exception)
                .About(file: path);
        }
    }

    /// <summary>Moves the next complete file to where it is scored.</summary>
    private bool TryTake(Action<WatchedFile>? scored)
    {
        var files = new DirectoryInfo(folder).EnumerateFiles()
            .Where(file => IsReadable(file.FullName) && (Clock.GetUtcNow().UtcDateTime - file.LastWriteTimeUtc).Duration() > _still);
        if (files.OrderBy(file => file.LastWriteTimeUtc).ThenBy(file => file.Name, StringComparer.Ordinal).FirstOrDefault() is not { FullName: var path })
            return false;
        var target = OutputOf(path);
        if (!_options.Force && ((string[])[target, Quarantine.PathFor(target)]).FirstOrDefault(File.Exists) is { } existing)
            scored?.Invoke(Fail(path, $"'{existing}' exists. Give the file another name, or allow outputs to be replaced."));
        else
            Move(path, Working);
        return true;
    }

    /// <summary>Whether a path is a complete file, not a pipe, which would block, or a dangling link.</summary>
    private static bool IsReadable(string path) =>
        Path.GetFileName(path) is var name && !InputFiles.IsUnfinished(name) && !InputFiles.IsBesideRows(name) && File.Exists(RealPath.Of(path)) && !SpecialFile.Is(path);

    private WatchedFile Score(FileScoringRun run, string path)
    {
        // Passed so that a quarantine file names the file's final path.
        var done = FreePath(path, Done);
        try
        {
            // There was no output when the file was taken, so an existing one belongs to this file.
            var summary = run.Score([path], OutputOf(path), done);
            return new(Move(path, Done), summary, null);
        }
        catch (InvalidDataException exception) when (ErrorFacts.Of(exception).Conflict == OutputConflict.Different)
        {
            // The model or an option has changed since: the file is scored from its beginning.
            Forget(path);
            return Score(run, path);
        }
        catch (Exception exception) when (exception is InvalidDataException or ArgumentException)
        {
            // A later file may have the same name.
            Forget(path);
            return Fail(path, exception.Message.ReplaceLineEndings(" ").Replace(done, path, StringComparison.Ordinal));
        }
    }

    /// <summary>Deletes the finished parts of an output.</summary>
    private void Forget(string path)
    {
        using var parts = PartsFolder.Claim(OutputOf(path), new PartedOutputOptions { Force = true });
        parts.Clear();
    }

    private WatchedFile Fail(string path, string reason)
    {
        var moved = Move(path, Failed);
        // The reason names the file as it was read.
        reason = reason.Replace(path, moved, StringComparison.Ordinal);
        File.WriteAllText($"{moved}.reason.txt", $"{reason}\n");
        return new(moved, null, reason);
    }

    private string OutputOf(string path)
    {
        var name = Path.GetFileName(path);
        var ending = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[^".gz".Length..] : "";
        var stem = Path.GetFileNameWithoutExtension(name[..^ending.Length]);
        return Path.Combine(output, stem + RowFormats.Named(_options.OutputFormat!)!.Endings[0]);
    }

    /// <summary>Moves a file to a subfolder of the watched folder, and returns its new path.</summary>
    private string Move(string path, string to)
    {
        var target = FreePath(path, to);
        File.Move(path, target);
        return target;
    }

    /// <summary>A free path in a subfolder of the watched folder: the file's own name, with a number where it is taken.</summary>
    private string FreePath(string path, string to)
    {
        var (stem, ending) = (Path.GetFileNameWithoutExtension(path), Path.GetExtension(path));
        for (var number = 1; ; number++)
        {
            var target = Path.Combine(folder, to, number == 1 ? $"{stem}{ending}" : $"{stem}-{number}{ending}");
            if (!File.Exists(target))
                return target;
        }
    }
}
