using Sconce.Trainers;

namespace Sconce.Pipelines.Reports;

/// <summary>A network as a row of boxes from input to output: one per layer, with its weights and output shape.</summary>
internal static class NetworkDiagram
{
    public static void Write(HtmlWriter html, InputColumn input, IReadOnlyList<NetworkLayer> layers)
    {
        var most = Math.Max(1, layers.Max(layer => layer.NumberOfParameters));
        using (html.Open("ol", ("class", "network")))
        {
            using (html.Open("li", ("class", "end")))
            {
                html.Element("b", input.Name);
                html.Element("span", input.Type.ToString());
                html.Element("span", ReportText.Shape(input.Shape.Select(size => (long)size)), ("class", "shape"));
            }

            foreach (var layer in layers)
            {
                using (html.Open("li", ("class", layer.Weights.Count == 0 ? "plain" : null)))
                {
                    html.Element("b", layer.Name);
                    html.Element("span", layer.Kind);
                    foreach (var (name, shape) in layer.Weights.Where(weight => weight.Shape.Count > 1))
                        html.Element("span", $"{name} {ReportText.Shape(shape)}");
                    if (layer.NumberOfParameters > 0)
                        html.Element("span", $"{ReportText.Count(layer.NumberOfParameters)} parameters", ("class", "bar"), ("style", FormattableString.Invariant($"--share:{100d * layer.NumberOfParameters / most:F0}%")));
                    html.Element("span", ReportText.Shape(layer.OutputShape), ("class", "shape"));
                }
            }
        }
    }
}
