using Sconce.Trainers.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Autoencoders;

/// <summary>The layers and losses against their formulas, written out in plain C# over the weights.</summary>
public class ReferenceTests
{
    private const int Inputs = 6;

    private static readonly float[] _row = [0.1f, 0.9f, 0.4f, 0.0f, 1.0f, 0.7f];

    public ReferenceTests() => TorchRuntime.EnsureLoaded();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Encoder_and_decoder_compute_what_their_weights_say(bool tied)
    {
        using var scope = NewDisposeScope();
        var network = new Autoencoder { HiddenLayerSizes = [4], CodeSize = 2, Activation = Activation.Tanh, TiedWeights = tied };
        var module = Build(network);
        var weights = module.state_dict();
        Assert.Equal(tied ? 6 : 8, weights.Count);
        var hidden = Layer(Array.ConvertAll(_row, value => (double)value), "encoder.dense1", Math.Tanh);
        var code = Layer(hidden, "code", value => value);
        double[] again = tied
            ? Transposed(Transposed(code, "code.weight", "decoder.dense1.bias", Math.Tanh), "encoder.dense1.weight", "decoder.dense2.bias", value => value)
            : Layer(Layer(code, "decoder.dense1", Math.Tanh), "decoder.dense2", value => value);

        Equal(code, module.forward(tensor(_row).reshape(1, Inputs)));
        Equal(again, module.Decode(tensor(Array.ConvertAll(code, value => (float)value)).reshape(1, 2)));

        double[] Layer(double[] row, string name, Func<double, double> activation) => Dense(row, Values($"{name}.weight"), Values($"{name}.bias"), activation);
        double[] Transposed(double[] row, string weight, string bias, Func<double, double> activation)
        {
            var (values, biases) = (Values(weight), Values(bias));
            return [.. biases.Select((start, i) => activation(start + row.Select((value, j) => value * values[j * biases.Length + i]).Sum()))];
        }

        double[] Values(string name) => [.. weights[name].data<float>().Select(value => (double)value)];
    }

    [Theory]
    [InlineData(ReconstructionLoss.MeanSquaredError, 0, null)]
    [InlineData(ReconstructionLoss.BinaryCrossEntropy, 0, null)]
    [InlineData(ReconstructionLoss.MeanSquaredError, 0.3, null)]
    [InlineData(ReconstructionLoss.BinaryCrossEntropy, 0, 0.7)]
    [InlineData(ReconstructionLoss.MeanSquaredError, 0.2, 0.5)]
    public void Losses_are_their_formulas(ReconstructionLoss loss, double sparsity, double? variational)
    {
        using var scope = NewDisposeScope();
        var network = new Autoencoder { HiddenLayerSizes = [4], CodeSize = 2, SparsityWeight = sparsity, VariationalWeight = variational };
        var module = Build(network);
        // Without the noise of training a variational code is its mean.
        module.eval();
        float[] second = [0.5f, 0.2f, 0.3f, 0.8f, 0.0f, 0.6f];
        var input = tensor((float[])[.. _row, .. second]).reshape(2, Inputs);
        var objective = new Reconstruction(new InputColumn("Features", FeatureType.Single, [Inputs]), 2, "Code", null, null, loss, Activation.Sigmoid);
        var measured = objective.Evaluate(module, input, empty(0)).Loss.item<float>();

        var rows = input.data<float>().ToArray();
        var codes = module.forward(input);
        var outputs = module.Decode(codes).data<float>().Select(value => 1 / (1 + Math.Exp(-value))).ToArray();
        var expected = rows.Zip(outputs, (x, y) => loss == ReconstructionLoss.MeanSquaredError ? Math.Pow(x - y, 2) : -x * Math.Log(y) - (1 - x) * Math.Log(1 - y)).Average();
        expected += sparsity * codes.data<float>().Average(value => Math.Abs(value));
        if (variational is { } weight)
        {
            var weights = module.state_dict();
            var hidden = nn.functional.elu(nn.functional.linear(input, weights["encoder.dense1.weight"], weights["encoder.dense1.bias"]), 1.0);
            var logVariance = nn.functional.linear(hidden, weights["log_variance.weight"], weights["log_variance.bias"]).data<float>().ToArray();
            var divergence = codes.data<float>().Zip(logVariance, (mean, variance) => 0.5 * (mean * mean + Math.Exp(variance) - variance - 1)).Sum() / 2;
            expected += weight * divergence / Inputs;
        }

        Assert.Equal(expected, measured, 1e-5);
    }

    [Theory]
    [InlineData(ReconstructionLoss.MeanSquaredError, false)]
    [InlineData(ReconstructionLoss.BinaryCrossEntropy, false)]
    [InlineData(ReconstructionLoss.MeanSquaredError, true)]
    public void Gradients_are_those_of_finite_differences(ReconstructionLoss loss, bool tied)
    {
        using var scope = NewDisposeScope();
        var module = Build(new Autoencoder { HiddenLayerSizes = [4], CodeSize = 2, Activation = Activation.Tanh, TiedWeights = tied, SparsityWeight = 0.1, VariationalWeight = 0.3 });
        module.eval();
        module.to(ScalarType.Float64);
        var input = tensor(Array.ConvertAll(_row, value => (double)value)).reshape(1, Inputs);
        var objective = new Reconstruction(new InputColumn("Features", FeatureType.Single, [Inputs]), 2, "Code", null, null, loss, Activation.Sigmoid);
        objective.Evaluate(module, input, empty(0)).Loss.backward();
        foreach (var (name, parameter) in module.named_parameters())
        {
            var gradient = parameter.grad!.data<double>().ToArray();
            for (var i = 0; i < gradient.Length; i++)
                Assert.True(Math.Abs(Slope(parameter, i) - gradient[i]) < 1e-7, $"{name}[{i}]: {gradient[i]}, by differences {Slope(parameter, i)}");
        }

        double Slope(Tensor parameter, int i)
        {
            const double step = 1e-5;
            return (At(step) - At(-step)) / (2 * step);

            double At(double change)
            {
                using var inner = NewDisposeScope();
                using var noGradient = no_grad();
                var flat = parameter.flatten();
                var before = flat[i].item<double>();
                flat[i] = tensor(before + change);
                var value = objective.Evaluate(module, input, empty(0)).Loss.item<double>();
                flat[i] = tensor(before);
                return value;
            }
        }
    }

    private static AutoencoderModule Build(Autoencoder network)
    {
        using var random = new Generator(7);
        return (AutoencoderModule)network.Build([Inputs], network.CodeSize, random);
    }

    private static double[] Dense(double[] row, double[] weight, double[] bias, Func<double, double> activation) =>
        [.. bias.Select((start, i) => activation(start + row.Select((value, j) => value * weight[i * row.Length + j]).Sum()))];

    private static void Equal(double[] expected, Tensor actual)
    {
        var values = actual.flatten().data<float>().ToArray();
        Assert.Equal(expected.Length, values.Length);
        for (var i = 0; i < values.Length; i++)
            Assert.Equal(expected[i], values[i], 1e-5);
    }
}
