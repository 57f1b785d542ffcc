using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Files.Csv;
using Sconce.Files.Rows;
using Sconce.Files.Text;
using Sconce.Trainers.Forecasts;

namespace Sconce.Pipelines.Forecasts;

/// <summary>Reads files of series in any format into memory: a row per date.</summary>
internal sealed class SeriesFile
{
    public const string Date = "Date";
    public const string Value = "Value";
    public const string Series = "Series";

    private const int BatchRows = 1_024;
    private const string DateExpected =
        "a date as yyyy-MM-dd is expected, with a time as HH:mm after it if there is one, and its offset as +HH:mm or Z, or a month as yyyy-MM";

    private readonly SeriesColumns _columns;
    private readonly bool _hasValues;
    private readonly List<DateTime> _dates = [];
    // As text, to keep the offset, which forecasts are written with.
    private readonly List<string> _offsets = [];
    private readonly List<string> _series = [];
    private readonly List<double> _values = [];
    private readonly List<double>[] _covariates;

    private SeriesFile(SeriesColumns columns, bool hasValues)
    {
        columns.Validate();
        (_columns, _hasValues) = (columns, hasValues);
        _covariates = [.. columns.Covariates.Select(_ => new List<double>())];
    }

    /// <summary>Reads files and concatenates their rows.</summary>
    /// <param name="paths">Files, folders and patterns.</param>
    /// <param name="columns">The columns to read.</param>
    /// <param name="hasValues">Whether there is a value column.</param>
    /// <exception cref="ArgumentException">The columns contradict each other.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A file lacks a column, or has a field that cannot be read.</exception>
    public static RowBatchView Read(IReadOnlyList<string> paths, SeriesColumns columns, bool hasValues = true)
    {
        var series = new SeriesFile(columns, hasValues);
        foreach (var path in InputFiles.Find(paths))
            series.Add(path, Opener(path));
        return series.ToView();
    }

    /// <summary>Reads one file.</summary>
    /// <param name="name">Its name in messages.</param>
    /// <param name="open">Opens it, once or twice.</param>
    /// <param name="columns">The columns to read.</param>
    public static RowBatchView Read(string name, Func<Stream> open, SeriesColumns columns)
    {
        var series = new SeriesFile(columns, hasValues: true);
        series.Add(name, open);
        return series.ToView();
    }

    /// <summary>Creates a function that opens a file repeatedly; a pipe, which can be read only once, is copied to memory.</summary>
    private static Func<Stream> Opener(string path)
    {
        using var stream = Open();
        if (stream.CanSeek)
            return Open;
        var copy = new MemoryStream();
        stream.CopyTo(copy);
        return () => new MemoryStream(copy.GetBuffer(), 0, (int)copy.Length, writable: false);

        FileStream Open() => RowFile.OpenContent(path);
    }

    private void Add(string file, Func<Stream> open)
    {
        var request = new RowRequest([])
        {
            Reader = "the series",
            HasHeader = true,
            HasDecimalComma = _columns.DecimalMarker == ',',
            RefusesEmptyLines = true,
        };
        var columns = FindColumns(file, () => RowFile.Read(file, open(), request, _columns.RowFormat));
        using var reader = RowFile.Read(file, open(), request with { Columns = columns }, _columns.RowFormat);
        var readDate = DateReader(file, reader.Schema[0]);
        var before = _dates.Count;
        foreach (var batch in reader.ReadBatches(BatchRows))
        {
            for (var row = 0; row < batch.Count; row++)
                Add(batch, row, readDate);
        }

        if (_dates.Count == before)
            throw new InvalidDataException($"'{file}' has no rows{(reader is CsvRowReader ? " after its header" : "")}.").About(file: file);
    }

    /// <summary>Finds the columns to read, including those that were not given by name.</summary>
    private List<RequestedColumn> FindColumns(string file, Func<RowReader> open)
    {
        var (date, value) = (_columns.Date, _hasValues ? _columns.Value : null);
        if (date is null || (_hasValues && value is null))
        {
            using var reader = open();
            List<string> names = [.. reader.Schema.Select(column => column.Name)];
            CheckNames(file, names);
            date ??= names.Find(name => name.Equals(Date, StringComparison.OrdinalIgnoreCase)) ?? names[0];
            if (_hasValues)
                value ??= GuessValue(file, names, [date, .. _columns.Named]);
        }

        SeriesColumns.RequireDistinct([date, value, _columns.Series, .. _columns.Covariates]);
        List<RequestedColumn> columns = [new(date, null)];
        if (_columns.Series is { } series)
            columns.Add(new(series, TextDataViewType.Instance));
        if (value is not null)
            columns.Add(new(value, NumberDataViewType.Double));
        columns.AddRange(_columns.Covariates.Select(name => new RequestedColumn(name, NumberDataViewType.Double)));
        return columns;
    }

