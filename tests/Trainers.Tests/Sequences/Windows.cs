using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Sequences;

/// <summary>Consecutive windows of a curve that has no period, held where a test can compute with them as well.</summary>
internal sealed class Windows
{
    public const int Steps = 4;
    public const int Width = 2;

    public Windows(int count)
    {
        Features = [.. Enumerable.Range(0, count).Select(window => Points(window, (step, feature) => (float)Math.Sin(0.7 * step + feature + 0.01 * step * step)))];
        Labels = [.. Enumerable.Range(0, count).Select(window => Points(window, (step, feature) => (float)Math.Cos(0.7 * step + 0.3 * feature + 0.01 * step * step))[..Steps])];
    }

    /// <summary>[windows][steps * width].</summary>
    public float[][] Features { get; }

    /// <summary>[windows][steps].</summary>
    public float[][] Labels { get; }

    public int Count => Features.Length;

    public IEnumerable<Row> Rows => Features.Zip(Labels, (features, label) => new Row { Features = features, Label = label, Last = label[^1] });

    public IDataView Load(MLContext ml) => ml.Data.LoadFromEnumerable(Rows);

    /// <summary>A small network that remembers, with an answer after each step.</summary>
    public static RecurrentNetwork.RegressionOptions Stateful { get; } = new()
    {
        Network = new() { InputWidth = 3, Layers = new() { HiddenSize = 5 }, ReturnSequences = true, Stateful = new() },
        BatchSize = 5,
        NumberOfEpochs = 2,
    };

    public static float[][] Scores(IDataView scored) => [.. scored.GetColumn<float[]>("Score")];

    private static float[] Points(int window, Func<int, int, float> value) =>
        [.. Enumerable.Range(0, Steps * Width).Select(i => value(window * Steps + i / Width, i % Width))];

    public sealed class Row
    {
        [VectorType(Steps, Width)]
        public float[] Features { get; set; } = [];

        [VectorType(Steps)]
        public float[] Label { get; set; } = [];

        public float Last { get; set; }
    }

    public sealed class Answer
    {
        [VectorType(Steps)]
        public float[] Score { get; set; } = [];
    }
}

internal static class SequenceExtensions
{
    public static TorchEstimator Recurrent(this MLContext ml, RecurrentNetwork.RegressionOptions options) => ml.Regression.Trainers.RecurrentNetwork(options);
}

/// <summary>A callback made of two functions.</summary>
internal sealed class Watch(Action<TorchTransformer>? began = null, Action<TrainingProgress, TorchTransformer>? stepped = null) : TrainingCallback
{
    public override void TrainingBegan(TrainingSession session) => began?.Invoke(session.Model);

    public override void StepEnded(TrainingProgress progress, TrainingSession session) => stepped?.Invoke(progress, session.Model);
}
