using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>An encoder-decoder of symbols. Symbol 0 stands before the first symbol of an output and after its last; as a module it encodes.</summary>
internal sealed class EncoderDecoderModule : nn.Module<Tensor, Tensor>
{
    private readonly double _teacherForcing;
    private readonly SymbolEmbedding? _inputEmbedding;
    private readonly SymbolEmbedding _outputEmbedding;
    private readonly EncoderDecoderCore _core;
    private readonly Linear _output;

    /// <param name="options">The network.</param>
    /// <param name="stepSize">The number of values in a step of the input, where it is made of numbers.</param>
    /// <param name="inputSymbols">The number of symbols that the input is made of; null for numbers.</param>
    /// <param name="outputSymbols">The number of symbols that the output is made of, with symbol 0.</param>
    /// <param name="random">Draws the weights, and which batches are forced.</param>
    public EncoderDecoderModule(EncoderDecoder options, int stepSize, int? inputSymbols, int outputSymbols, Generator random)
        : base(nameof(EncoderDecoderModule))
    {
        _teacherForcing = options.TeacherForcing;
        if (inputSymbols is { } symbols)
            register_module("input_embedding", _inputEmbedding = new SymbolEmbedding(symbols + 2, options.EmbeddingSize, random, lastIsUnknown: true));
        register_module("output_embedding", _outputEmbedding = new SymbolEmbedding(outputSymbols, options.EmbeddingSize, random, lastIsUnknown: false));
        register_module("core", _core = new EncoderDecoderCore(options.Layers, options.Attention, _inputEmbedding is null ? stepSize : options.EmbeddingSize, options.EmbeddingSize, random));
        register_module("output", _output = nn.Linear(_core.OutputSize, outputSymbols, dtype: ScalarType.Float32));
    }

    /// <summary>Gives the state of the encoder's last layer after a row's last step, [rows, hidden size].</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return Read(input).Summary.Layers[^1].Hidden.MoveToOuterDisposeScope();
    }

    /// <summary>Tells how likely each symbol is at each step of given outputs.</summary>
    /// <param name="input">A batch as <see cref="InputColumn.ToNetwork"/> gives it.</param>
    /// <param name="output">The right outputs, 64-bit [rows, steps].</param>
    /// <returns>Logits [rows, steps, symbols].</returns>
    public Tensor Logits(Tensor input, Tensor output)
    {
        var source = Read(input);
        var steps = output.shape[1];
        if (!training || _core.IsForced(_teacherForcing))
        {
            var before = cat([zeros(output.shape[0], 1, ScalarType.Int64), output.narrow(1, 0, steps - 1)], 1);
            return _output.call(_core.Decode(source, _outputEmbedding.call(before)));
        }

        return _output.call(_core.Unroll(source, (step, last) =>
            step == steps ? null : _outputEmbedding.call(last is null ? zeros(output.shape[0], ScalarType.Int64) : Likeliest(last))));
    }

    /// <summary>Writes, at each step the likeliest symbol, until all rows have ended.</summary>
    /// <param name="input">A batch as <see cref="InputColumn.ToNetwork"/> gives it.</param>
    /// <param name="longest">The most symbols in a row.</param>
    /// <returns>64-bit [rows, <paramref name="longest"/>], 0 beyond a row's end.</returns>
    public Tensor Translate(Tensor input, int longest)
    {
        var rows = input.shape[0];
        var written = new List<Tensor>();
        var running = ones(rows, ScalarType.Int64);
        _core.Unroll(Read(input), (step, last) =>
        {
            if (last is null)
                return _outputEmbedding.call(zeros(rows, ScalarType.Int64));
            var symbols = Likeliest(last).mul(running);
            running = symbols.sign();
            written.Add(symbols);
            return step == longest || !running.any().item<bool>() ? null : _outputEmbedding.call(symbols);
        });
        return cat([stack(written, 1), zeros(rows, longest - written.Count, ScalarType.Int64)], 1);
    }

    /// <summary>TorchSharp would register fields again, under their own names: every tensor would be there twice.</summary>
    protected override void RegisterComponents()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inputEmbedding?.Dispose();
            _outputEmbedding.Dispose();
            _core.Dispose();
            _output.Dispose();
        }

        base.Dispose(disposing);
    }

    private EncodedSequences Read(Tensor input)
    {
        var (batch, lengths) = SequenceLengths.Trim(input);
        return _core.Encode(_inputEmbedding is null ? batch.flatten(2) : _inputEmbedding.call(batch), lengths);
    }

    private Tensor Likeliest(Tensor output) => _output.call(output).detach().argmax(1);
}
