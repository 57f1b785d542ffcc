using Microsoft.ML;
using Sconce.Core.Storage;
using Sconce.Files.Rows;
using Sconce.Pipelines.Scoring;
using Sconce.Pipelines.Scoring.Parts;

namespace Sconce.Pipelines;

/// <summary>What became of a file in a watched folder.</summary>
/// <param name="Input">Where the file is now.</param>
/// <param name="Summary">What its scoring came to; null where it failed.</param>
/// <param name="Failure">Why it failed; null where it did not.</param>
public sealed record WatchedFile(string Input, ScoringSummary? Summary, string? Failure);

/// <summary>
/// Scores each file that appears in a folder into a file of its own. A file is moved to <c>working/</c> in the folder, is scored there, and is moved to
/// <c>done/</c>, or to <c>failed/</c> with the reason beside it: so that after a restart it is known where each stands.
/// </summary>
/// <remarks>
/// Files should be moved into the folder whole, by a rename. One that is written there is taken once it has not changed for two seconds. Hidden names, those
/// that begin with an underscore (_SUCCESS), and those that end in .tmp or .part, are left alone, and so are pipes, sockets and devices. No file is ever overwritten: a name that is there already gets a number.
/// </remarks>
/// <param name="folder">The folder to watch.</param>
/// <param name="output">The folder of the outputs: for <c>day-1.csv</c> it is <c>day-1.csv</c> or <c>day-1.parquet</c>, by the format.</param>
/// <param name="options">Everything else. The output's format is CSV unless it is named.</param>
public sealed class WatchedFolder(string folder, string output, FileScoringOptions? options = null)
{
    private const string Working = "working";
    private const string Done = "done";
    private const string Failed = "failed";

    /// <summary>Who holds this file, in <see cref="Working"/>, watches the folder.</summary>
    private const string LockFile = ".watched";

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(500);

    /// <summary>What has not changed for so long is whole.</summary>
    private static readonly TimeSpan _still = TimeSpan.FromSeconds(2);

    private readonly FileScoringOptions _options = (options ?? new()) with { OutputFormat = options?.OutputFormat ?? RowFormats.Csv.Name };

    /// <summary>What tells how long ago a file has changed.</summary>
    internal TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Is called when the folder is watched, and nothing is in the way of it.</summary>
    internal Action? Begun { get; init; }

    /// <summary>Scores files until the options' token asks for an end; a file that is being scored is gone on with when the folder is watched again.</summary>
    /// <param name="ml">The context to load the model with.</param>
    /// <param name="model">The model zip.</param>
    /// <param name="scored">Is told of each file that was scored, or failed.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">The model cannot be read.</exception>
    /// <exception cref="ArgumentException">An option makes no sense.</exception>
    /// <exception cref="IOException">Another watches the folder, or an output cannot be written; its input waits in <c>working/</c> then, to be gone on with.</exception>
    public void Run(MLContext ml, string model, Action<WatchedFile>? scored = null)
    {
        _options.Validate();
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder '{folder}' to watch.");
        if (_options.QuarantinePath is not null)
            throw new ArgumentException("Each file of a watched folder has a quarantine of its own, beside its output; leave --quarantine (QuarantinePath) out.");
        if (RealPath.Of(folder) == RealPath.Of(output))
            throw new ArgumentException($"'{output}' is the folder that is watched: outputs would be scored in turn. Choose another for the output.");
        foreach (var place in (string[])[.. ((string[])[Working, Done, Failed]).Select(name => Path.Combine(folder, name)), output])
            MakeFolder(place);
        // Two would take files from each other. It stays when it is let go: to delete a lock is to let two hold it that come at this moment.
        using var held = RunLock.TryHold(Path.Combine(folder, Working, LockFile), stays: true)
            ?? throw new IOException($"Another process is watching '{folder}'. Let that one go on, or end it first.");
        using var file = ModelFile.LoadAny(ml, model);
        // What a restart finds half done is gone on with.
        var run = new FileScoringRun(ml, file, _options with { Resume = true });
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
            // What was begun stays in working/, with the parts that are finished.
        }
    }

    /// <summary>Makes a folder before any file is taken.</summary>
    private static void MakeFolder(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"'{path}' has to be a folder, and {(File.Exists(path) ? "is a file" : $"cannot be made: {exception.Message.TrimEnd('.')}")}. Move it away, or choose another.", exception);
        }
    }

    /// <summary>Moves the next file that is whole to where it is scored.</summary>
    private bool TryTake(Action<WatchedFile>? scored)
    {
        var files = new DirectoryInfo(folder).EnumerateFiles().Where(file => IsReadable(file.FullName) && (Clock.GetUtcNow().UtcDateTime - file.LastWriteTimeUtc).Duration() > _still);
        if (files.OrderBy(file => file.LastWriteTimeUtc).ThenBy(file => file.Name, StringComparer.Ordinal).FirstOrDefault() is not { FullName: var path })
            return false;
        var target = OutputOf(path);
        if (!_options.Force && ((string[])[target, Quarantine.PathFor(target)]).FirstOrDefault(File.Exists) is { } existing)
            scored?.Invoke(Fail(path, $"'{existing}' exists. --force replaces it; or give the file another name."));
        else
            Move(path, Working);
        return true;
    }

    /// <summary>Whether a name is of a whole file, and of nothing that would be waited for; a link to a file that is not there is left alone as well.</summary>
    private static bool IsReadable(string path) => Path.GetFileName(path) is var name && !InputFiles.IsUnfinished(name) && !InputFiles.IsBesideRows(name) && File.Exists(path) && !SpecialFile.Is(path);

    private WatchedFile Score(FileScoringRun run, string path)
    {
        // So that a quarantine names the file where it will be; another may take the name meanwhile, if somebody puts it there.
        var done = FreePath(path, Done);
        try
        {
            // No output was there when the file was taken: one that is there now is its own.
            var summary = run.Score([path], OutputOf(path), done);
            return new(Move(path, Done), summary, null);
        }
        catch (InvalidDataException exception) when (PartsFolder.IsOtherRun(exception))
        {
            // The model or an option is another one since: the file is begun anew.
            Forget(path);
            return Score(run, path);
        }
        catch (Exception exception) when (exception is InvalidDataException or ArgumentException)
        {
            // A file of that name that comes later is another.
            Forget(path);
            return Fail(path, exception.Message.ReplaceLineEndings(" ").Replace(done, path, StringComparison.Ordinal));
        }
    }

    /// <summary>Takes away what is finished of an output.</summary>
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

    /// <summary>Moves a file to a folder in the watched one, and gives where it is then.</summary>
    private string Move(string path, string to)
    {
        var target = FreePath(path, to);
        File.Move(path, target);
        return target;
    }

    /// <summary>A path in a folder of the watched one that no file has: with the file's own name, or with a number after it.</summary>
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
