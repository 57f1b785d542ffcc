using System.IO.Hashing;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;

namespace Sconce.Files.Rows;

/// <summary>The rows of files as a data view, which can be read any number of times. Memory does not grow with the files.</summary>
internal sealed class LoadedRows : IDataView
{
    private const int ValuesPerBatch = 1 << 16;
    private const int MostBatchRows = 1 << 10;
    private const int ValuesInPool = 1 << 23;
    private const int MostPoolRows = 1 << 16;
    private const int WeighedRows = 256;

    /// <summary>The assumed length of vectors of unknown size.</summary>
    private const int UsualWidth = 64;

    private readonly LoadRowsOptions _options;
    private readonly IReadOnlyList<RowSource> _sources;
    private readonly RowRequest _request;
    private readonly bool _areInferred;
    private readonly bool _isByPlace;
    private readonly long? _rows;
    private readonly Lazy<int> _poolRows;

    /// <param name="paths">Files, folders and patterns.</param>
    /// <param name="options">How they are read.</param>
    /// <exception cref="ArgumentException">An option has a value that is not supported.</exception>
    /// <exception cref="FileNotFoundException">A path matches no file.</exception>
    /// <exception cref="InvalidDataException">A file cannot be read, or lacks a column.</exception>
    public LoadedRows(IReadOnlyList<string> paths, LoadRowsOptions options)
        : this(paths, options, null)
    {
    }

    /// <summary>Opens files for a model; fields without names are found by their positions.</summary>
    /// <inheritdoc cref="LoadedRows(IReadOnlyList{string}, LoadRowsOptions)"/>
    /// <param name="paths">Files, folders and patterns.</param>
    /// <param name="options">How they are read.</param>
    /// <param name="columns">The columns, with their types; null to find them by name.</param>
    /// <param name="reader">The model, for messages.</param>
    public LoadedRows(IReadOnlyList<string> paths, LoadRowsOptions options, IReadOnlyList<RequestedColumn>? columns, string? reader = null)
    {
        options.Validate();
        _options = options;
        _sources = RowSource.Find(paths, options.Format);
        _request = options.ToRequest();
        _isByPlace = columns is not null;
        (_request, _areInferred) = columns is null ? FindColumns() : (_request with { Columns = columns, IsByName = false, Reader = reader ?? _request.Reader }, false);
        Schema = RequestedColumn.SchemaOf(_request.Columns);
        _rows = OpenAll();
        _poolRows = new(FindPoolRows);
    }

    private LoadedRows(LoadedRows rows, RowRequest request)
    {
        (_options, _sources, _request, _areInferred, _isByPlace, _rows) = (rows._options, rows._sources, request, rows._areInferred, rows._isByPlace, rows._rows);
        Schema = rows.Schema;
        _poolRows = new(FindPoolRows);
    }

    public DataViewSchema Schema { get; }

    /// <summary>The same rows; a row with NaN, infinity or a missing value in one of these floating-point columns is a bad row.</summary>
    public LoadedRows RequireFinite(IReadOnlyCollection<string> columns) => new(this, _request with
    {
        Columns = [.. _request.Columns.Select(column => columns.Contains(column.Name) && (column.ItemType == NumberDataViewType.Single || column.ItemType == NumberDataViewType.Double)
            ? column with { IsFinite = true }
            : column)],
    });

    public bool CanShuffle => true;

    public long? GetRowCount() => _rows;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var active = RowBatchCursor.Check(Schema, columnsNeeded);
        var read = active.Select(column => column.Index).Distinct().Order().ToList();
        // All passes must skip the same bad rows, and positions depend on all columns. Text rows cannot be counted without a column.
        if (_options.OnError == RowErrors.Skip || _isByPlace)
            read = [.. Enumerable.Range(0, Schema.Count)];
        else if (read.Count == 0)
            read = [0];
        var request = _request with { Columns = [.. read.Select(column => _request.Columns[column])] };
        var places = new int[Schema.Count];
        foreach (var (place, column) in read.Index())
            places[column] = place;
        var batchRows = Math.Clamp(ValuesPerBatch / WidthOf(request.Columns), 1, MostBatchRows);
        IBatchSource source = new FileBatches(_sources, request, batchRows, rand, _options.OnError == RowErrors.Fail ? bad => Refuse(bad, _areInferred) : null, _options.CancellationToken);
        if (rand is not null)
            source = new ShuffledBatches(source, rand, _poolRows.Value, batchRows);
        return new RowBatchCursor(Schema, active, source, places, IdOf());
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private static int WidthOf(IEnumerable<RequestedColumn> columns) =>
        Math.Max(1, columns.Sum(column => column.Type is VectorDataViewType vector ? Math.Max(vector.Size, vector.IsKnownSize ? 1 : UsualWidth) : 1));

    /// <summary>Row IDs by file and row, which do not depend on the order.</summary>
    private static Func<RowPlace, DataViewRowId> IdOf()
    {
        var (file, hash) = ("", 0UL);
        return place =>
        {
            if (!ReferenceEquals(file, place.File))
                (file, hash) = (place.File, XxHash64.HashToUInt64(MemoryMarshal.AsBytes(place.File.AsSpan())));
            return new DataViewRowId((ulong)place.Row, hash);
        };
    }

