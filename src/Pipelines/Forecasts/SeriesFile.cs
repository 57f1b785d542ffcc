using System.Globalization;
using Sconce.Files.Text;
using Sconce.Trainers.Forecasts;
using Sylvan.Data.Csv;

namespace Sconce.Pipelines.Forecasts;

/// <summary>A CSV file of series, read whole: a header, then a row for each date.</summary>
internal sealed class SeriesFile : IDisposable
{
    public const string Date = "Date";
    public const string Value = "Value";
    public const string Series = "Series";

    private readonly string _name;
    private readonly CsvDataReader _reader;
    private readonly string[] _header;
    private readonly NumberFormatInfo _numbers;

    private SeriesFile(string name, TextReader text, char decimalMarker)
    {
        if (decimalMarker is not ('.' or ','))
            throw new ArgumentException($"{nameof(SeriesColumns.DecimalMarker)} is '{decimalMarker}'; it has to be a point or a comma.", nameof(decimalMarker));
        _numbers = new NumberFormatInfo { NumberDecimalSeparator = $"{decimalMarker}", NumberGroupSeparator = decimalMarker == '.' ? "," : "." };
        _name = name;
        _reader = Translate(() => CsvDataReader.Create(text, new CsvDataReaderOptions { HasHeaders = true, OwnsReader = true }));
        _header = [.. Enumerable.Range(0, _reader.FieldCount).Select(field => _reader.GetName(field).Trim())];
        if (_header.Length < 2 && !(_header.Length == 1 && _header[0].Length > 0))
            throw new InvalidDataException($"'{name}' has no header; its first line has to name the columns, as in 'date,value'.");
        if (Array.FindIndex(_header, column => column.Contains(TextContent.Undecodable, StringComparison.Ordinal)) is >= 0 and var bad)
            throw new InvalidDataException($"'{name}', line 1: the name of column {bad + 1} has bytes that are not UTF-8; text in UTF-8 is expected.");
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">Which columns to read.</param>
    /// <param name="values">Whether there is a column of values.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file lacks a column, or has a field that is not what its column holds; the message names file, line and field.</exception>
    public static SeriesView Read(string path, SeriesColumns columns, bool values = true)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no input file '{path}'.", path);
        return Read(path, TextContent.Open(path, "CSV"), columns, values);
    }

    /// <summary>Reads a file that is open already.</summary>
    public static SeriesView Read(string name, TextReader text, SeriesColumns columns, bool values = true)
    {
        using var file = new SeriesFile(name, text, columns.DecimalMarker);
        return file.Read(columns, values);
    }

    public void Dispose() => _reader.Dispose();

    private SeriesView Read(SeriesColumns columns, bool hasValues)
    {
        var covariates = columns.Covariates.Select(name => (Name: name, Field: Find(name))).ToList();
        var series = columns.Series is { } seriesName ? Find(seriesName) : -1;
        var date = columns.Date is { } dateName ? Find(dateName) : Named(Date) is >= 0 and var found ? found : 0;
        var value = !hasValues ? -1 : columns.Value is { } valueName ? Find(valueName) : Guess([date, series, .. covariates.Select(column => column.Field)]);
        var roles = (int[])[date, series, value, .. covariates.Select(column => column.Field)];
        if (roles.Where(field => field >= 0).GroupBy(field => field).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"The column '{_header[twice.Key]}' of '{_name}' is asked for twice; date, value, series and each further column have to be columns of their own.");

        var (dates, offsets) = (new List<DateTime>(), new List<string>());
        var (names, numbers) = (new List<string>(), new List<double>());
        var others = covariates.ConvertAll(_ => new List<double>());
        while (ReadLine())
        {
            dates.Add(ReadDate(date, out var hasOffset));
            if (hasOffset ? offsets.Count < dates.Count - 1 : offsets.Count > 0)
                throw Refuse($"'{_header[date]}' is '{_reader.GetString(date)}', {(hasOffset ? "with" : "without")} an offset from UTC, unlike the lines before", "all dates with an offset are expected, or all without");
            if (hasOffset)
                offsets.Add(_reader.GetString(date));
            if (series >= 0)
                names.Add(ReadName(series));
            if (value >= 0)
                numbers.Add(ReadNumber(value));
            foreach (var (column, list) in covariates.Zip(others))
                list.Add(ReadNumber(column.Field));
        }

        if (dates.Count == 0)
            throw new InvalidDataException($"'{_name}' has a header and no rows.");
        // Text keeps the offset, which forecasts are written with too.
        var view = new List<(string Name, Array Values)> { (Date, offsets.Count > 0 ? offsets.ToArray() : dates.ToArray()) };
        if (series >= 0)
            view.Add((Series, names.ToArray()));
        if (value >= 0)
            view.Add((Value, numbers.ToArray()));
        foreach (var (column, list) in covariates.Zip(others))
        {
            if (column.Name is Date or Value or Series)
                throw new ArgumentException($"A further column cannot be called '{column.Name}', which is what the series' own column becomes; rename it in '{_name}'.");
            view.Add((column.Name, list.ToArray()));
        }

        return new SeriesView(view);
    }

