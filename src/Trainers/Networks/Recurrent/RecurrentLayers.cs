using Sconce.Core.Errors;
using Sconce.Trainers.Networks;
using Sconce.Trainers.Networks.Recurrent;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>One or more stacked recurrent layers: each reads the hidden states of the layer below.</summary>
public sealed record RecurrentLayers
{
    /// <summary>The cell. Default: <see cref="RecurrentCell.Lstm"/>.</summary>
    public RecurrentCell Cell { get; init; } = RecurrentCell.Lstm;

    /// <summary>The activation of <see cref="RecurrentCell.Elman"/>, tanh, sigmoid or ReLU; other cells have their own. Default: <see cref="Activation.Tanh"/>.</summary>
    public Activation ElmanActivation { get; init; } = Activation.Tanh;

    /// <summary>The number of values in the hidden state of each layer and direction, at least 1. Default: 128.</summary>
    public int HiddenSize { get; init; } = 128;

    /// <summary>The number of layers, at least 1. Default: 1.</summary>
    public int NumberOfLayers { get; init; } = 1;

    /// <summary>
    /// Whether each layer also reads the sequence backward, with separate weights; the two outputs are concatenated. Default: false.
    /// </summary>
    /// <remarks>Schuster and Paliwal, "Bidirectional recurrent neural networks", IEEE Transactions on Signal Processing 45 (1997).</remarks>
    public bool Bidirectional { get; init; }

    /// <summary>The probability with which a value between two layers is dropped during training, in [0, 1). Default: 0.</summary>
    public double Dropout { get; init; }

    /// <summary>The initial bias of forget gates, in cells that have them. Default: 1, so that an untrained cell remembers.</summary>
    /// <remarks>Jozefowicz, Zaremba and Sutskever, "An empirical exploration of recurrent network architectures", ICML 2015. PyTorch starts at about 0, TensorFlow at 1.</remarks>
    public double ForgetBias { get; init; } = 1;

    /// <summary>The number of outputs of a time step.</summary>
    internal int OutputSize => Bidirectional ? 2 * HiddenSize : HiddenSize;

    /// <summary>Creates the layers with new weights.</summary>
    internal RecurrentStack Build(long inputSize, Generator random)
    {
        var stack = GlobalGeneratorScope.Keep(() => new RecurrentStack(this, inputSize, random));
        stack.Initialize(random);
        return stack;
    }

    /// <exception cref="ArgumentException">A value is out of range; the message names it and what is expected.</exception>
    internal void Validate()
    {
        Check.AtLeast(HiddenSize, 1, nameof(HiddenSize));
        Check.AtLeast(NumberOfLayers, 1, nameof(NumberOfLayers));
        Check.Share(Dropout, "Layers.Dropout");
        if (!double.IsFinite(ForgetBias))
            throw new ArgumentOutOfRangeException(nameof(ForgetBias), $"{nameof(ForgetBias)} is {ForgetBias}; it has to be finite.");
        if (Cell == RecurrentCell.Elman && ElmanActivation is not (Activation.Tanh or Activation.Sigmoid or Activation.Relu))
            throw new ArgumentException($"{nameof(ElmanActivation)} is {ElmanActivation}; it has to be {Activation.Tanh}, {Activation.Sigmoid} or {Activation.Relu}.", nameof(ElmanActivation));
    }
}
