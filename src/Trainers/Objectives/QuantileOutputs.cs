using System.Globalization;
using Microsoft.ML.Data;
using Sconce.Trainers.Onnx;
using static TorchSharp.torch;

namespace Sconce.Trainers.Objectives;

/// <summary>
/// Several quantiles of a number: the network outputs the first one, and the others as distances from the one before, made positive by softplus, so that they
/// never cross.
/// </summary>
internal static class QuantileOutputs
{
    /// <summary>The name of the column of all quantiles.</summary>
    public const string ColumnName = "Quantiles";

    /// <summary>Checks quantiles that the user gives, or that come from a file.</summary>
    /// <exception cref="ArgumentException">There are none, one is not in (0, 1), or they do not ascend.</exception>
    public static void Check(IReadOnlyList<double>? quantiles, string option)
    {
        if (quantiles is null)
            return;
        if (quantiles.Count == 0)
            throw new ArgumentException($"{option} is empty. Name at least one quantile, such as 0.5.", option);
        foreach (var quantile in quantiles)
            Core.Errors.Check.Between(quantile, 0, 1, option);
        if (quantiles.Zip(quantiles.Skip(1)).Any(pair => pair.First >= pair.Second))
            throw new ArgumentException($"{option} is {string.Join(", ", quantiles.Select(Text))}; quantiles have to ascend.", option);
    }

    /// <summary>The column of all quantiles.</summary>
    public static ScoreColumn Column(IReadOnlyList<double> quantiles)
    {
        var annotations = new Microsoft.ML.DataViewSchema.Annotations.Builder();
        var names = new ClassNames(ClassNames.Text, [.. quantiles.Select(Text)]);
        names.AnnotateText(annotations, "SlotNames");
        return new(ColumnName, new VectorDataViewType(NumberDataViewType.Single, quantiles.Count), annotations.ToAnnotations());
    }

    /// <summary>The index of the quantile that is closest to the median; it becomes the column Score.</summary>
    public static int Middle(IReadOnlyList<double> quantiles) => quantiles.Index().MinBy(quantile => Math.Abs(quantile.Item - 0.5)).Index;

    /// <summary>The mean pinball loss, and the mean squared error of the middle quantile in the label's own unit.</summary>
    /// <param name="quantiles">The quantiles.</param>
    /// <param name="output">The network's outputs, [rows, quantiles].</param>
    /// <param name="target">The labels, [rows].</param>
    /// <param name="scale">The scale on which the network learns; null for none.</param>
    /// <param name="weights">The weights of the rows, [rows]; null if all are the same.</param>
    public static (Tensor Loss, Tensor Metric) Evaluate(IReadOnlyList<double> quantiles, Tensor output, Tensor target, TargetScale? scale, Tensor? weights)
    {
        var ordered = Ordered(output);
        var label = target.reshape(-1, 1);
        var levels = tensor([.. quantiles.Select(quantile => (float)quantile)]);
        var losses = PinballLoss.Values(ordered, scale is null ? label : scale.ToNetwork(label), levels).mean([1]);
        var middle = ordered.detach().narrow(1, Middle(quantiles), 1);
        return ((weights is null ? losses : losses.mul(weights)).mean(), nn.functional.mse_loss(scale is null ? middle : scale.FromNetwork(middle), label));
    }

    /// <summary>The quantiles in ascending order, from outputs [..., quantiles].</summary>
    public static Tensor Ordered(Tensor output)
    {
        var last = output.dim() - 1;
        var count = output.shape[last];
        return count == 1 ? output : cat([output.narrow(last, 0, 1), nn.functional.softplus(output.narrow(last, 1, count - 1))], last).cumsum(last);
    }

    /// <summary>Adds <see cref="Ordered"/> to a graph.</summary>
    public static OnnxValue ExportOrdered(OnnxGraph graph, OnnxValue output, int count, int axis) => count == 1 ? output : graph.Add(
        "CumSum",
        [graph.Concat(axis, graph.Narrow(output, axis, 0, 1), graph.Add("Softplus", [graph.Narrow(output, axis, 1, count - 1)])), graph.Constant((long)axis)]);

    private static string Text(double quantile) => quantile.ToString(CultureInfo.InvariantCulture);
}
