using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>
/// Two recurrent stacks: the encoder reads a sequence and leaves its final state, from which the decoder goes on for as
/// many steps as are asked of it. What the steps of either are made of, symbols or numbers, is up to the caller.
/// </summary>
/// <remarks>
/// Sutskever et al., "Sequence to sequence learning with neural networks", NIPS 2014. A bidirectional encoder's two
/// directions are taken to the decoder's size by a dense layer each for the hidden states and the cells of a layer. Weights
/// are drawn by <see cref="WeightInitializer.Initialize"/>.
/// </remarks>
internal sealed class EncoderDecoderCore : nn.Module
{
    private readonly Generator _random;
    private readonly RecurrentStack _encoder;
    private readonly RecurrentStack _decoder;
    private readonly List<(Linear Hidden, Linear? Cell)> _bridges = [];
    private readonly GlobalAttention? _attention;

    /// <param name="layers">The encoder's layers. The decoder's are the same, in one direction.</param>
    /// <param name="attention">Whether each step of the decoder looks back at all of the encoder's.</param>
    /// <param name="inputSize">The number of values in a step of the encoder.</param>
    /// <param name="decoderInputSize">The number of values in a step of the decoder: what came before it, and what is known of it in advance.</param>
    /// <param name="random">The source of dropout, and of whether a batch is forced.</param>
    public EncoderDecoderCore(RecurrentLayers layers, bool attention, long inputSize, long decoderInputSize, Generator random)
        : base(nameof(EncoderDecoderCore))
    {
        _random = random;
        register_module("encoder", _encoder = new RecurrentStack(layers, inputSize, random));
        register_module("decoder", _decoder = new RecurrentStack(layers with { Bidirectional = false }, decoderInputSize, random));
        if (layers.Bidirectional)
        {
            var hasCellState = CellEquations.Of(layers).HasCellState;
            for (var layer = 1; layer <= layers.NumberOfLayers; layer++)
                _bridges.Add((Bridge($"hidden_bridge{layer}"), hasCellState ? Bridge($"cell_bridge{layer}") : null));
        }

        if (attention)
            register_module("attention", _attention = new GlobalAttention(_encoder.OutputSize, _decoder.OutputSize));

        Linear Bridge(string name)
        {
            var bridge = nn.Linear(2 * layers.HiddenSize, layers.HiddenSize, dtype: ScalarType.Float32);
            register_module(name, bridge);
            return bridge;
        }
    }

    /// <summary>The number of values that a step of the decoder gives.</summary>
    public int OutputSize => _decoder.OutputSize;

    /// <summary>Reads a batch of sequences.</summary>
    /// <param name="input">[rows, steps, input size].</param>
    /// <param name="lengths">Each row's number of steps, 64-bit [rows]; null where all are as long as the batch.</param>
    public EncodedSequences Encode(Tensor input, Tensor? lengths)
    {
        var (output, state) = _encoder.Run(input, lengths: lengths);
        return new EncodedSequences(_bridges.Count == 0 ? state : Bridge(state), _attention is null ? null : output, _attention?.Keys(output), lengths is null ? null : Beyond(lengths, output.shape[1]));
    }

    /// <summary>Decodes when the inputs of all steps are known, as under teacher forcing: all steps in one go.</summary>
    /// <param name="source">What was read.</param>
    /// <param name="inputs">[rows, steps, decoder input size].</param>
    /// <returns>[rows, steps, <see cref="OutputSize"/>].</returns>
    public Tensor Decode(EncodedSequences source, Tensor inputs)
    {
        var output = _decoder.Run(inputs, source.Summary).Output;
        return _attention is null ? output : _attention.Attend(output, source);
    }

    /// <summary>Decodes step by step, where a step's input depends on the output of the step before it.</summary>
    /// <param name="source">What was read.</param>
    /// <param name="nextInput">Given the number of steps done and the last one's output [rows, <see cref="OutputSize"/>] (null before the first), makes the next step's input [rows, decoder input size], or null to stop.</param>
    /// <returns>[rows, steps, <see cref="OutputSize"/>].</returns>
    public Tensor Unroll(EncodedSequences source, Func<int, Tensor?, Tensor?> nextInput)
    {
        var state = source.Summary;
        var outputs = new List<Tensor>();
        while (nextInput(outputs.Count, outputs.Count == 0 ? null : outputs[^1]) is { } input)
        {
            (var output, state) = _decoder.Step(input, state);
            outputs.Add(_attention is null ? output : _attention.Attend(output.unsqueeze(1), source).squeeze(1));
        }

        return stack(outputs, 1);
    }

    /// <summary>Draws whether a batch is given the true outputs as the decoder's inputs, rather than its own.</summary>
    /// <param name="ratio">The share of the batches of which that is so, in [0, 1].</param>
    public bool IsForced(double ratio)
    {
        if (ratio is 0 or 1)
            return ratio == 1;
        using var drawn = rand(1, generator: _random);
        return drawn.item<float>() < ratio;
    }

    /// <summary>TorchSharp would register fields again, under their own names: every tensor would be there twice.</summary>
    protected override void RegisterComponents()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _encoder.Dispose();
            _decoder.Dispose();
            _attention?.Dispose();
            foreach (var (hidden, cell) in _bridges)
            {
                hidden.Dispose();
                cell?.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    /// <summary>Which steps are beyond their row's end: [rows, 1, steps], to be broadcast over the decoder's steps.</summary>
    private static Tensor Beyond(Tensor lengths, long steps) => ones(1, 1, steps, ScalarType.Int64).cumsum(2).gt(lengths.view(-1, 1, 1));

    private RecurrentState Bridge(RecurrentState state) => new([.. _bridges.Select((bridge, layer) =>
    {
        var (forward, backward) = (state.Layers[2 * layer], state.Layers[2 * layer + 1]);
        return new CellState(bridge.Hidden.call(cat([forward.Hidden, backward.Hidden], 1)).tanh(), bridge.Cell?.call(cat([forward.Cell!, backward.Cell!], 1)));
    })]);
}

/// <summary>What an encoder has read.</summary>
/// <param name="Summary">The state that the decoder starts from.</param>
/// <param name="Values">With attention, the encoder's output at each step, [rows, steps, encoder's output size].</param>
/// <param name="Keys">With attention, what the decoder's output is compared with, [rows, steps, decoder's output size].</param>
/// <param name="Beyond">Which steps are beyond their row's end, [rows, 1, steps]; null where all rows are of one length.</param>
internal sealed record EncodedSequences(RecurrentState Summary, Tensor? Values, Tensor? Keys, Tensor? Beyond);
