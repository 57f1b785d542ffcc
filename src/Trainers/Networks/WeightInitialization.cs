using TorchSharp;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>How the initial weights of a network are drawn.</summary>
/// <remarks>"Fan in" is the number of inputs of an output: of a dense layer its inputs, of a convolution its input channels times the size of its kernel.</remarks>
public enum WeightInitialization
{
    /// <summary>PyTorch's default for dense and convolutional layers: weights and biases uniform in ±1/√(fan in).</summary>
    Uniform,

    /// <summary>Weights normal with standard deviation 0.1, redrawn beyond two deviations; biases 0.1. TensorFlow's early tutorials used it.</summary>
    TruncatedNormal,

    /// <summary>Weights normal with standard deviation 1/√(fan in), which preserves the variance of a layer's inputs; biases 0. LeCun et al., "Efficient BackProp", 1998, section 4.6.</summary>
    LeCunNormal,

    /// <summary>Weights normal with standard deviation √(2/fan in), which preserves the variance through ReLUs; biases 0. He et al., "Delving deep into rectifiers", ICCV 2015.</summary>
    HeNormal,
}

/// <summary>A layer that draws its own initial weights, or keeps those that it was created with.</summary>
internal interface IInitializedLayer
{
    /// <summary>Draws the weights; no <see cref="WeightInitialization"/> applies to them.</summary>
    void Initialize(Generator random);
}

/// <summary>Draws initial weights from a given generator: TorchSharp's own initializers use only the process-wide one.</summary>
internal static class WeightInitializer
{
    private const double ClassicDeviation = 0.1;
    private const double ClassicBias = 0.1;

    /// <summary>
    /// Initializes every layer below <paramref name="module"/>: a layer's tensors of two dimensions or more are weights, [outputs, inputs, ...], and
    /// those of one dimension are biases. A layer without weights, such as a normalization, keeps its constants.
    /// </summary>
    /// <exception cref="NotSupportedException">
    /// A layer has several weights and is not an <see cref="IInitializedLayer"/>, so it is unknown which biases belong to which weights.
    /// </exception>
    public static void Initialize(this nn.Module module, WeightInitialization scheme, Generator random)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (_, layer) in module.named_modules())
        {
            if (layer is IInitializedLayer own)
            {
                own.Initialize(random);
                continue;
            }

            var parameters = layer.parameters(recurse: false).ToLookup(parameter => parameter.dim() > 1);
            if (parameters[true].Skip(1).Any())
                throw new NotSupportedException($"The layer {layer.GetName()} has several weights but no initialization of its own.");
            var fanIn = 0L;
            foreach (var weight in parameters[true])
            {
                fanIn = weight[0].numel();
                DrawWeight(weight, fanIn, scheme, random);
            }

            foreach (var bias in fanIn > 0 ? parameters[false] : [])
                DrawBias(bias, fanIn, scheme, random);
        }
    }

    private static void DrawWeight(Tensor weight, long fanIn, WeightInitialization scheme, Generator random)
    {
        var deviation = 1 / Math.Sqrt(fanIn);
        _ = scheme switch
        {
            WeightInitialization.Uniform => weight.uniform_(-deviation, deviation, random),
            WeightInitialization.TruncatedNormal => TruncatedNormal(weight, ClassicDeviation, random),
            WeightInitialization.LeCunNormal => weight.normal_(0, deviation, random),
            WeightInitialization.HeNormal => weight.normal_(0, deviation * Math.Sqrt(2), random),
            _ => throw new ArgumentOutOfRangeException(nameof(scheme), scheme, "No such initialization."),
        };
    }

    private static void DrawBias(Tensor bias, long fanIn, WeightInitialization scheme, Generator random)
    {
        using Scalar start = scheme == WeightInitialization.TruncatedNormal ? ClassicBias : 0;
        _ = scheme == WeightInitialization.Uniform ? bias.uniform_(-1 / Math.Sqrt(fanIn), 1 / Math.Sqrt(fanIn), random) : bias.fill_(start);
    }

    /// <summary>Inverse transform sampling: a uniform draw between the normal distribution's values at ±2 deviations, taken back through its inverse.</summary>
    private static Tensor TruncatedNormal(Tensor weight, double deviation, Generator random)
    {
        const double withinTwoDeviations = 0.954499736103642; // erf(2 / sqrt 2)
        using Scalar spread = deviation * Math.Sqrt(2);
        return weight.uniform_(-withinTwoDeviations, withinTwoDeviations, random).erfinv_().mul_(spread);
    }
}
