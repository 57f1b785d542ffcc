using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>A <see cref="RecurrentNetwork"/>'s layers.</summary>
internal sealed class RecurrentModule : nn.Module<Tensor, Tensor>
{
    private readonly RecurrentNetwork _options;
    private readonly int _features;
    private readonly nn.Module<Tensor, Tensor>? _input;
    private readonly RecurrentStack _layers;
    private readonly SeededDropout _dropout;
    private readonly Linear _output;

    /// <param name="options">The network.</param>
    /// <param name="features">The number of values at each step.</param>
    /// <param name="symbols">The number of symbols that rows are made of; null where they are made of numbers.</param>
    /// <param name="outputs">The number of values in an answer.</param>
    /// <param name="random">The source of dropout.</param>
    public RecurrentModule(RecurrentNetwork options, int features, int? symbols, int outputs, Generator random)
        : base(nameof(RecurrentModule))
    {
        _options = options;
        _features = features;
        var width = options.InputWidth ?? (symbols is null ? features : RecurrentNetwork.SymbolWidth);
        if (symbols is { } count)
            _input = new SymbolEmbedding(count + 2, width, random, lastIsUnknown: true);
        else if (options.InputWidth is not null)
            _input = nn.Linear(features, width, dtype: ScalarType.Float32);
        if (_input is not null)
            register_module("input", _input);
        _layers = new RecurrentStack(options.Layers, width, random);
        _dropout = new SeededDropout(options.Dropout, random);
        _output = nn.Linear(_layers.OutputSize, outputs, dtype: ScalarType.Float32);
        register_module("recurrent", _layers);
        register_module("dropout", _dropout);
        register_module("output", _output);
    }

    /// <summary>Gives the answers to sequences, as <see cref="InputColumn.ToNetwork"/> gives them: [rows, steps, features] or symbols [rows, steps] to [rows, outputs], or [rows, steps * outputs].</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (batch, lengths) = SequenceLengths.Trim(input);
        var sequence = batch.is_floating_point() ? batch.reshape(batch.shape[0], -1, _features) : batch;
        var (hidden, state) = _layers.Run(_input?.forward(sequence) ?? sequence, lengths: lengths);
        var answer = _output.forward(_dropout.forward(_options.EveryStep ? hidden : state.Last(_options.Layers.Bidirectional ? 2 : 1)));
        return answer.flatten(1).MoveToOuterDisposeScope();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _input?.Dispose();
            _layers.Dispose();
            _dropout.Dispose();
            _output.Dispose();
        }

        base.Dispose(disposing);
    }
}
