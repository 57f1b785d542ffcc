using OxyPlot;
using OxyPlot.Annotations;

namespace Sconce.Pipelines.Plots;

/// <summary>Class names in white boxes on a chart; boxes that would overlap are moved apart vertically.</summary>
/// <param name="names">The names and their places, in the axes' units.</param>
internal sealed class ClassLabels(IReadOnlyList<(string Name, DataPoint Place)> names) : TransposableAnnotation
{
    private const double Size = 15;
    private const double Padding = 4;
    private const int MostRounds = 100;

    public override void Render(IRenderContext rc)
    {
        var boxes = names.Select(name => Box(rc, name)).ToArray();
        for (var round = 0; round < MostRounds && MoveApart(boxes); round++)
        {
        }

        foreach (var ((name, _), box) in names.Zip(boxes))
        {
            rc.DrawRectangle(box, OxyColor.FromAColor(216, OxyColors.White), PlotPalette.Text, 0.5, EdgeRenderingMode.PreferSharpness);
            rc.DrawText(box.Center, name, PlotPalette.Text, fontSize: Size, horizontalAlignment: HorizontalAlignment.Center, verticalAlignment: VerticalAlignment.Middle);
        }
    }

    private OxyRect Box(IRenderContext rc, (string Name, DataPoint Place) name)
    {
        var center = Transform(name.Place);
        var size = rc.MeasureText(name.Name, fontSize: Size);
        return new OxyRect(center.X - size.Width / 2 - Padding, center.Y - size.Height / 2, size.Width + 2 * Padding, size.Height);
    }

    private static bool MoveApart(OxyRect[] boxes)
    {
        var moved = false;
        for (var i = 0; i < boxes.Length; i++)
        {
            for (var j = i + 1; j < boxes.Length; j++)
            {
                var (a, b) = (boxes[i], boxes[j]);
                if (a.Right <= b.Left || b.Right <= a.Left || a.Bottom <= b.Top || b.Bottom <= a.Top)
                    continue;
                var (upper, lower) = a.Center.Y <= b.Center.Y ? (i, j) : (j, i);
                var step = (boxes[upper].Bottom - boxes[lower].Top) / 2 + 1;
                boxes[upper] = boxes[upper].Offset(0, -step);
                boxes[lower] = boxes[lower].Offset(0, step);
                moved = true;
            }
        }

        return moved;
    }
}
