using System.Text.Json.Nodes;
using Microsoft.ML;
using Sconce.Core.Storage;
using Sconce.Files.Rows;

namespace Sconce.Pipelines.Scoring.Parts;

/// <summary>
/// The folder <c>scores.csv.parts</c>, by way of which <c>scores.csv</c> is written: <c>manifest.jsonl</c>, and for each
/// finished part <c>part-00000.csv</c> and, if rows of it could not be used, <c>bad-00000.csv</c>.
/// </summary>
/// <remarks>
/// A part is finished if and only if its line in the manifest is whole: its files were on the disk before.
/// While the folder is held no other process, and no other run of this one, can hold it; the system frees it with the process, however that ends.
/// </remarks>
internal sealed class PartsFolder : IDisposable
{
    private const string LockFile = "run.lock";

    private const string OtherRun = "sconce.other-run";

    private static readonly string[] _ours = ["part-", "bad-", "joined-"];

    private readonly List<ScoringPart> _parts = [];
    private readonly ReplacementMark _mark;
    private readonly FileStream _lock;
    private FileStream? _quarantineLock;
    private FileStream? _manifest;
    private WholeLines? _lines;
    private long _wholeLength;
    private bool _isBegun;

    private PartsFolder(string output, PartedOutputOptions options)
    {
        (Output, Options) = (output, options);
        FullName = $"{Path.GetFullPath(output)}.parts";
        RequireNoLinks();
        _mark = new ReplacementMark(PathOf(ReplacementMark.FileName));
        _lock = Lock();
    }

    /// <summary>The file that is written, as messages name it.</summary>
    public string Output { get; }

    public PartedOutputOptions Options { get; }

    /// <summary>Where the folder is.</summary>
    public string FullName { get; }

    /// <summary>The run that is gone on with, as it was begun, until <see cref="Begin"/>; then the one that is under way. Null where there is none.</summary>
    public ScoringRun? Run { get; private set; }

    /// <summary>The parts that are finished.</summary>
    public IReadOnlyList<ScoringPart> Parts => _parts;

    /// <summary>Where reading goes on after the parts that are finished.</summary>
    public InputPosition Next => _parts is [.., var last] ? last.End : default;

    /// <summary>Whether there is nothing to do: the run was to be resumed, its output is there, and nothing of it is left.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Whether what is there under the names of the output and its quarantine is to be replaced.</summary>
    public bool Replaces => Options.Force || (Options.Resume && _mark.IsThere);

    /// <summary>Whether an exception says that another run was begun than the one that is to be gone on with.</summary>
    public static bool IsOtherRun(Exception exception) => exception.Data.Contains(OtherRun);