    /// <summary>The only column that may be the values: a wrong one would be learned without a word.</summary>
    private int Guess(IReadOnlyList<int> taken)
    {
        int[] left = [.. Enumerable.Range(0, _header.Length).Except(taken)];
        if (Named(Value) is >= 0 and var named && left.Contains(named))
            return named;
        return left switch
        {
            [var only] => only,
            [] => throw new InvalidDataException($"'{_name}' has no column of values; its columns are: {string.Join(", ", _header)}."),
            _ => throw new InvalidDataException($"'{_name}' has {left.Length} columns that may be the values: {string.Join(", ", left.Select(field => $"'{_header[field]}'"))}. Say which is the value column."),
        };
    }

    private int Named(string name) => Array.FindIndex(_header, column => column.Equals(name, StringComparison.OrdinalIgnoreCase));

    private int Find(string name)
    {
        var field = Array.IndexOf(_header, name);
        return field >= 0 ? field : throw new InvalidDataException($"'{_name}' has no column '{name}'; its columns are: {string.Join(", ", _header)}.");
    }

    private bool ReadLine()
    {
        if (!Translate(_reader.Read))
            return false;
        if (_reader.RowFieldCount == 1 && _reader.GetFieldSpan(0).IsEmpty)
        {
            var empty = Refuse("it is empty", "only the end of the file may be");
            return Translate(_reader.Read) ? throw empty : false;
        }

        for (var field = 0; field < Math.Min(_reader.RowFieldCount, _header.Length); field++)
        {
            if (_reader.GetFieldSpan(field).Contains(TextContent.Undecodable))
                throw Refuse($"'{_header[field]}' has bytes that are not UTF-8", "text in UTF-8 is expected");
        }

        return _reader.RowFieldCount == _header.Length ? true : throw Refuse($"it has {_reader.RowFieldCount} fields", $"the header has {_header.Length}");
    }

    private DateTime ReadDate(int field, out bool hasOffset)
    {
        if (!DateZone.TryParse(_reader.GetFieldSpan(field), out var date, out var zone))
            throw Refuse($"'{_header[field]}' is '{_reader.GetString(field)}'", "a date as yyyy-MM-dd is expected, with a time as HH:mm after it if there is one, and its offset as +HH:mm or Z, or a month as yyyy-MM");
        hasOffset = zone is not null;
        return date;
    }

    private string ReadName(int field) => _reader.GetString(field).Trim() is { Length: > 0 } name ? name : throw Refuse($"'{_header[field]}' is empty", "the name of the row's series is expected");

    /// <summary>A number; NaN where the field is empty.</summary>
    private double ReadNumber(int field)
    {
        var text = _reader.GetFieldSpan(field).Trim();
        if (text.IsEmpty || text.Equals("NaN", StringComparison.OrdinalIgnoreCase) || text.Equals("NA", StringComparison.OrdinalIgnoreCase))
            return double.NaN;
        return double.TryParse(text, NumberStyles.Float, _numbers, out var number) && double.IsFinite(number)
            ? number
            : throw Refuse($"'{_header[field]}' is '{text}'", $"a finite number with a decimal {(_numbers.NumberDecimalSeparator == "." ? "point" : "comma")} is expected, or nothing where the value is missing{(text.ContainsAny(".,") ? $"; {nameof(SeriesColumns.DecimalMarker)} says which of '.' and ',' separates decimals, and thousands are not separated" : "")}");
    }

    private InvalidDataException Refuse(string found, string expected) => new($"'{_name}', line {_reader.RowNumber + 1}: {found}; {expected}.");

    private T Translate<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is CsvFormatException or CsvRecordTooLargeException or CsvMissingHeadersException or CsvConfigurationException)
        {
            throw new InvalidDataException($"'{_name}' cannot be read as CSV: {exception.Message}", exception);
        }
    }
}
