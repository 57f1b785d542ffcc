using System.Collections.Concurrent;
using System.Text;
using Sconce.Core.Storage;
using Sconce.Files.Images;
using Sconce.Files.Rows;
using Sconce.Files.Text;
using Sconce.Pipelines.Images;

namespace Sconce.Pipelines.Scoring;

/// <summary>What a model is to be given: files of rows, or of a model of image files, image files.</summary>
internal sealed class ScoringInputs
{
    /// <summary>To decode many only for a measurement would take long.</summary>
    private const int UsualImages = 64;

    private readonly ImageInput? _images;
    private readonly string? _pathColumn;
    private readonly ImageInspection? _inspection;
    private readonly FileScoringOptions _options;
    private readonly RowFormat? _format;
    private readonly HashSet<string> _streams = [];
    private readonly ConcurrentDictionary<string, string> _columnsPassedOver = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, int>> _passedOver = new(StringComparer.Ordinal);

    /// <param name="model">The model.</param>
    /// <param name="inputs">What a user named.</param>
    /// <param name="options">How text and formats are told.</param>
    /// <param name="written">What is written: files of a folder or a pattern that are no input.</param>
    /// <exception cref="FileNotFoundException">One of them is not there.</exception>
    public ScoringInputs(ModelFile model, IReadOnlyList<string> inputs, FileScoringOptions options, IReadOnlyList<string> written)
    {
        _options = options;
        _format = options.InputFormat is { } name ? RowFormats.Named(name) : null;
        // A list of paths may be of any format: one that is named is read as rows.
        if (model.Images is { } images)
            (_images, _pathColumn, _inspection) = (_format is null ? images : null, images.PathColumnName, new ImageInspection(images));
        if (_images is null && inputs.FirstOrDefault(Directory.Exists) is { } folder && model.Scorers.Count > 0 && Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).All(ImageListing.IsImage))
            throw new InvalidDataException($"'{folder}' is a folder of images; '{model.Path}' reads files of rows. A model of image files, which 'sconce train cnn --images' makes, reads such folders.");
        written = [.. written.Select(RealPath.Of)];
        Names = _images is not null ? inputs : [.. InputFiles.Find(inputs).Where(name => inputs.Contains(name) || !written.Any(path => IsOf(path, name)))];
        if (_images is null)
            _streams = [.. Names.Where(name => name == FileScorer.StandardStream || SpecialFile.Is(name))];
        if (_streams.FirstOrDefault(stream => Names.Count(name => name == stream) > 1) is { } twice)
            throw new ArgumentException($"'{twice}' is named more than once; it can be read once.", nameof(inputs));
        if (Names.Count == 0)
            throw new FileNotFoundException($"There is nothing to read in {string.Join(", ", inputs.Select(input => $"'{input}'"))} but what is written.");
    }

    /// <summary>What is read, in order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Whether one of them can be read once alone: the standard input, and a pipe.</summary>
    public bool ComesOnce(string name) => _streams.Contains(name);

    /// <summary>Says why a row cannot be scored, before it is; null where that is not asked.</summary>
    public Func<RowBatch, int, string?>? Refuse => _inspection is null ? null : (rows, row) => _inspection.Refuse(PathOf(rows, row));

    /// <summary>What a user should know of what was read, and is no error.</summary>
    public IEnumerable<string> Warnings => (_inspection?.Warnings() ?? []).Concat(PassedOver())
        .Concat(_columnsPassedOver.Select(column => $"'{column.Value}' has a column '{column.Key}', and its folder's name has one as well; the file's is read, as in all files that have both"));

    /// <summary>Opens one of them.</summary>
    public RowReader Open(string name, RowRequest request)
    {
        if (_images is not null)
        {
            var images = new ImageRowReader(name, request);
            _passedOver[name] = images.PassedOver;
            return images;
        }

        return ComesOnce(name) ? OpenStream(name, request) : Read(name, request, out _);
    }

    /// <summary>Tells whether they are what they were: of files their content, of image files their names, lengths and times.</summary>
    public IReadOnlyList<HashedFile> Hash(RowRequest request)
    {
        var hashed = new Dictionary<string, HashedFile>(StringComparer.Ordinal);
        foreach (var name in Names)
        {
            _options.CancellationToken.ThrowIfCancellationRequested();
            if (!hashed.ContainsKey(name))
                hashed[name] = Hash(name, request);
        }

        return [.. Names.Select(name => hashed[name])];
    }

    private IEnumerable<string> PassedOver()
    {
        var endings = _passedOver.Values.SelectMany(each => each).GroupBy(each => each.Key, each => each.Value, StringComparer.Ordinal).OrderBy(each => each.Key, StringComparer.Ordinal).ToList();
        if (endings.Count > 0)
            yield return $"Files that are not PNG or JPEG by name were passed over: {string.Join(", ", endings.Select(each => $"{each.Sum():N0} of '{each.Key}'"))}.";
    }

    private HashedFile Hash(string name, RowRequest request)
    {
        if (ComesOnce(name))
            return new HashedFile(name, 0, "");
        try
        {
            if (_images is null)
                return HashedFile.Of(name);
            using var images = new ImageRowReader(name, request);
            using var listing = new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', images.Fingerprint())));
            return new HashedFile(name, listing.Length, FileHash.Of(listing));
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            // It is a bad file when it is read, or has failed already.
            return new HashedFile(name, 0, "unreadable");
        }
    }

    /// <summary>Gives the first rows, and about how many there are in all; null where they come once alone, or there are none.</summary>
    public (RowBatch Rows, double Total)? Sample(RowRequest request, int rows)
    {
        if (_streams.Count > 0)
            return null;
        try
        {
            if (_images is not null)
            {
                using var images = new ImageRowReader(Names[0], request);
                var paths = new RowBatch(images.Schema, Math.Min(rows, UsualImages));
                images.Fill(paths, paths.Capacity);
                return (Decodable(paths), images.RowCount!.Value * Names.Count);
            }

            using var reader = Read(Names[0], request, out var content);
            var sample = new RowBatch(reader.Schema, rows);
            var isWhole = !reader.Fill(sample, rows);
            // Of text the bytes that were read tell, packed or not.
            var inFirst = reader.RowCount ?? (isWhole ? sample.Count : sample.Count * ((double)content.Length / Math.Max(1, content.Position)));
            return (Decodable(sample), inFirst * Names.Sum(name => new FileInfo(name).Length) / Math.Max(1, content.Length));
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            // Whoever reads it for good says what is wrong.
            return null;
        }
    }

    /// <summary>The rows whose image files are no larger than may be decoded, where there are such.</summary>
    private RowBatch Decodable(RowBatch rows)
    {
        if (_inspection is null)
            return rows;
        var usable = new RowBatch(rows.Schema, rows.Capacity);
        foreach (var row in Enumerable.Range(0, rows.Count).Where(row => _inspection.RefuseHeader(PathOf(rows, row)) is null))
            usable.Accept(rows, row);
        return usable;
    }

    /// <summary>The image file of a row: the row itself, or what it has in the column of paths.</summary>
    private string PathOf(RowBatch rows, int row) => _images is not null ? rows.Place(row).File : rows.Columns.First(column => column.Name == _pathColumn).TextOf(row);

    private static bool IsOf(string output, string name) =>
        RealPath.Of(name) is var real && (real == output || real.StartsWith($"{output}.parts{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    private static FileStream OpenFile(string name) => new(name, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16, FileOptions.SequentialScan);

    private RowReader Read(string name, RowRequest request, out FileStream content)
    {
        FileStream? opened = null;
        var reader = FolderColumns.Open(name, WithText(request), Create, column => _columnsPassedOver.TryAdd(column, name));
        content = opened!;
        return reader;

        RowReader Create(RowRequest part)
        {
            opened = OpenFile(name);
            try
            {
                return (_format ?? RowFormats.Of(name, opened)).CreateReader(name, opened, part);
            }
            catch
            {
                opened.Dispose();
                throw;
            }
        }
    }

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
        var content = new TextBytes(new CancellableStream(() => isStandard ? Console.OpenStandardInput() : OpenFile(name), _options.CancellationToken), endsAtFailure: false);
        try
        {
            if (FileSignature.IsGzip(content.PeekLine(FileSignature.Length)))
                content = new TextBytes(new CheckedGzipStream(content, said, leaveOpen: false), endsAtFailure: false);
            var start = content.PeekLine(FileSignature.Length);
            var format = _format ?? RowFormats.OfStart(start);
            if (format is null)
                FileSignature.Refuse(said, start, "CSV or JSON Lines");
            format ??= RowFormats.OfText(start);
            return format.IsText ? format.CreateReader(said, content, WithText(request))
                : throw new ArgumentException($"The format {format.Name} cannot be read from {(isStandard ? "the standard input" : $"the pipe '{name}'")}, as it is read to and fro; csv, tsv and jsonl can. Name the file.");
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }
}
