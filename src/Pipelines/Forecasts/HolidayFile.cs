using System.Globalization;
using Sconce.Core.Errors;
using Sconce.Files.Csv;
using Sconce.Files.Text;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>Reads calendars of holidays from files.</summary>
public static class HolidayFile
{
    private const string Expected = "'2003-12-25,Christmas' or, for every year, '12-25,Christmas' is expected";

    extension(HolidayCalendar)
    {
        /// <summary>
        /// Reads a calendar from a CSV file of lines <c>date,name</c>: <c>2003-12-25</c> for one day, <c>12-25</c> for that day of every year. Lines with the
        /// same name are one holiday. A header <c>date,name</c>, empty lines, and lines that begin with <c>#</c> are ignored.
        /// </summary>
        /// <param name="path">The file.</param>
        /// <returns>A calendar with the file's name, without its extension.</returns>
        /// <exception cref="FileNotFoundException">There is no such file.</exception>
        /// <exception cref="InvalidDataException">
        /// The file is not CSV, a line does not have a date and a name, or there are no holidays.
        /// </exception>
        public static HolidayCalendar FromFile(string path)
        {
            if (!File.Exists(path))
                throw new FileNotFoundException($"There is no holiday file '{path}'.", path).About(file: path);
            List<(string Name, DateOnly? Date, DateOnly? Yearly)> lines = [];
            using var records = new CsvRecords(TextContent.Open(path, "CSV"), ',');
            while (records.MoveNext())
            {
                if (records.Raw.IsWhiteSpace() || records.Raw is ['#', ..] || (lines.Count == 0 && records.Raw.StartsWith("date,", StringComparison.OrdinalIgnoreCase)))
                    continue;
                lines.Add(Read(records) ?? throw new InvalidDataException($"'{path}', line {records.Line}: '{records.Raw}' is not a holiday{(records.Fault is { } fault ? $": {fault}" : "")}; {Expected}.")
                    .About(file: path, line: records.Line));
            }

            if (lines.Count == 0)
                throw new InvalidDataException($"'{path}' has no holidays; for each {Expected}.").About(file: path);
            var holidays = lines.GroupBy(line => line.Name, StringComparer.Ordinal)
                .SelectMany(group => Make(group.Key, [.. group.Select(line => line.Date).OfType<DateOnly>()], [.. group.Select(line => line.Yearly).OfType<DateOnly>()]));
            return new HolidayCalendar(Path.GetFileNameWithoutExtension(path), [.. holidays]);
        }
    }

    private static (string Name, DateOnly? Date, DateOnly? Yearly)? Read(CsvRecords records)
    {
        if (records.Fault is not null || records.FieldCount < 2 || records.Raw.Contains(TextContent.Undecodable))
            return null;
        var day = records.Field(0).Trim().ToString();
        // A name may have commas in it.
        var name = string.Join(',', Enumerable.Range(1, records.FieldCount - 1).Select(field => records.Field(field).ToString())).Trim().Trim('"');
        DateOnly? date = DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var once) ? once : null;
        // In a leap year, so that February 29 is a date.
        DateOnly? yearly = DateOnly.TryParseExact($"2000-{day}", "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var each) ? each : null;
        return name.Length > 0 && (date ?? yearly) is not null ? (name, date, yearly) : null;
    }

    private static IEnumerable<Holiday> Make(string name, IReadOnlyList<DateOnly> dates, IReadOnlyList<DateOnly> yearly)
    {
        if (dates.Count > 0)
            yield return new Holiday(name) { Dates = dates };
        foreach (var day in yearly)
            yield return new Holiday(name) { Month = day.Month, Day = day.Day };
    }
}
