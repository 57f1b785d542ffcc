using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Networks;

/// <summary>Compares a network's gradients with central differences, in double precision.</summary>
internal static class FiniteDifferences
{
    private const double Step = 1e-5;

    /// <param name="network">A deterministic network whose weights are Float64.</param>
    /// <param name="input">A batch.</param>
    public static void Check(nn.Module<Tensor, Tensor> network, Tensor input)
    {
        // No two outputs weigh the same, so that no error is canceled by another.
        Loss(network, input).backward();
        var differing = 0;
        foreach (var (name, parameter) in network.named_parameters())
        {
            var gradient = parameter.grad!.data<double>().ToArray();
            for (var i = 0; i < gradient.Length; i++)
            {
                var slope = (At(parameter, i, Step) - At(parameter, i, -Step)) / (2 * Step);
                Assert.True(Math.Abs(slope - gradient[i]) < 1e-7, $"{name}[{i}]: {gradient[i]}, by differences {slope}");
                differing += Math.Abs(gradient[i]) > 1e-4 ? 1 : 0;
            }
        }

        Assert.True(differing > 20, "Almost all gradients are zero: nothing is compared.");

        double At(Tensor parameter, int i, double change)
        {
            using var scope = NewDisposeScope();
            using var noGradient = no_grad();
            var flat = parameter.view(-1);
            var before = flat[i].item<double>();
            flat[i] = tensor(before + change);
            var value = Loss(network, input).item<double>();
            flat[i] = tensor(before);
            return value;
        }
    }

    private static Tensor Loss(nn.Module<Tensor, Tensor> network, Tensor input)
    {
        var output = network.forward(input);
        return output.mul(arange(output.numel(), ScalarType.Float64).cos().reshape(output.shape)).sum();
    }
}
