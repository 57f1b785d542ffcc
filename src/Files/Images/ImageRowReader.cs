using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Files.Rows;

namespace Sconce.Files.Images;

/// <summary>
/// Reads the paths of image files and their classes from a folder or a list. Files that cannot be images become bad rows, before all
/// others.
/// </summary>
/// <remarks>Images are not opened: they are decoded when they are scored, which takes as long as the scoring itself.</remarks>
internal sealed class ImageRowReader : RowReader
{
    private const string PathName = nameof(ImagePathRow.ImagePath), LabelName = nameof(LabeledImageRow.Label);

    private static readonly string[] _pathColumns = ["path", PathName];

    private readonly ImageListing _listing;
    private readonly IReadOnlyList<bool> _areLabels;

    /// <param name="path">A folder, an image, or a CSV file that lists images.</param>
    /// <param name="request">A column of text for the paths, and the label or the paths again.</param>
    /// <exception cref="FileNotFoundException">The path does not exist.</exception>
    /// <exception cref="InvalidDataException">The path is something else, or does not have the requested columns.</exception>
    public ImageRowReader(string path, RowRequest request)
        : base(path)
    {
        _listing = List(path, request.IsByName || request.Columns.Any(column => column.Role == ColumnRole.Label));
        var columns = request.Columns.Count > 0 ? request.Columns
            : [new(PathName, TextDataViewType.Instance), .. request.IsByName && HasLabels ? (RequestedColumn[])[new(LabelName, TextDataViewType.Instance)] : []];
        if (request.IsByName)
            CheckNames(columns, request);
        else
            CheckRoles(columns, request);
        _areLabels = [.. columns.Select(column => request.IsByName ? column.FieldName == LabelName : column.Role == ColumnRole.Label)];
        if (Count == 0)
        {
            throw new InvalidDataException($"'{path}' has no images; PNG or JPEG files are expected{(_listing.PassedOver.Count > 0 ? $", but it has {string.Join(", ", _listing.PassedOver.Select(entry => $"{entry.Value:N0} of '{entry.Key}'"))}" : "")}.")
                .About(file: path);
        }

        Schema = RequestedColumn.SchemaOf(columns.Select(column => new RequestedColumn(column.Name, null)));
    }

    public override DataViewSchema Schema { get; }

    public override long? RowCount => Count;

    /// <summary>The number of files with extensions other than those of images, by extension.</summary>
    public IReadOnlyDictionary<string, int> PassedOver => _listing.PassedOver;

    /// <summary>The path of the image.</summary>
    protected override RowPlace Place => new(Current is { } image ? image.Path : Unusable.Path, 0, 0);

    private bool HasLabels => _listing.Images.Exists(image => image.Label is not null);

    private int Count => _listing.Unusable.Count + _listing.Images.Count;

    private int Index => (int)(Position - 1) - _listing.Unusable.Count;

    private ImageFile? Current => Index >= 0 ? _listing.Images[Index] : null;

    private UnusableImage Unusable => _listing.Unusable[(int)(Position - 1)];

    /// <summary>The images' paths, lengths and times, which identify them when a run is resumed.</summary>
    public IEnumerable<string> Fingerprint() => _listing.Images.Select(image => image.Path).Concat(_listing.Unusable.Select(image => image.Path)).Select(path =>
    {
        var file = new FileInfo(path);
        return file.Exists ? $"{path} {file.Length} {file.LastWriteTimeUtc.Ticks}" : path;
    });

    public override void Skip(long rows) => Advance(Math.Min(rows, Count - Position));

    public override void Dispose()
    {
    }

    protected override bool MoveNext() => Position < Count;

    protected override string? Read(RowBatch batch, int row)
    {
        if (Current is not { } image)
            return $"it {Unusable.Reason}";
        for (var i = 0; i < _areLabels.Count; i++)
            ((FixedValues<ReadOnlyMemory<char>>)batch.Columns[i]).Row(row)[0] = (_areLabels[i] ? image.Label : image.Path).AsMemory();
        return null;
    }

    /// <summary>Checks that one column of text is read for the paths, and that nothing else is kept.</summary>
    private void CheckRoles(IReadOnlyList<RequestedColumn> columns, RowRequest request)
    {
        var features = columns.Where(column => column.Role == ColumnRole.Feature).ToList();
        if (features is not [{ Type: TextDataViewType } feature])
            throw Invalid($"'{Path}' has the paths of images, a single text column, but {request.Reader} reads {string.Join(", ", features.Select(column => $"'{column.Name}' ({column.Type})"))}.");
        var kept = columns.FirstOrDefault(column => column.Role == ColumnRole.Kept && column.Name != feature.Name && !_pathColumns.Contains(column.Name, StringComparer.OrdinalIgnoreCase));
        if (kept is not null)
            throw Invalid($"'{Path}' has images, of which only the paths ('{feature.Name}') can be kept; there is no column '{kept.Name}'.", kept.Name);
    }

    private void CheckNames(IReadOnlyList<RequestedColumn> columns, RowRequest request)
    {
        IReadOnlyList<string> names = HasLabels ? [PathName, LabelName] : [PathName];
        if (columns.FirstOrDefault(column => !names.Contains(column.FieldName, StringComparer.Ordinal)) is { } missing)
            throw FieldBinding.Missing(Path, names, names.Count, request, missing, byPlace: false);
        if (columns.FirstOrDefault(column => column.Type is not (null or TextDataViewType)) is { } other)
            throw Invalid($"'{Path}' is a folder or list of images, whose paths and labels are text; {other.Type} is expected for column '{other.Name}'.", other.Name);
    }

    /// <summary>Lists images with their classes, if they have any.</summary>
    private static ImageListing List(string path, bool labeled)
    {
        try
        {
            if (labeled && ImageListing.Of(path, labeled: true) is { Images.Count: > 0 } listing)
                return listing;
        }
        catch (InvalidDataException)
        {
            // A list without labels, or a single image.
        }

        return ImageListing.Of(path, labeled: false);
    }
}
