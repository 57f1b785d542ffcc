namespace Sconce.Host.Display;

/// <summary>Formats metrics.</summary>
internal static class MetricText
{
    /// <summary>Accuracies in percent, errors with five decimals.</summary>
    public static string Of(string? metric, double value) => metric is "accuracy" or "exact match" or "interval coverage" ? $"{value:P1}" : $"{value:F5}";

    /// <summary>Several metrics, each by its name.</summary>
    public static string Of(IReadOnlyDictionary<string, double> metrics, string prefix = "") => string.Join(", ", metrics.Select(metric => $"{prefix}{metric.Key} {Of(metric.Key, metric.Value)}"));
}
