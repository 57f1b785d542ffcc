namespace Sconce.Host.Display;

/// <summary>Metrics as people read them.</summary>
internal static class MetricText
{
    /// <summary>An accuracy in percent, an error with as many digits as it takes to tell two trainings apart.</summary>
    public static string Of(string? metric, double value) => metric == "accuracy" ? $"{value:P1}" : $"{value:F5}";
}
