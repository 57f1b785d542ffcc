namespace Sconce.Trainers.Tests.Training;

/// <summary>Multinomial logistic regression in plain C# and double precision: what a trained dense layer is compared with.</summary>
internal sealed class SoftmaxReference(Points points, double labelSmoothing = 0)
{
    private readonly int _classes = points.Classes;
    private readonly int _width = points.Width;

    /// <summary>The weights, a row for each class, then the biases: zero at first.</summary>
    public double[] Parameters { get; } = new double[points.Classes * (points.Width + 1)];

    public IEnumerable<double> Weights => Parameters.Take(_classes * _width);

    public IEnumerable<double> Biases => Parameters.Skip(_classes * _width);

    /// <summary>The mean cross-entropy of all rows against their smoothed targets, and its gradient.</summary>
    public (double Loss, double[] Gradient) Evaluate()
    {
        var gradient = new double[Parameters.Length];
        var loss = 0.0;
        for (var row = 0; row < points.Rows; row++)
        {
            var probabilities = Score(points.Features[row]);
            for (var c = 0; c < _classes; c++)
            {
                var target = labelSmoothing / _classes + (points.Labels[row] == c ? 1 - labelSmoothing : 0);
                loss -= target * Math.Log(probabilities[c]) / points.Rows;
                var error = (probabilities[c] - target) / points.Rows;
                for (var i = 0; i < _width; i++)
                    gradient[c * _width + i] += error * points.Features[row][i];
                gradient[_classes * _width + c] += error;
            }
        }

        return (loss, gradient);
    }

    public double[] Score(float[] features)
    {
        var exponentials = Enumerable.Range(0, _classes)
            .Select(c => Math.Exp(Parameters[_classes * _width + c] + features.Select((value, i) => value * Parameters[c * _width + i]).Sum()))
            .ToArray();
        var sum = exponentials.Sum();
        return [.. exponentials.Select(value => value / sum)];
    }
}
