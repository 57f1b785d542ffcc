using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>Recurrent layers that read a sequence step by step, and a dense layer that answers after the last step, or after each.</summary>
/// <remarks>It reads rows of the shape [steps, features], or [steps] with one number at each step: an image [height, width] is read row by row. With one answer after the last step rows may have different lengths: vectors of Single of unknown size, text, and vectors of keys.</remarks>
public sealed record RecurrentNetwork : Network
{
    /// <summary>The number of values in a symbol's vector, where <see cref="InputWidth"/> does not say.</summary>
    internal const int SymbolWidth = 64;

    /// <summary>The recurrent layers. Default: one LSTM with a hidden state of 128.</summary>
    public RecurrentLayers Layers { get; init; } = new();

    /// <summary>The width of a dense layer before the recurrent ones, at least 1; null, the default, for none. Of text and keys it is the number of values in a symbol's vector; null is 64 then.</summary>
    public int? InputWidth { get; init; }

    /// <summary>Whether there is an answer after each step, the outputs being shared evenly among them; else one after the last. Default: false.</summary>
    public bool EveryStep { get; init; }

    /// <summary>The probability with which a value before the output layer is dropped while training, in [0, 1). Default: 0.</summary>
    public double Dropout { get; init; }

    /// <inheritdoc/>
    public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random)
    {
        var (steps, features) = inputShape switch
        {
            [var length] => (length, 1),
            [var length, var width] => (length, width),
            _ => throw new ArgumentException(
                $"A recurrent network reads sequences, [steps, features] or [steps]; the feature column's rows have the shape [{string.Join(", ", inputShape)}]. A vector type with dimensions gives it one.", nameof(inputShape)),
        };
        if (EveryStep && outputSize % steps != 0)
            throw new ArgumentException($"{nameof(EveryStep)} asks for as many outputs at each of {steps} steps; {outputSize} outputs cannot be shared among them.", nameof(outputSize));
        return Build(features, null, EveryStep ? outputSize / steps : outputSize, random);
    }

    /// <inheritdoc/>
    internal override bool ReadsSequences => !EveryStep;

    /// <inheritdoc/>
    internal override nn.Module<Tensor, Tensor> BuildFor(InputColumn input, int outputSize, Generator random) =>
        input.Symbols is { Count: var symbols } ? Build(1, symbols, outputSize, random) : base.BuildFor(input, outputSize, random);

    /// <inheritdoc/>
    public override void Validate()
    {
        Layers.Validate();
        if (InputWidth is { } width)
            Check.AtLeast(width, 1, nameof(InputWidth));
        Check.Share(Dropout, nameof(Dropout));
    }

    /// <inheritdoc/>
    internal override int ScoringBatchSize => 256;

    private RecurrentModule Build(int features, int? symbols, int outputSize, Generator random)
    {
        var network = new RecurrentModule(this, features, symbols, outputSize, random);
        network.Initialize(WeightInitialization.Uniform, random);
        return network;
    }

    /// <summary>What the catalog's <c>RecurrentNetwork</c> takes to classify sequences.</summary>
    public sealed record Options : ClassificationOptions<RecurrentNetwork>
    {
        /// <summary>Adam with a one-cycle schedule to 5e-3, gradients clipped at a norm of 1, 6 passes in batches of 128.</summary>
        public Options()
        {
            LearningRate = 5e-3;
            Schedule = new OneCycleSchedule();
            BatchSize = 128;
            NumberOfEpochs = 6;
            GradientClipping = new NormClipping();
        }

        /// <summary>The tutorial's training: Adam at 1e-3, batches of 128, 1,000,000 samples.</summary>
        public static Options Classic { get; } = new()
        {
            LearningRate = 1e-3,
            Schedule = new ConstantSchedule(),
            BatchSize = 128,
            NumberOfSteps = 7_813,
            GradientClipping = null,
        };
    }
}
