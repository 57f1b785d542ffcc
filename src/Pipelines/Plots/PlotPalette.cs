using OxyPlot;

namespace Sconce.Pipelines.Plots;

/// <summary>The colors of charts.</summary>
internal static class PlotPalette
{
    // M. A. Petroff, "Accessible Color Sequences for Data Visualization" (2021): ten colors that color-blind people can distinguish, too.
    private static readonly uint[] _classes = [0x3F90DA, 0xFFA90E, 0xBD1F01, 0x94A4A2, 0x832DB6, 0xA96B59, 0xE76300, 0xB9AC70, 0x717581, 0x92DADD];

    public static OxyColor Text { get; } = OxyColor.FromRgb(0x22, 0x22, 0x22);

    public static OxyColor Faint { get; } = OxyColor.FromRgb(0x66, 0x66, 0x66);

    /// <summary>The color of reference lines, which others are compared with.</summary>
    public static OxyColor Compared { get; } = OxyColor.FromRgb(0xA8, 0xA8, 0xA8);

    public static OxyColor Grid { get; } = OxyColor.FromRgb(0xE4, 0xE4, 0xE4);

    /// <summary>The number of colors of classes or series.</summary>
    public static int Count => _classes.Length;

    /// <summary>All colors, with their names in the report's style sheet.</summary>
    public static IEnumerable<(OxyColor Color, string Name)> Named =>
        [(Text, "ink"), (Faint, "faint"), (Grid, "grid"), .. Enumerable.Range(0, Count).Select(i => (Of(i), $"series{i}"))];

    /// <summary>The color of a class or series, counted from 0; they repeat after ten.</summary>
    public static OxyColor Of(int index) => OxyColor.FromUInt32(0xFF000000 | _classes[index % _classes.Length]);
}
