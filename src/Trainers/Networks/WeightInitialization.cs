using Sconce.Trainers.Networks;
using Sconce.Trainers.Networks.Recurrent;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>How a network's weights start.</summary>
public enum WeightInitialization
{
    /// <summary>PyTorch's own default for dense and convolutional layers: uniform within ±1/√(fan in), weights and biases alike.</summary>
    Uniform,

    /// <summary>The tutorials': weights normal with standard deviation 0.1, redrawn beyond two deviations; biases 0.1.</summary>
    TruncatedNormal,

    /// <summary>Weights normal with standard deviation 1/√(fan in), which keeps the spread of what passes through; biases 0. LeCun et al., "Efficient BackProp", 1998, section 4.6.</summary>
    LeCunNormal,
}

/// <summary>Draws initial weights from a given generator: TorchSharp's own initialisers use the process-wide one alone.</summary>
internal static class WeightInitializer
{
    private const double ClassicDeviation = 0.1;
    private const double ClassicBias = 0.1;

    /// <summary>Initialises every dense, convolutional and recurrent layer below <paramref name="module"/>. Batch normalisation and the biases of tied layers keep their constants; a layer of another kind is refused, as its weights would depend on the process-wide generator.</summary>
    public static void Initialize(this nn.Module module, WeightInitialization scheme, Generator random)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (_, layer) in module.named_modules())
        {
            if (layer is Linear dense)
                Draw(dense.weight!, dense.bias, scheme, random);
            else if (layer is Convolution convolution)
                Draw(convolution.weight!, convolution.bias, scheme, random);
            else if (layer is RecurrentStack recurrent)
                recurrent.Initialize(random);
            else if (layer is not (BatchNormalization or TiedLayer or SymbolEmbedding) && layer.parameters(recurse: false).Any())
                throw new NotSupportedException($"The layer {layer.GetName()} has weights, and no initialisation that draws them from the given generator.");
        }
    }

    private static void Draw(Tensor weight, Tensor? bias, WeightInitialization scheme, Generator random)
    {
        if (scheme == WeightInitialization.TruncatedNormal)
        {
            TruncatedNormal(weight, ClassicDeviation, random);
            using Scalar start = ClassicBias;
            bias?.fill_(start);
            return;
        }

        var bound = 1 / Math.Sqrt(weight[0].numel());
        if (scheme == WeightInitialization.LeCunNormal)
        {
            weight.normal_(0, bound, random);
            bias?.zero_();
            return;
        }

        weight.uniform_(-bound, bound, random);
        bias?.uniform_(-bound, bound, random);
    }

    /// <summary>Inverse transform sampling: a uniform draw between the normal distribution's values at ±2 deviations, taken back through its inverse.</summary>
    private static void TruncatedNormal(Tensor weight, double deviation, Generator random)
    {
        const double withinTwoDeviations = 0.954499736103642; // erf(2 / sqrt 2)
        using Scalar spread = deviation * Math.Sqrt(2);
        weight.uniform_(-withinTwoDeviations, withinTwoDeviations, random).erfinv_().mul_(spread);
    }
}
