using Sconce.Trainers;
using static TorchSharp.torch;

namespace Sconce.Bench;

/// <summary>Each recurrent cell, forward and backward and forward alone, against libtorch's LSTM module: 128 rows of 28 steps of 28 numbers, hidden size 128.</summary>
internal static class CellBench
{
    private const int Rows = 128;
    private const int Steps = 28;
    private const int Features = 28;
    private const int HiddenSize = 128;
    private const int Repetitions = 20;

    public static void Run()
    {
        using var random = new Generator(1);
        using var input = zeros([Rows, Steps, Features], ScalarType.Float32).normal_(0, 1, random);
        using var bare = nn.LSTM(Features, HiddenSize, batchFirst: true);
        foreach (var cell in Enum.GetValues<RecurrentCell>())
            Compare($"{cell}", new() { Cell = cell, HiddenSize = HiddenSize });
        Compare("Elman, sigmoid", new() { Cell = RecurrentCell.Elman, ElmanActivation = Activation.Sigmoid, HiddenSize = HiddenSize });

        void Compare(string name, RecurrentLayers options)
        {
            using var layers = options.Build(Features, random);
            Ratio.Print($"cell {name}, training", 0.25, "samples/s", 7, () => Train(() => layers.Run(input).Output), () => Train(() => bare.call(input).Item1));
            Ratio.Print($"cell {name}, scoring", 0.25, "samples/s", 7, () => Score(() => layers.Run(input).Output), () => Score(() => bare.call(input).Item1));
        }
    }

    private static double Score(Func<Tensor> run)
    {
        using var noGradient = inference_mode();
        for (var i = 0; i < Repetitions; i++)
        {
            using var scope = NewDisposeScope();
            run();
        }

        return Rows * Repetitions;
    }

    private static double Train(Func<Tensor> run)
    {
        for (var i = 0; i < Repetitions; i++)
        {
            using var scope = NewDisposeScope();
            run().sum().backward();
        }

        return Rows * Repetitions;
    }
}