    /// <summary>Takes hold of an output, and finds out what is to be gone on with; nothing is changed by it.</summary>
    /// <param name="output">The file; missing folders before it are made.</param>
    /// <param name="options">Whether to resume, and to replace.</param>
    /// <exception cref="IOException">The output or its quarantine exists and is not to be replaced, a run is interrupted and neither resumed nor begun anew, another process writes one of them, or a path cannot be written.</exception>
    /// <exception cref="InvalidDataException">The run is to be resumed, and its manifest cannot be read.</exception>
    public static PartsFolder Claim(string output, PartedOutputOptions options)
    {
        WrittenPaths.RequireFile(output);
        if (options.Quarantine is not null)
            WrittenPaths.RequireFile(options.Quarantine);
        var folder = new PartsFolder(output, options);
        try
        {
            folder._quarantineLock = options.Quarantine is null ? null : Quarantine.Hold(options.Quarantine);
            folder.Find();
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Begins the run, or goes on with it.</summary>
    /// <param name="run">What the run is: of one that is gone on with, <see cref="Run"/>'s batch size and the like have to be taken.</param>
    /// <param name="schema">The columns that are written.</param>
    /// <param name="evaluate">Gives what <see cref="ScoringPart.Evaluation"/> is to hold, whenever a part ends.</param>
    /// <exception cref="InvalidDataException">It is not the run that is gone on with; the message says in what they differ.</exception>
    /// <exception cref="ArgumentException">The format does not hold the columns, or a path is given twice.</exception>
    /// <exception cref="IOException">The folder cannot be written, or <see cref="IsFinished"/>.</exception>
    public PartedOutput Begin(ScoringRun run, DataViewSchema schema, Func<JsonNode?>? evaluate = null)
    {
        if (IsFinished)
            throw new IOException($"'{Output}' exists and no run that writes it is unfinished: there is nothing to resume. --force scores anew and replaces it.");
        var format = RowFormats.Named(run.Format) ?? throw new ArgumentException($"The format '{run.Format}' is unknown; {string.Join(", ", RowFormats.All.Select(each => each.Name))} can be written.");
        WrittenPaths.Check(run.Model.Path, [.. run.Inputs.Select(input => input.Path)], Output, Options.Quarantine);
        if (Run is { } begun && run.DifferenceFrom(begun) is { } difference)
            throw new InvalidDataException($"'{Output}' cannot be resumed: {difference}. Resume it with what it was begun with, or begin anew with --force alone.") { Data = { [OtherRun] = true } };
        // Columns that cannot be written are refused before anything is.
        using (var probe = new MemoryStream())
            format.CreateWriter(probe, schema).Dispose();
        try
        {
            _manifest = Options.Files.OpenLines(PathOf(ScoringManifest.FileName));
            _lines = new WholeLines(_manifest);
            _isBegun = true;
            _lines.Cut(_wholeLength);
            DeleteOthers();
            if (Run is null)
                Append(run);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Explain(exception);
        }

        Run = run;
        return new PartedOutput(this, format, schema, evaluate);
    }

    /// <summary>The path of a part's file, or of that of its rows that could not be used.</summary>
    public string PathOf(int part, RowFormat format) => PathOf($"part-{part:D5}{format.Endings[0]}");

    /// <inheritdoc cref="PathOf(int, RowFormat)"/>
    public string BadPathOf(int part) => PathOf($"bad-{part:D5}.csv");

    /// <summary>The path of a file in the folder.</summary>
    public string PathOf(string name) => Path.Combine(FullName, name);

    /// <summary>Notes a part, whose files are on the disk: from then on it is finished.</summary>
    public void Add(ScoringPart part)
    {
        Append(part);
        _parts.Add(part);
    }

    /// <summary>Deletes what is in the folder and belongs to no finished part; whatever else somebody keeps there stays.</summary>
    public void DeleteOthers()
    {
        var format = Run is null ? null : RowFormats.Named(Run.Format);
        var kept = _parts.SelectMany(part => (string[])[PathOf(part.Number, format!), .. part.HasBad ? [BadPathOf(part.Number)] : Array.Empty<string>()]).ToHashSet(StringComparer.Ordinal);
        foreach (var file in _ours.SelectMany(start => Directory.EnumerateFiles(FullName, $"{start}*")).Where(file => !kept.Contains(file)).ToList())
            Options.Files.Delete(file);
    }

    /// <summary>Deletes all of the run, as its output is there or wanted no more.</summary>
    public void Clear()
    {
        // Before the run: a process that is killed meanwhile leaves no complete output that is to be written again.
        _mark.Delete();
        DeleteRun();
    }

    /// <summary>What is said when something cannot be written.</summary>
    public IOException Explain(Exception exception) => new(
        $"Cannot write '{Output}': {exception.Message.TrimEnd('.')}. " + (_parts is []
            ? "Nothing of it is left: make the path writable, with room on its disk, or choose another."
            : $"The {ScoringTotals.Of(_parts).Read:N0} rows read before are safe in '{Path.GetFileName(FullName)}': once that is mended, --resume goes on after them."), exception);

    /// <summary>Lets go of the output. A run of which no part is finished leaves nothing.</summary>
    public void Dispose()
    {
        if (_isBegun && _parts is [])
            DeleteRun();
        if (_parts is [])
            _mark.TakeBack();
        _lines?.Dispose();
        _quarantineLock?.Dispose();
        _lock.Dispose();
        DeleteIfEmpty();
    }

    /// <summary>Deletes the manifest first, so that what is left by a process that is killed meanwhile is taken for no run.</summary>
    private void DeleteRun()
    {
        _isBegun = false;
        _parts.Clear();
        try
        {
            _lines?.Dispose();
            Options.Files.Delete(PathOf(ScoringManifest.FileName));
            DeleteOthers();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Options.Warn($"'{FullName}' cannot be deleted: {exception.Message.TrimEnd('.')}. It is of no more use; delete it by hand.");
        }
    }

    /// <summary>Refuses links in the folder's place and under the names of its files: what is written or deleted by way of one is somewhere else.</summary>
    private void RequireNoLinks()
    {
        var folder = new DirectoryInfo(FullName);
        if (folder.LinkTarget is { } elsewhere)
            throw new IOException($"'{FullName}' is a link to '{elsewhere}', and the parts of '{Output}' are written to a folder of that name. Delete the link, or choose another output.");
        if (!folder.Exists)
            return;
        if (folder.EnumerateFileSystemInfos().FirstOrDefault(entry => entry.LinkTarget is not null && IsOurs(entry.Name)) is { } link)
            throw new IOException($"'{link.FullName}' is a link to '{link.LinkTarget}', which no run has made. Delete it, or choose another output.");

        static bool IsOurs(string name) => name is ScoringManifest.FileName or LockFile or ReplacementMark.FileName || Array.Exists(_ours, start => name.StartsWith(start, StringComparison.Ordinal));
    }

    private FileStream Lock()
    {
        try
        {
            if (Directory.Exists(Output))
                throw new IOException("it is a folder");
            Directory.CreateDirectory(FullName);
            if (RunLock.TryHold(PathOf(LockFile)) is { } held)
                return held;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            DeleteIfEmpty();
            throw Explain(exception);
        }

        throw new IOException($"Another process is writing '{Output}'. Wait until it is done, or choose another output.");
    }

    private void DeleteIfEmpty()
    {
        try
        {
            Directory.Delete(FullName);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is not empty, or not there.
        }
    }

    private void Find()
    {
        var path = PathOf(ScoringManifest.FileName);
        var manifest = Options is { Force: true, Resume: false } ? null : ScoringManifest.Read(path);
        if (manifest is not null && Options.Resume)
        {
            Run = manifest.Run;
            _parts.AddRange(WholeOf(manifest));
            _wholeLength = ScoringManifest.LengthWith(path, _parts.Count);
            return;
        }

        if (manifest?.Parts is { Count: > 0 } parts)
            throw new IOException($"'{Output}' has a run that was interrupted after {ScoringTotals.Of(parts).Read:N0} rows ('{Path.GetFileName(FullName)}'). --resume goes on with it, --force begins anew.");
        if (Replaces)
        {
            if (File.Exists(Output) || File.Exists(Options.Quarantine))
                _mark.Put();
            return;
        }

        if (Options.Resume && File.Exists(Output))
        {
            IsFinished = true;
            // A run that was killed while it took its folder away.
            DeleteOthers();
        }
        else if (((string?[])[Output, Options.Quarantine]).FirstOrDefault(File.Exists) is { } existing)
        {
            throw new IOException($"'{existing}' exists. --force replaces it; or choose another path.");
        }
    }

    /// <summary>The parts up to the first whose files are not as they were written.</summary>
    private List<ScoringPart> WholeOf(ScoringManifest manifest)
    {
        var format = RowFormats.Named(manifest.Run.Format)
            ?? throw new InvalidDataException($"'{PathOf(ScoringManifest.FileName)}' is of a run that writes the format '{manifest.Run.Format}', which this program does not know. Resume with the program that began the run, or begin anew with --force.");
        var damage = manifest.Damage;
        var whole = manifest.Parts.TakeWhile(part =>
        {
            damage = DamageOf(PathOf(part.Number, format), part.Hash) ?? (part.BadHash is null ? null : DamageOf(BadPathOf(part.Number), part.BadHash));
            return damage is null;
        }).ToList();
        damage ??= manifest.Damage;
        if (damage is not null)
            Options.Warn($"{damage}: what '{Output}' had from row {ScoringTotals.Of(whole).Read + 1:N0} on is scored again.");
        return whole;
    }

    private static string? DamageOf(string file, string hash) => !File.Exists(file) ? $"'{file}' is missing"
        : FileHash.Of(file) != hash ? $"'{file}' is not as it was written"
        : null;

    /// <summary>Adds a line to the manifest and flushes it to the disk; where that fails, the line is not there.</summary>
    private void Append<T>(T record)
    {
        var length = _lines!.Length;
        try
        {
            _lines.Append(ScoringManifest.LineOf(record));
            _manifest!.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            _lines.Cut(length);
            throw;
        }
    }
}
