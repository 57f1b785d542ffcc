using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Pipelines.Tutorials.Curves;

/// <summary>What a network makes of a curve, at one time in its training.</summary>
/// <param name="Step">The number of steps done.</param>
/// <param name="Actual">The curve's values.</param>
/// <param name="Predicted">As many values that the network gave.</param>
internal sealed record CurveFrame(int Step, IReadOnlyList<float> Actual, IReadOnlyList<float> Predicted)
{
    /// <summary>The mean of the squared differences.</summary>
    public double MeanSquaredError { get; } = Actual.Zip(Predicted, (actual, predicted) => ((double)actual - predicted) * ((double)actual - predicted)).Average();

    /// <summary>Reads the columns <c>Label</c> and <c>Score</c>, vectors of Single, one window after another.</summary>
    /// <param name="step">The number of steps done.</param>
    /// <param name="scored">The windows, scored.</param>
    /// <param name="warmUp">The number of windows that are read first and left out: a network that remembers begins with a state of zero, and has to find out where it is.</param>
    public static CurveFrame Read(int step, IDataView scored, int warmUp = 0) => new(step, Values(scored, "Label", warmUp), Values(scored, "Score", warmUp));

    private static List<float> Values(IDataView scored, string column, int warmUp) => [.. scored.GetColumn<float[]>(column).Skip(warmUp).SelectMany(window => window)];
}
