using System.Text.Json.Nodes;
using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Core.Storage;
using Sconce.Files.Rows;

namespace Sconce.Pipelines.Scoring.Parts;

/// <summary>
/// The folder <c>scores.csv.parts</c>, in which <c>scores.csv</c> is prepared: <c>manifest.jsonl</c>, and for each finished part
/// <c>part-00000.csv</c> and, if it has bad rows, <c>bad-00000.csv</c>.
/// </summary>
/// <remarks>
/// A part is finished if and only if its line in the manifest is whole: its files were on the disk before. The folder is locked by one
/// run at a time; the system releases the lock when the process ends in any way.
/// </remarks>
internal sealed class PartsFolder : IDisposable
{
    private const string LockFile = "run.lock";

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
        WrittenPaths.RequireNoLinks(FullName, output, name => name is ScoringManifest.FileName or LockFile or ReplacementMark.FileName || Array.Exists(_ours, start => name.StartsWith(start, StringComparison.Ordinal)));
        _mark = new ReplacementMark(PathOf(ReplacementMark.FileName));
        _lock = Lock();
    }

    /// <summary>The output file, as named in messages.</summary>
    public string Output { get; }

    public PartedOutputOptions Options { get; }

    public string FullName { get; }

    /// <summary>
    /// Before <see cref="Begin"/>, the run to resume, as it was started; afterwards, the current run. Null if there is none.
    /// </summary>
    public ScoringRun? Run { get; private set; }

    public IReadOnlyList<ScoringPart> Parts => _parts;

    /// <summary>The position where reading continues after the finished parts.</summary>
    public InputPosition Next => _parts is [.., var last] ? last.End : default;

    /// <summary>Whether there is nothing to do, because the run to resume has a complete output.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Whether an existing output and quarantine are replaced.</summary>
    public bool Replaces => Options.Force || (Options.Resume && _mark.IsThere);

    /// <summary>Locks an output, and finds the run to resume. No files are changed.</summary>
    /// <param name="output">The file; missing folders are created.</param>
    /// <param name="options">Whether to resume, and to replace.</param>
    /// <exception cref="IOException">
    /// The output or its quarantine exists and may not be replaced, an interrupted run is neither resumed nor replaced, another process
    /// writes one of them, or a path cannot be written.
    /// </exception>
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

    /// <summary>Begins the run, or resumes it.</summary>
    /// <param name="run">The run. To resume <see cref="Run"/>, it has to have the same batch size, engine and so on.</param>
    /// <param name="schema">The columns that are written.</param>
    /// <param name="evaluate">Returns <see cref="ScoringPart.Evaluation"/> whenever a part ends.</param>
    /// <exception cref="InvalidDataException">The run differs from the one to resume; the message names the difference.</exception>
    /// <exception cref="ArgumentException">The format does not hold the columns, or a path is given twice.</exception>
    /// <exception cref="IOException">The folder cannot be written, or <see cref="IsFinished"/>.</exception>
    public PartedOutput Begin(ScoringRun run, DataViewSchema schema, Func<JsonNode?>? evaluate = null)
    {
        if (IsFinished)
            throw new IOException($"'{Output}' is complete; there is nothing to resume.").About(file: Output, conflict: OutputConflict.NothingToResume);
        var format = RowFormats.Named(run.Format) ?? throw new ArgumentException($"The format '{run.Format}' is unknown; use one of {string.Join(", ", RowFormats.All.Select(each => each.Name))}.");
        WrittenPaths.Check(run.Model.Path, [.. run.Inputs.Select(input => input.Path)], Output, Options.Quarantine);
        if (Run is { } begun && run.DifferenceFrom(begun, _parts) is { } difference)
        {
            throw new InvalidDataException($"'{Output}' cannot be resumed: {difference}. Resume it with the same model, inputs and options, or replace it.")
                .About(file: Output, conflict: OutputConflict.Different);
        }

        // Columns that cannot be written are detected before any file is created.
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

    public string PathOf(int part, RowFormat format) => PathOf($"part-{part:D5}{format.Endings[0]}");

    public string BadPathOf(int part) => PathOf($"bad-{part:D5}.csv");

    public string PathOf(string name) => Path.Combine(FullName, name);

    /// <summary>Records a part, whose files are on the disk. It is then finished.</summary>
    public void Add(ScoringPart part)
    {
        Append(part);
        _parts.Add(part);
    }

    /// <summary>Deletes the files of unfinished parts; other files are kept.</summary>
    public void DeleteOthers()
    {
        var format = Run is null ? null : RowFormats.Named(Run.Format);
        var kept = _parts.SelectMany(part => (string[])[PathOf(part.Number, format!), .. part.HasBad ? [BadPathOf(part.Number)] : Array.Empty<string>()]).ToHashSet(StringComparer.Ordinal);
        foreach (var file in _ours.SelectMany(start => Directory.EnumerateFiles(FullName, $"{start}*")).Where(file => !kept.Contains(file)).ToList())
            Options.Files.Delete(file);
    }

    /// <summary>Deletes all files of the run, whose output is complete or no longer wanted.</summary>
    public void Clear()
    {
        // Before the run: a process that is killed meanwhile leaves no complete output that would be written again.
        _mark.Delete();
        DeleteRun();
    }

    /// <summary>The exception for an output that cannot be written.</summary>
    public IOException Explain(Exception exception) => new IOException(
        $"Cannot write '{Output}': {exception.Message.TrimEnd('.')}. " + (_parts is []
            ? "No rows were kept. Make the path writable, free space on its disk, or choose another path."
            : $"The {ScoringTotals.Of(_parts).Read:N0} rows before are kept in '{Path.GetFileName(FullName)}'; the run can be resumed once this is fixed."), exception)
        .About(file: Output, conflict: _parts is [] ? ErrorFacts.Of(exception).Conflict : OutputConflict.Interrupted);

    /// <summary>Releases the output. A run without a finished part leaves nothing.</summary>
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

    /// <summary>Deletes the manifest first, so that the remains of a process that is killed meanwhile are not mistaken for a run.</summary>
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
            Options.Warn($"Cannot delete '{FullName}': {exception.Message.TrimEnd('.')}. It is no longer needed; delete it by hand.");
        }
    }

    private FileStream Lock()
    {
        try
        {
            if (Directory.Exists(Output))
                throw new IOException("it is a folder");
            Directory.CreateDirectory(FullName);
            if (FileLock.TryHold(PathOf(LockFile)) is { } held)
                return held;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            DeleteIfEmpty();
            throw Explain(exception);
        }

        throw new IOException($"Another process is writing '{Output}'. Wait until it has finished, or choose another output.")
            .About(file: Output, conflict: OutputConflict.InUse);
    }

    private void DeleteIfEmpty() => FileOperations.Try(() => Directory.Delete(FullName));

    private void Find()
    {
        var path = PathOf(ScoringManifest.FileName);
        var manifest = Options is { Force: true, Resume: false } ? null : ScoringManifest.Read(path);
        if (manifest is not null && Options.Resume)
        {
            Run = manifest.Run;
            _parts.AddRange(WholeOf(manifest));
            _wholeLength = manifest.Ends[_parts.Count];
            return;
        }

        if (manifest?.Parts is { Count: > 0 } parts)
        {
            throw new IOException($"A run that writes '{Output}' was interrupted after {ScoringTotals.Of(parts).Read:N0} rows, which are in '{Path.GetFileName(FullName)}'. Resume it, or allow it to be replaced.")
                .About(file: Output, conflict: OutputConflict.Interrupted);
        }

        if (Replaces)
        {
            if (File.Exists(Output) || File.Exists(Options.Quarantine))
                _mark.Put();
            return;
        }

        if (Options.Resume && File.Exists(Output))
        {
            IsFinished = true;
            // A run may have been killed while it deleted its folder.
            DeleteOthers();
        }
        else if (((string?[])[Output, Options.Quarantine]).FirstOrDefault(File.Exists) is { } existing)
        {
            throw new IOException($"'{existing}' exists. Choose another path, or allow it to be replaced.")
                .About(file: existing, conflict: OutputConflict.Exists);
        }
    }

    /// <summary>The parts before the first whose files have changed since they were written.</summary>
    private List<ScoringPart> WholeOf(ScoringManifest manifest)
    {
        var format = RowFormats.Named(manifest.Run.Format)
            ?? throw new InvalidDataException(
                $"'{PathOf(ScoringManifest.FileName)}' describes a run that writes the format '{manifest.Run.Format}', which this program does not support. Resume it with the program that started it, or replace the run.")
                .About(file: PathOf(ScoringManifest.FileName), conflict: OutputConflict.Different);
        var damage = manifest.Damage;
        var whole = manifest.Parts.TakeWhile(part =>
        {
            damage = DamageOf(PathOf(part.Number, format), part.Hash) ?? (part.BadHash is null ? null : DamageOf(BadPathOf(part.Number), part.BadHash));
            return damage is null;
        }).ToList();
        damage ??= manifest.Damage;
        if (damage is not null)
            Options.Warn($"{damage}; row {ScoringTotals.Of(whole).Read + 1:N0} of '{Output}' and all after it are scored again.");
        return whole;
    }

    private static string? DamageOf(string file, string hash) => !File.Exists(file) ? $"'{file}' is missing"
        : FileHash.Of(file) != hash ? $"'{file}' has changed since it was written"
        : null;

    /// <summary>Adds a line to the manifest and flushes it to the disk; if that fails, the line is removed.</summary>
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
