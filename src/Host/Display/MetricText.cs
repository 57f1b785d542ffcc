namespace Sconce.Host.Display;

/// <summary>Metrics as people read them.</summary>
internal static class MetricText
{
    /// <summary>A share of right answers in percent, an error with as many digits as it takes to tell two trainings apart.</summary>
    public static string Of(string? metric, double value) => metric is "accuracy" or "exact match" ? $"{value:P1}" : $"{value:F5}";
}
