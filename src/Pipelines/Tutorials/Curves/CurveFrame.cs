using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Pipelines.Tutorials.Curves;

/// <summary>A curve and a network's predictions at one step of the training.</summary>
/// <param name="Step">The number of steps taken.</param>
/// <param name="Actual">The curve's values.</param>
/// <param name="Predicted">The network's prediction of each value.</param>
internal sealed record CurveFrame(int Step, IReadOnlyList<float> Actual, IReadOnlyList<float> Predicted)
{
    /// <summary>The mean squared error.</summary>
    public double MeanSquaredError { get; } = Actual.Zip(Predicted, (actual, predicted) => ((double)actual - predicted) * ((double)actual - predicted)).Average();

    /// <summary>Reads the columns <c>Label</c> and <c>Score</c>, vectors of Single, one window after another.</summary>
    /// <param name="step">The number of steps taken.</param>
    /// <param name="scored">The scored windows.</param>
    /// <param name="warmUp">The number of windows to skip: a stateful network starts from a zero state, and first has to find its place on the curve.</param>
    public static CurveFrame Read(int step, IDataView scored, int warmUp = 0) => new(step, Values(scored, "Label", warmUp), Values(scored, "Score", warmUp));

    private static List<float> Values(IDataView scored, string column, int warmUp) => [.. scored.GetColumn<float[]>(column).Skip(warmUp).SelectMany(window => window)];
}
