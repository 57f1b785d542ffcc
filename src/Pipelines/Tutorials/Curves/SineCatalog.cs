using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;

namespace Sconce.Pipelines.Tutorials.Curves;

/// <summary>The sine curve, for recurrent networks.</summary>
internal static class SineCatalog
{
    /// <summary>The number of points in a window.</summary>
    public const int WindowSize = 20;

    /// <summary>The distance between two points, 1 / (10 π): a period has 197 points.</summary>
    public const double Spacing = 1 / (10 * Math.PI);

    /// <summary>Creates consecutive windows of 20 points: the sine as the column <c>Features</c>, [20, 1], and the cosine as the column <c>Label</c>, [20].</summary>
    /// <param name="catalog">The <c>mlContext.Data</c>.</param>
    /// <param name="windows">The number of rows, at least 1.</param>
    /// <param name="firstWindow">The number of windows to skip, 0 or more.</param>
    /// <remarks>
    /// One value of the sine does not determine the cosine, as two are possible: the network has to remember which of them it is.
    /// </remarks>
    public static IDataView LoadSine(this DataOperationsCatalog catalog, int windows, int firstWindow = 0)
    {
        Check.AtLeast(windows, 1, nameof(windows));
        Check.AtLeast(firstWindow, 0, nameof(firstWindow));
        return catalog.LoadFromEnumerable(Enumerable.Range(firstWindow, windows).Select(window => new Window
        {
            Features = Points(window, Math.Sin),
            Label = Points(window, Math.Cos),
        }));
    }

    private static float[] Points(int window, Func<double, double> curve) =>
        [.. Enumerable.Range(0, WindowSize).Select(point => (float)curve(((double)window * WindowSize + point) * Spacing))];

    private sealed class Window
    {
        [VectorType(WindowSize, 1)]
        public float[] Features { get; init; } = [];

        [VectorType(WindowSize)]
        public float[] Label { get; init; } = [];
    }
}