    private static void CheckNames(string file, List<string> names)
    {
        if (names.Count == 0)
            throw new InvalidDataException($"'{file}' has no header; its first line has to name the columns, as in 'date,value'.").About(file: file);
        if (names.FindIndex(name => name.Contains(TextContent.Undecodable, StringComparison.Ordinal)) is >= 0 and var bad)
            throw new InvalidDataException($"'{file}', line 1: the name of column {bad + 1} has bytes that are not UTF-8; text in UTF-8 is expected.").About(file: file, line: 1);
    }

    /// <summary>The only column that may hold the values: with a wrong one, training would fail silently.</summary>
    private static string GuessValue(string file, List<string> names, IReadOnlyList<string?> taken)
    {
        List<string> left = [.. names.Where(name => !taken.Contains(name))];
        if (left.Find(name => name.Equals(Value, StringComparison.OrdinalIgnoreCase)) is { } named)
            return named;
        return left switch
        {
            [var only] => only,
            [] => throw new InvalidDataException($"'{file}' has no column of values; its columns are: {string.Join(", ", names)}.").About(file: file, property: nameof(SeriesColumns.Value)),
            _ => throw new InvalidDataException($"'{file}' has {left.Count} columns that may hold the values: {string.Join(", ", left.Select(name => $"'{name}'"))}.")
                .About(file: file, property: nameof(SeriesColumns.Value)),
        };
    }

    private void Add(RowBatch batch, int row, DateReader readDate)
    {
        var (column, dates) = (0, batch.Columns[0]);
        if (readDate(dates, row, out var hasOffset) is not { } date)
            throw Refuse(batch, row, dates, $"is {(dates.MissingOf(row).Contains(value: true) ? "missing" : $"'{dates.TextOf(row)}'")}; {DateExpected}");
        if (_dates.Count > 0 && hasOffset != _offsets.Count > 0)
        {
            throw Refuse(batch, row, dates,
                $"is '{dates.TextOf(row)}', {(hasOffset ? "with" : "without")} an offset from UTC, unlike the rows before; either all dates need an offset, or none");
        }

        _dates.Add(date);
        if (hasOffset)
            _offsets.Add(dates.TextOf(row));
        if (_columns.Series is not null)
        {
            _series.Add(batch.Columns[++column].TextOf(row).Trim() is { Length: > 0 } name ? name
                : throw Refuse(batch, row, batch.Columns[column], "is empty; the name of the row's series is expected"));
        }

        foreach (var numbers in _hasValues ? _covariates.Prepend(_values) : _covariates)
            numbers.Add(Number(batch, row, batch.Columns[++column]));
    }

    private static double Number(RowBatch batch, int row, ColumnValues column) => ((FixedValues<double>)column).Row(row)[0] is var number && !double.IsInfinity(number) ? number
        : throw Refuse(batch, row, column, $"is {column.TextOf(row)}; a finite number is expected, or nothing where the value is missing");

    private static InvalidDataException Refuse(RowBatch batch, int row, ColumnValues column, string reason) =>
        new BadRow(batch.Place(row), $"'{column.Name}' {reason}") { Column = column.Name }.ToException();

    /// <summary>Creates the reader of the date column, which is text or dates.</summary>
    private static DateReader DateReader(string file, DataViewSchema.Column column) => column.Type switch
    {
        TextDataViewType => (ColumnValues values, int row, out bool hasOffset) =>
        {
            var isDate = DateZone.TryParse(((FixedValues<ReadOnlyMemory<char>>)values).Row(row)[0].Span, out var date, out var zone);
            hasOffset = zone is not null;
            return isDate ? date : null;
        }
        ,
        DateTimeDataViewType => (ColumnValues values, int row, out bool hasOffset) =>
        {
            hasOffset = false;
            return values.MissingOf(row).Contains(value: true) ? null : DateTime.SpecifyKind(((FixedValues<DateTime>)values).Row(row)[0], DateTimeKind.Unspecified);
        }
        ,
        _ => throw new InvalidDataException($"'{file}': column '{column.Name}' holds {column.Type}; dates are expected, or text as yyyy-MM-dd.").About(file: file, column: column.Name),
    };

    private RowBatchView ToView()
    {
        List<(string Name, Array Values)> columns = [(Date, _offsets.Count > 0 ? _offsets.ToArray() : _dates.ToArray())];
        if (_columns.Series is not null)
            columns.Add((Series, _series.ToArray()));
        if (_hasValues)
            columns.Add((Value, _values.ToArray()));
        columns.AddRange(_columns.Covariates.Zip(_covariates, (name, values) => (name, (Array)values.ToArray())));
        return SeriesView.Of(columns);
    }
}

/// <summary>Reads a row's date; null if it is not a date.</summary>
internal delegate DateTime? DateReader(ColumnValues values, int row, out bool hasOffset);
