using Microsoft.ML;
using Sconce.Pipelines.Tutorials.Curves;
using Sconce.Trainers;
using static TorchSharp.torch;

namespace Sconce.Bench;

/// <summary>The classic sequence regression, sine in and cosine out with a state that is carried on, against what a TorchSharp user writes by hand.</summary>
internal static class SineBench
{
    private const int Steps = 1_000;
    private const int Lanes = 50;
    private const int Window = SineCatalog.WindowSize;

    public static void Run()
    {
        var ml = new MLContext(1);
        var train = ml.Data.LoadSine(Steps + Lanes - 1);
        var trainer = ml.Regression.Trainers.RecurrentNetwork(RecurrentNetwork.RegressionOptions.Classic);
        Ratio.Print("training, sine to cosine", 0.97, "windows/s", 3,
            () =>
            {
                using var model = trainer.Fit(train);
                return Steps * Lanes;
            },
            Bare);
    }

    /// <summary>Linear 10, LSTM 10, linear 1 on every step; the whole curve is one tensor in memory, of which each step takes a window of every lane.</summary>
    private static double Bare()
    {
        using var all = NewDisposeScope();
        using var input = nn.Linear(1, 10);
        using var lstm = nn.LSTM(10, 10, batchFirst: true);
        using var output = nn.Linear(10, 1);
        using var optimizer = optim.Adam(input.parameters().Concat(lstm.parameters()).Concat(output.parameters()), 6e-3);
        var points = arange((Steps + Lanes) * Window, ScalarType.Float32).mul((float)SineCatalog.Spacing).reshape(-1, Window, 1);
        var (sine, cosine) = (points.sin(), points.cos());
        Tensor hidden = zeros(1, Lanes, 10), cell = zeros(1, Lanes, 10);
        for (var step = 0; step < Steps; step++)
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var (states, nextHidden, nextCell) = lstm.call(input.call(sine.narrow(0, step, Lanes)), (hidden, cell));
            var loss = nn.functional.mse_loss(output.call(states), cosine.narrow(0, step, Lanes));
            loss.backward();
            optimizer.step();
            (hidden, cell) = (nextHidden.detach().MoveToOuterDisposeScope(), nextCell.detach().MoveToOuterDisposeScope());
        }

        return Steps * Lanes;
    }
}
