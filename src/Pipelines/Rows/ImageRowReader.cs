using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Pipelines;

/// <summary>Gives the paths of image files, for models that read such: those of a folder, of a list, or one. The files are not looked into.</summary>
internal sealed class ImageRowReader : RowReader
{
    private readonly List<(string Path, string? Label, string? Unusable)> _images;
    private readonly IReadOnlyList<ColumnRole> _roles;
    private int _current = -1;

    /// <param name="path">A folder, a CSV file of paths, or an image.</param>
    /// <param name="pathColumn">The column of the paths.</param>
    /// <param name="request">What is read: that column, and the label, which is a folder's name or a list's.</param>
    /// <exception cref="InvalidDataException">It is nothing of the kind, or something else is asked for.</exception>
    public ImageRowReader(string path, string pathColumn, RowRequest request)
        : base(path)
    {
        foreach (var column in request.Columns)
        {
            if (column.Role != ColumnRole.Label && column.Name != pathColumn)
                throw FieldBinding.Missing(path, [pathColumn], 1, request, column);
        }

        _roles = [.. request.Columns.Select(column => column.Role)];
        var schema = new DataViewSchema.Builder();
        foreach (var column in request.Columns)
            schema.AddColumn(column.Name, TextDataViewType.Instance);
        Schema = schema.ToSchema();
        var listing = ImageListing.Of(path, labelled: _roles.Contains(ColumnRole.Label));
        _images = [.. listing.Images.Select(image => (image.Path, image.Label, (string?)null)), .. listing.Unusable.Select(image => (image.Path, (string?)null, image.Reason))];
        if (Directory.Exists(path))
            _images.Sort((one, other) => string.CompareOrdinal(one.Path, other.Path));
    }

    public override DataViewSchema Schema { get; }

    public override long? RowCount => _images.Count;

    /// <summary>The listing's paths, lengths and times: what tells whether it is the same again.</summary>
    public IEnumerable<string> Fingerprint() => _images.Select(image =>
    {
        var file = new FileInfo(image.Path);
        return file.Exists ? $"{image.Path} {file.Length} {file.LastWriteTimeUtc.Ticks}" : image.Path;
    });

    public override void Skip(long rows)
    {
        var passed = Math.Min(rows, _images.Count - 1 - _current);
        _current += (int)passed;
        Advance(passed);
    }

    public override void Dispose()
    {
    }

    // An image is known by its path alone, wherever it was listed.
    protected override RowPlace Place => new(_images[_current].Path, 0, 0);

    protected override bool MoveNext() => ++_current < _images.Count;

    protected override string? Read(RowBatch batch, int row)
    {
        var (path, label, unusable) = _images[_current];
        if (unusable is not null)
            return unusable;
        for (var i = 0; i < _roles.Count; i++)
            ((FixedValues<ReadOnlyMemory<char>>)batch.Columns[i]).Row(row)[0] = (_roles[i] == ColumnRole.Label ? label : path).AsMemory();
        return null;
    }
}
