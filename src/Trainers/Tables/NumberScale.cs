using System.Text.Json.Serialization;
using Sconce.Trainers.Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sconce.Trainers.Tables;

/// <summary>How one number is filled where it is missing, and scaled. All is computed in double precision, so that large numbers keep their differences.</summary>
/// <param name="Median">What stands for a missing value.</param>
/// <param name="Center">What is subtracted, unless there are quantiles.</param>
/// <param name="Factor">What the difference is multiplied by, unless there are quantiles.</param>
internal sealed record NumberScale(double Median, double Center, double Factor)
{
    /// <summary>The quantiles are apart by 1 %.</summary>
    private const int MostKnots = 101;

    /// <summary>The standard deviation of numbers that are spread evenly over [0, 1] is the inverse of this.</summary>
    private static readonly double _spread = Math.Sqrt(12);

    /// <summary>The part of a time; null for a number.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DatePart? Part { get; init; }

    /// <summary>The quantiles, ascending, and the place of each in [0, 1]; null if the scale is linear.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<NumberKnot>? Knots { get; init; }

    /// <summary>Finds the scale.</summary>
    /// <param name="sample">Values of the training rows without missing ones; they are sorted.</param>
    /// <param name="mean">The mean of all of them.</param>
    /// <param name="deviation">Their standard deviation.</param>
    /// <param name="scaling">The kind of scale.</param>
    public static NumberScale Of(double[] sample, double mean, double deviation, NumberScaling scaling)
    {
        if (sample.Length == 0)
            return new(0, 0, 1);
        Array.Sort(sample);
        var median = sample[sample.Length / 2];
        if (scaling == NumberScaling.None)
            return new(median, 0, 1);
        var factor = 1 / deviation;
        if (scaling == NumberScaling.Standard)
            return new(median, mean, double.IsFinite(factor) ? factor : 1);
        List<NumberKnot> knots = [];
        for (var i = 0; i < MostKnots; i++)
        {
            var place = i / (MostKnots - 1.0);
            var value = sample[(int)Math.Round(place * (sample.Length - 1))];
            if (knots.Count > 0 && knots[^1].Value == value)
                continue;
            knots.Add(new(value, place));
        }

        return new(median, 0, 1) { Knots = knots };
    }

    /// <summary>The scaled number.</summary>
    public float Apply(double value)
    {
        value = double.IsNaN(value) ? Median : value;
        if (Knots is null)
            return (float)Math.Clamp((value - Center) * Factor, float.MinValue, float.MaxValue);
        return (float)((PlaceOf(value) - 0.5) * _spread);
    }

    /// <summary>Adds <see cref="Apply"/> to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="value">The number, as Double [rows, 1].</param>
    public OnnxValue Export(OnnxGraph graph, OnnxValue value)
    {
        value = graph.Add("Where", [graph.Add("IsNaN", [value]), Constant(Median), value]);
        if (Knots is null)
        {
            var scaled = graph.Add("Mul", [graph.Add("Sub", [value, Constant(Center)]), Constant(Factor)]);
            return graph.Cast(graph.Add("Clip", [scaled, Scalar(float.MinValue), Scalar(float.MaxValue)]), DataType.Float);
        }

        // Each piece adds its share of the way through it.
        var place = Constant(Knots[0].Place);
        foreach (var (low, high) in Knots.Zip(Knots.Skip(1)))
        {
            var share = graph.Add("Mul", [graph.Add("Sub", [value, Constant(low.Value)]), Constant(1 / (high.Value - low.Value))]);
            place = graph.Plus(place, graph.Add("Mul", [graph.Add("Clip", [share, Scalar(0), Scalar(1)]), Constant(high.Place - low.Place)]));
        }

        return graph.Cast(graph.Add("Mul", [graph.Add("Sub", [place, Constant(0.5)]), Constant(_spread)]), DataType.Float);

        OnnxValue Constant(double number) => graph.Constant([number], DataType.Double);

        OnnxValue Scalar(double number) => graph.Constant(OnnxTensor.Of([number], DataType.Double, []));
    }

    private double PlaceOf(double value)
    {
        if (value <= Knots![0].Value)
            return Knots[0].Place;
        if (value >= Knots[^1].Value)
            return Knots[^1].Place;
        var (low, high) = (0, Knots.Count - 1);
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            if (Knots[middle].Value <= value)
                low = middle;
            else
                high = middle;
        }

        var share = (value - Knots[low].Value) / (Knots[high].Value - Knots[low].Value);
        return Knots[low].Place + (share * (Knots[high].Place - Knots[low].Place));
    }
}

/// <summary>A quantile of a number.</summary>
/// <param name="Value">The number.</param>
/// <param name="Place">The share of the training rows below it, in [0, 1].</param>
internal readonly record struct NumberKnot(double Value, double Place);
