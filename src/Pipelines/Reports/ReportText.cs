using System.Globalization;

namespace Sconce.Pipelines.Reports;

/// <summary>Formats numbers and names for a report.</summary>
internal static class ReportText
{
    /// <summary>A metric: accuracies in percent, others with five digits.</summary>
    public static string Metric(string? name, double? value) => value is not { } number ? ""
        : name is "accuracy" or "exact match" or "interval coverage" ? Percent(number)
        : Number(number);

    public static string Percent(double share) => double.IsNaN(share) ? "–" : string.Create(CultureInfo.InvariantCulture, $"{100 * share:F2}\u00A0%");

    public static string Number(double value) => value.ToString("G5", CultureInfo.InvariantCulture);

    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A duration: seconds up to two minutes, then minutes, then hours.</summary>
    public static string Time(double seconds) => seconds switch
    {
        < 120 => string.Create(CultureInfo.InvariantCulture, $"{seconds:F1}\u00A0s"),
        < 7200 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:F1}\u00A0min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:F1}\u00A0h"),
    };

    public static string Shape(IEnumerable<long> shape) => string.Join(" × ", shape.Select(size => size.ToString(CultureInfo.InvariantCulture)));

    public static string Capitalized(string name) => name.Length == 0 ? name : $"{char.ToUpperInvariant(name[0])}{name[1..]}";
}
