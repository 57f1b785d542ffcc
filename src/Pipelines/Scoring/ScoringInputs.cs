using System.Collections.Concurrent;
using System.Text;
using Sconce.Core.Errors;
using Sconce.Core.Storage;
using Sconce.Files.Images;
using Sconce.Files.Rows;
using Sconce.Files.Text;
using Sconce.Pipelines.Images;
using Sconce.Pipelines.Scoring.Parts;

namespace Sconce.Pipelines.Scoring;

/// <summary>The inputs of scoring: files of rows, or image files for a model that reads them.</summary>
internal sealed class ScoringInputs
{
    private readonly ImageInput? _images;
    private readonly string? _pathColumn;
    private readonly ImageInspection? _inspection;
    private readonly FileScoringOptions _options;
    private readonly RowFormat? _format;
    private readonly HashSet<string> _streams = [];
    private readonly ConcurrentDictionary<string, string> _columnsPassedOver = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, ImageRowReader> _listed = new(StringComparer.Ordinal);

    /// <param name="model">The model.</param>
    /// <param name="inputs">Files, folders and patterns, as the user named them.</param>
    /// <param name="options">How formats and text are read.</param>
    /// <param name="written">The outputs, which are excluded from folders and patterns.</param>
    /// <exception cref="FileNotFoundException">An input does not exist.</exception>
    public ScoringInputs(ModelFile model, IReadOnlyList<string> inputs, FileScoringOptions options, IReadOnlyList<string> written)
    {
        _options = options;
        _format = options.InputFormat is { } name ? RowFormats.Named(name) : null;
        // If a format is given, the inputs are lists of image paths in that format.
        if (model.Images is { } images)
            (_images, _pathColumn, _inspection) = (_format is null ? images : null, images.PathColumnName, new ImageInspection(images));
        if (_images is null && inputs.FirstOrDefault(Directory.Exists) is { } folder && model.Scorers.Count > 0
            && Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).All(ImageListing.IsImage))
        {
            throw new InvalidDataException($"'{folder}' is a folder of images; '{model.Path}' reads files of rows.")
                .About(file: model.Path, needed: ModelKind.Images);
        }