    /// <summary>Finds the columns in the first file that has any.</summary>
    private (RowRequest Request, bool AreInferred) FindColumns()
    {
        foreach (var (place, source) in _sources.Index())
        {
            var (fields, hasNames, isText) = FieldsOf(source, hasNames: true);
            if (fields.Count == 0)
                continue;
            if (_options.IsTable)
                RefuseDuplicates(source.Path, fields);
            // The type of a field without values is inferred from the next files, and that of a table's text from all of them.
            foreach (var next in _sources.Skip(place + 1).TakeWhile(_ => (_options.IsTable && isText) || fields.Exists(field => field.Type is null)))
            {
                var others = FieldsOf(next, hasNames).Fields;
                List<string> names = [.. others.Select(other => other.Name)];
                fields = [.. fields.Select(field => FieldBinding.IndexOf(names, field.Name) is not (>= 0 and var other) ? field
                    : _options.IsTable ? field.Widen(others[other])
                    : field.Type is null ? field.With(others[other]) : field)];
            }

            fields.AddRange(FolderFields(fields));
            var columns = RowColumns.Of(source.Path, fields, _options.Columns);
            // If the first file has no header, the other files have none either.
            return (_request with { Columns = columns, HasHeader = hasNames ? _request.HasHeader : false }, isText);
        }

        throw new InvalidDataException($"'{_sources[0].Path}' has no rows, so its columns cannot be inferred.").About(file: _sources[0].Path);
    }

    private static void RefuseDuplicates(string path, List<FileField> fields)
    {
        if (fields.Where(field => field.Name.Length > 0).GroupBy(field => field.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Skip(1).Any()) is not { Key: var twice })
            return;
        List<int> places = [.. fields.Index().Where(field => field.Item.Name == twice).Select(field => field.Index + 1)];
        throw new InvalidDataException($"'{path}' has the column '{twice}' {places.Count} times, as its fields {string.Join(" and ", places)}; give each column a name of its own.")
            .About(file: path, column: twice);
    }

    /// <summary>The fields of a file, whether they have names, and whether the format is text.</summary>
    private (List<FileField> Fields, bool HasNames, bool IsText) FieldsOf(RowSource source, bool hasNames)
    {
        _options.CancellationToken.ThrowIfCancellationRequested();
        var format = source.IsImages ? null : source.Format ?? source.Guard(() => RowFile.FormatOf(source.Path));
        List<BadRow> bad = [];
        List<FileField> fields = [.. source.Guard(() => FileField.Of(Open, format, _request, bad))];
        return bad is [var first, ..] && _options.OnError == RowErrors.Fail ? throw Refuse(first, inferred: false) : (fields, hasNames, format is { IsText: true });

        RowReader Open(RowRequest request)
        {
            var reader = source.Open(hasNames ? request : request with { HasHeader = false });
            hasNames = reader.HasNames;
            return reader;
        }
    }

    /// <summary>The size of the shuffling pool in rows, by the memory of rows in all columns: the order must not depend on those that are read.</summary>
    private int FindPoolRows()
    {
        var width = (double)WidthOf(_request.Columns);
        foreach (var source in _request.Columns.Any(column => column.Type is VectorDataViewType { IsKnownSize: false } || column.ItemType is TextDataViewType) ? _sources : [])
        {
            using var reader = source.Open(_request);
            var sample = new RowBatch(reader.Schema, WeighedRows);
            source.Guard(() => reader.Fill(sample, WeighedRows));
            if (sample.Count == 0)
                continue;
            width = Math.Max(width, sample.Columns.Sum(column => Enumerable.Range(0, sample.Count).Average(column.Weigh)));
            break;
        }

        return (int)Math.Clamp(ValuesInPool / width, 1, MostPoolRows);
    }

    /// <summary>The columns that only the names of folders have.</summary>
    private IEnumerable<FileField> FolderFields(List<FileField> own)
    {
        var folders = _sources.Where(source => !source.IsImages).SelectMany(source => FolderColumns.Of(source.Path));
        return folders.GroupBy(column => column.Key, column => column.Value, StringComparer.OrdinalIgnoreCase)
            .Where(column => !own.Exists(field => field.Name.Equals(column.Key, StringComparison.OrdinalIgnoreCase)))
            .Select(column => new FileField(column.Key, FileField.OfFolder([.. column])));
    }

    /// <summary>
    /// Opens every file once, so that unusable files are rejected early, and counts the rows if the files state their number.
    /// </summary>
    private long? OpenAll()
    {
        long? rows = _options.OnError == RowErrors.Skip ? null : 0;
        foreach (var source in _sources)
        {
            _options.CancellationToken.ThrowIfCancellationRequested();
            using var reader = source.Open(_request);
            rows += reader.RowCount;
        }

        return rows;
    }

    private InvalidDataException Refuse(BadRow bad, bool inferred)
    {
        // Text accepts every value, and an error in a whole row is not about types.
        inferred &= _request.Columns.Any(column => column.Name == bad.Column && column.ItemType is not TextDataViewType)
            && _options.Columns?.FirstOrDefault(column => column.Name == bad.Column)?.Type is null;
        // Callers that read for a model add their own remedy.
        var remedy = _isByPlace ? "" : inferred
            ? $" Types were inferred from the first {FileField.SampleRows:N0} rows: give the column's type in {nameof(LoadRowsOptions.Columns)}, or leave such rows out with {nameof(LoadRowsOptions.OnError)}."
            : $" {nameof(LoadRowsOptions.OnError)} can leave such rows out.";
        return new InvalidDataException($"{bad}.{remedy}").About(
            property: inferred ? nameof(LoadRowsOptions.Columns) : nameof(LoadRowsOptions.OnError), file: bad.Place.File,
            row: bad.Place.Row > 0 ? bad.Place.Row : null, line: bad.Place.Line > 0 ? bad.Place.Line : null, column: bad.Column);
    }
}
