using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers;

/// <summary>Reads a data view's series into memory.</summary>
internal static class SeriesReader
{
    /// <summary>How dates may be written. One order of year, month and day: 03/04 would be a guess.</summary>
    public static readonly string[] DateFormats = ["yyyy-MM-dd", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM"];

    /// <summary>Reads all rows. Dates are in order and not given twice; values may be missing.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="columns">Their columns.</param>
    /// <param name="numbers">The columns of numbers to be read, in the order in which they are kept.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="ArgumentException">A column is missing or has a type that cannot be used.</exception>
    /// <exception cref="InvalidDataException">There are no rows, or a date cannot be read, is given twice or is out of order.</exception>
    public static SeriesData Read(IDataView data, ForecastColumns columns, IReadOnlyList<string> numbers, CancellationToken cancellation)
    {
        CheckSchema(data.Schema, columns, numbers);
        var wanted = numbers.Append(columns.Date).Append(columns.Series).OfType<string>().Select(name => data.Schema[name]).ToList();
        using var cursor = data.GetRowCursor(wanted);
        var readName = columns.Series is null ? null : cursor.GetGetter<ReadOnlyMemory<char>>(data.Schema[columns.Series]);
        var readDate = columns.Date is null ? null : DateReader(cursor, data.Schema[columns.Date]);
        Func<float>[] readNumbers = [.. numbers.Select(name => NumberReader(cursor, data.Schema[name]))];

        var series = new List<SeriesRows>();
        var byName = new Dictionary<string, int>(StringComparer.Ordinal);
        var places = new List<(int Series, int Row)>();
        var name = default(ReadOnlyMemory<char>);
        while (cursor.MoveNext())
        {
            cancellation.ThrowIfCancellationRequested();
            readName?.Invoke(ref name);
            var key = name.ToString();
            if (!byName.TryGetValue(key, out var index))
            {
                byName.Add(key, index = series.Count);
                series.Add(new SeriesRows(key, numbers.Count, columns.Date is not null));
            }

            var rows = series[index];
            places.Add((index, rows.Count));
            rows.Add(readDate?.Invoke() ?? default, cursor.Position);
            for (var i = 0; i < readNumbers.Length; i++)
                rows.Numbers[i].Add(readNumbers[i]());
        }

        if (series.Count == 0)
            throw new InvalidDataException("The data has no rows; a series needs some.");
        foreach (var rows in series)
            rows.CheckOrder(columns.Date!);
        return new SeriesData(series, places);
    }

    /// <summary>Refuses a schema from which series cannot be read.</summary>
    public static void CheckSchema(DataViewSchema schema, ForecastColumns columns, IReadOnlyList<string> numbers) =>
        CheckColumns(name => schema.GetColumnOrNull(name) is { } column ? (column.Type is VectorDataViewType vector ? vector.ItemType : column.Type, column.Type is VectorDataViewType, $"{column.Type}") : null, schema.Select(column => column.Name), columns, numbers);

    /// <summary>The estimator's counterpart, where only the shape of a schema is known.</summary>
    public static void CheckShape(SchemaShape schema, ForecastColumns columns) =>
        CheckColumns(name => schema.TryFindColumn(name, out var column) ? (column.ItemType, column.Kind != SchemaShape.Column.VectorKind.Scalar, $"{column.Kind} of {column.ItemType}") : null, schema.Select(column => column.Name), columns, [.. columns.Numbers]);

    private static void CheckColumns(Func<string, (DataViewType Type, bool IsVector, string Text)?> find, IEnumerable<string> all, ForecastColumns columns, IReadOnlyList<string> numbers)
    {
        foreach (var name in numbers)
        {
            var (type, isVector, text) = find(name) ?? throw BoundColumn.Missing(name == columns.Value ? "Series" : "Covariate", name, all);
            if (isVector)
                throw new ArgumentException($"Column '{name}' is {text}; one number a row is expected. The windows are made of the rows here, of the width that the options give: leave out the step that makes a vector.");
            if (type != NumberDataViewType.Single && type != NumberDataViewType.Double)
                throw new ArgumentException($"Column '{name}' has the type {text}; a Single or Double is expected. ml.Transforms.Conversion.ConvertType makes one of another number.");
        }

        if (columns.Date is { } date)
        {
            var (type, isVector, text) = find(date) ?? throw BoundColumn.Missing("Date", date, all);
            if (isVector || type is not (DateTimeDataViewType or TextDataViewType))
                throw new ArgumentException($"Date column '{date}' has the type {text}; DateTime, or text as 2003-12-31, is expected.");
        }

        if (columns.Series is { } series)
        {
            var (type, isVector, text) = find(series) ?? throw BoundColumn.Missing("Series' name", series, all);
            if (isVector || type is not TextDataViewType)
                throw new ArgumentException($"Column '{series}', which tells the series apart, has the type {text}; text is expected. ml.Transforms.Conversion.ConvertType makes it of a number.");
        }
    }

    private static Func<float> NumberReader(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type == NumberDataViewType.Single)
        {
            var getter = row.GetGetter<float>(column);
            return () =>
            {
                var value = 0f;
                getter(ref value);
                return value;
            };
        }

        var getDouble = row.GetGetter<double>(column);
        return () =>
        {
            var value = 0.0;
            getDouble(ref value);
            return (float)value;
        };
    }

    private static Func<DateTime> DateReader(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is DateTimeDataViewType)
        {
            var getter = row.GetGetter<DateTime>(column);
            return () =>
            {
                var value = default(DateTime);
                getter(ref value);
                return value;
            };
        }

        var getText = row.GetGetter<ReadOnlyMemory<char>>(column);
        var text = default(ReadOnlyMemory<char>);
        return () =>
        {
            getText(ref text);
            return DateTime.TryParseExact(text.Span, DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces, out var date)
                ? date
                : throw new InvalidDataException($"Row {row.Position} has '{text}' in the date column '{column.Name}'; a date as 2003-12-31, 2003-12-31T18:00:00 or, for a month, 2003-12 is expected.");
        };
    }
}

/// <summary>The series of a data view.</summary>
/// <param name="Series">Each of them, in the order in which they begin.</param>
/// <param name="Places">For each row of the view, the index of its series and its place there.</param>
internal sealed record SeriesData(IReadOnlyList<SeriesRows> Series, IReadOnlyList<(int Series, int Row)> Places);
