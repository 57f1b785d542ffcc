using Sconce.Trainers.Native;
using Sconce.Trainers.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>An activation function.</summary>
public enum Activation
{
    /// <summary>max(0, x).</summary>
    Relu,

    /// <summary>The hyperbolic tangent: values between -1 and 1.</summary>
    Tanh,

    /// <summary>1 / (1 + exp(-x)): values between 0 and 1.</summary>
    Sigmoid,

    /// <summary>x above 0, exp(x) - 1 below. Clevert et al., "Fast and accurate deep network learning by exponential linear units", ICLR 2016.</summary>
    Elu,

    /// <summary>x times the standard normal distribution function of x. Hendrycks and Gimpel, "Gaussian error linear units", 2016.</summary>
    Gelu,

    /// <summary>x itself.</summary>
    Identity,
}

/// <summary>Applies activations.</summary>
internal static class ActivationFunction
{
    /// <summary>Returns a tensor of the same shape, which may be the same tensor.</summary>
    public static Tensor Apply(this Activation activation, Tensor values) => activation switch
    {
        Activation.Relu => nn.functional.relu(values),
        Activation.Tanh => values.tanh(),
        Activation.Sigmoid => values.sigmoid(),
        Activation.Elu => Elu(values),
        Activation.Gelu => nn.functional.gelu(values),
        Activation.Identity => values,
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "No such activation."),
    };

    private static Tensor Elu(Tensor values)
    {
        using Scalar one = 1;
        return values.elu(one, one, one);
    }

    /// <summary>Adds the activation to a graph.</summary>
    public static OnnxValue Export(this Activation activation, OnnxGraph graph, OnnxValue values) => activation switch
    {
        Activation.Relu => graph.Add("Relu", [values]),
        Activation.Tanh => graph.Add("Tanh", [values]),
        Activation.Sigmoid => graph.Add("Sigmoid", [values]),
        Activation.Elu => graph.Add("Elu", [values], ("alpha", 1f)),
        // ONNX has an operator of that name since operator set 20.
        Activation.Gelu => graph.Add("Mul", [graph.Times(values, 0.5), graph.Plus(graph.Add("Erf", [graph.Times(values, 1 / Math.Sqrt(2))]), graph.Constant(1f))]),
        Activation.Identity => values,
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "No such activation."),
    };

    /// <summary>Creates a layer.</summary>
    public static nn.Module<Tensor, Tensor> CreateLayer(this Activation activation) => new ActivationLayer(activation);

    private sealed class ActivationLayer(Activation activation) : nn.Module<Tensor, Tensor>(activation.ToString()), IOnnxLayer
    {
        public override Tensor forward(Tensor input) => activation == Activation.Identity ? input.alias() : activation.Apply(input);

        public OnnxValue Export(OnnxGraph graph, OnnxValue input) => activation.Export(graph, input);
    }
}
