using System.Globalization;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;
using Sconce.Core.Errors;

namespace Sconce.Pipelines.Plots;

/// <summary>A scatter plot of two-dimensional codes, colored by class. There are ten colors; more classes share them.</summary>
/// <param name="Points">The codes, at least one, all finite.</param>
internal sealed record CodeScatter(IReadOnlyList<CodePoint> Points)
{
    private const double Radius = 1.8;
    private const byte Opacity = 128;

    /// <summary>The title; null for none.</summary>
    public string? Title { get; init; }

    /// <summary>Writes the chart.</summary>
    /// <param name="path">The file, which has to end in .png.</param>
    /// <exception cref="ArgumentException">The ending is another, there are no points, or one is not finite.</exception>
    /// <exception cref="IOException">The file cannot be written; one that exists stays as it was.</exception>
    public void Save(string path)
    {
        PngFile.CheckEnding(path);
        Check.AtLeast(Points.Count, 1, "Points.Count");
        if (Points.Index().FirstOrDefault(pair => !float.IsFinite(pair.Item.X) || !float.IsFinite(pair.Item.Y)) is { Item.Class: not null } bad)
            throw new ArgumentException($"The code of point {bad.Index} is ({bad.Item.X}, {bad.Item.Y}); all values have to be finite.");

        var classes = Classes();
        var colors = classes.Index().ToDictionary(pair => pair.Item, pair => PlotPalette.Of(pair.Index), StringComparer.Ordinal);
        var model = PlotPage.Model(Title);
        model.Axes.Add(PlotPage.Style(new LinearAxis { MinimumPadding = 0.03, MaximumPadding = 0.03 }, AxisPosition.Bottom, "first code value"));
        model.Axes.Add(PlotPage.Style(new LinearAxis { MinimumPadding = 0.03, MaximumPadding = 0.03 }, AxisPosition.Left, "second code value"));
        model.Legends.Add(PlotPage.Legend(LegendPosition.RightTop, LegendOrientation.Vertical));
        model.Series.Add(new Cloud(Points, colors));
        // For the legend only: drawing one series after another would hide the first ones.
        foreach (var name in classes)
            model.Series.Add(new ScatterSeries { Title = name, MarkerType = MarkerType.Circle, MarkerSize = 5, MarkerFill = colors[name] });
        model.Annotations.Add(new ClassLabels([.. Points.GroupBy(point => point.Class, StringComparer.Ordinal)
            .Select(group => (group.Key, new DataPoint(Median(group.Select(point => point.X)), Median(group.Select(point => point.Y)))))]));
        PlotPage.Save(path, 900, 800, title: null, [model]);
    }

    /// <summary>The names, sorted numerically if all are numbers, otherwise alphabetically.</summary>
    private List<string> Classes()
    {
        var names = Points.Select(point => point.Class).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return names.TrueForAll(name => double.TryParse(name, CultureInfo.InvariantCulture, out _))
            ? [.. names.OrderBy(name => double.Parse(name, CultureInfo.InvariantCulture))]
            : names;
    }

    private static double Median(IEnumerable<float> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + (double)sorted[sorted.Count / 2]) / 2;
    }

    /// <summary>All points, in an order that favors no class.</summary>
    private sealed class Cloud : XYAxisSeries
    {
        private readonly IReadOnlyDictionary<string, OxyColor> _colors;
        private readonly CodePoint[] _points;

        public Cloud(IReadOnlyList<CodePoint> points, IReadOnlyDictionary<string, OxyColor> colors)
        {
            _colors = colors;
            _points = [.. points];
            // A fixed seed: the same points give the same picture.
            new Random(0).Shuffle(_points);
        }

        public override void Render(IRenderContext rc)
        {
            foreach (var point in _points)
            {
                var place = Transform(new DataPoint(point.X, point.Y));
                rc.DrawEllipse(
                    new OxyRect(place.X - Radius, place.Y - Radius, 2 * Radius, 2 * Radius),
                    OxyColor.FromAColor(Opacity, _colors[point.Class]), OxyColors.Undefined, 0, EdgeRenderingMode.PreferGeometricAccuracy);
            }
        }

        protected override void UpdateMaxMin()
        {
            base.UpdateMaxMin();
            (MinX, MaxX) = (_points.Min(point => point.X), _points.Max(point => point.X));
            (MinY, MaxY) = (_points.Min(point => point.Y), _points.Max(point => point.Y));
        }
    }
}