        written = [.. written.Select(RealPath.Of)];
        Names = _images is not null ? inputs : [.. InputFiles.Find(inputs).Where(name => inputs.Contains(name) || !written.Any(path => IsOf(path, name)))];
        if (_images is null)
            _streams = [.. Names.Where(name => name == FileScorer.StandardStream || SpecialFile.Is(name))];
        if (_streams.FirstOrDefault(stream => Names.Count(name => name == stream) > 1) is { } twice)
            throw new ArgumentException($"'{twice}' is named more than once; it can be read only once.", nameof(inputs));
        if (Names.Count == 0)
            throw new FileNotFoundException($"The only files in {string.Join(", ", inputs.Select(input => $"'{input}'"))} are outputs of this run.", inputs[0]);
    }

    /// <summary>The inputs, in order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Whether an input can be read only once, such as standard input and pipes.</summary>
    public bool ComesOnce(string name) => _streams.Contains(name);

    /// <summary>Returns why a row cannot be scored; null if rows are not checked.</summary>
    public Func<RowBatch, int, string?>? Refuse => _inspection is null ? null : (rows, row) => _inspection.Refuse(PathOf(rows, row));

    /// <summary>Warnings about the inputs.</summary>
    public IEnumerable<string> Warnings => (_inspection?.Warnings() ?? []).Concat(PassedOver())
        .Concat(_columnsPassedOver.Select(column => $"'{column.Value}' has a column '{column.Key}', as does the name of its folder; the file's column is used"));

    /// <summary>Opens an input.</summary>
    public OpenedInput Open(string name, RowRequest request)
    {
        if (_images is not null)
            return new(_listed[name] = new ImageRowReader(name, request));
        if (ComesOnce(name))
            return new(OpenStream(name, request));
        HashingStream? content = null;
        var reader = FolderColumns.Open(name, WithText(request), Create, column => _columnsPassedOver.TryAdd(column, name));
        return new(reader, content);

        RowReader Create(RowRequest part) => RowFile.Read(name, content = new HashingStream(RowFile.OpenContent(name)), part, _format);
    }

    /// <summary>Describes the inputs before their rows are read: files by length and time, folders of images by those of their files.</summary>
    /// <param name="request">The requested columns.</param>
    /// <param name="begun">The inputs of the run that is resumed: files that older versions hashed are hashed again.</param>
    public IReadOnlyList<InputFile> Describe(RowRequest request, IReadOnlyList<InputFile>? begun)
    {
        var described = new Dictionary<string, InputFile>(StringComparer.Ordinal);
        foreach (var (name, then) in Names.Zip((begun ?? []).Concat(Enumerable.Repeat<InputFile?>(null, Names.Count))))
        {
            _options.CancellationToken.ThrowIfCancellationRequested();
            if (!described.ContainsKey(name))
                described[name] = Describe(name, request, then?.Hash is not null);
        }

        return [.. Names.Select(name => described[name])];
    }

    private IEnumerable<string> PassedOver()
    {
        var endings = _listed.Values.SelectMany(each => each.PassedOver).GroupBy(each => each.Key, each => each.Value, StringComparer.Ordinal).OrderBy(each => each.Key, StringComparer.Ordinal).ToList();
        if (endings.Count > 0)
            yield return $"Skipped files that are not PNG or JPEG by name: {string.Join(", ", endings.Select(each => $"{each.Sum():N0} of '{each.Key}'"))}.";
    }

    private InputFile Describe(string name, RowRequest request, bool isHashed)
    {
        if (ComesOnce(name))
            return new InputFile(name, 0, "");
        try
        {
            if (_images is null)
            {
                var file = new FileInfo(name);
                return isHashed ? new(name, file.Length, FileHash.Of(name)) : new(name, file.Length) { Modified = file.LastWriteTimeUtc };
            }

            var images = _listed.GetValueOrDefault(name) ?? new ImageRowReader(name, request);
            using var listing = new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', images.Fingerprint())));
            return new InputFile(name, listing.Length, FileHash.Of(listing));
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            // The input becomes a bad file when it is read, or has already failed.
            return new InputFile(name, 0, "unreadable");
        }
    }

    /// <summary>The image file of a row: the row itself, or its value in the column of paths.</summary>
    private string PathOf(RowBatch rows, int row) => _images is not null ? rows.Place(row).File : rows.Columns.First(column => column.Name == _pathColumn).TextOf(row);

    private static bool IsOf(string output, string name) =>
        RealPath.Of(name) is var real && (real == output || real.StartsWith($"{output}.parts{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    private RowRequest WithText(RowRequest request) => request with
    {
        HasHeader = _options.HasHeader,
        Delimiter = _options.Delimiter,
        EscapeCharacter = _options.EscapeCharacter,
        HasDecimalComma = _options.DecimalMarker == ',',
        DateTimeFormat = _options.DateTimeFormat,
    };

    private RowReader OpenStream(string name, RowRequest request)
    {
        var isStandard = name == FileScorer.StandardStream;
        var said = isStandard ? "standard input" : name;
        var content = new TextBytes(new CancellableStream(() => isStandard ? Console.OpenStandardInput() : RowFile.OpenContent(name), _options.CancellationToken), endsAtFailure: false);
        try
        {
            if (FileSignature.IsGzip(content.PeekLine(FileSignature.Length)))
                content = new TextBytes(new CheckedGzipStream(content, said, leaveOpen: false), endsAtFailure: false);
            var start = content.PeekLine(FileSignature.Length);
            var format = _format ?? RowFormats.OfStart(start);
            if (format is null)
                FileSignature.Refuse(said, start, "CSV or JSON Lines");
            format ??= RowFormats.OfText(start);
            return format.IsText ? format.CreateReader(said, content, WithText(request)) : throw new ArgumentException(
                $"The format {format.Name} needs random access and cannot be read from {(isStandard ? "standard input" : $"the pipe '{name}'")}; csv, tsv and jsonl can. Pass the file name instead.");
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }
}
