using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>A <see cref="RecurrentNetwork"/>'s layers.</summary>
internal sealed class RecurrentModule : nn.Module<Tensor, Tensor>
{
    private readonly RecurrentNetwork _options;
    private readonly int _features;
    private readonly Linear? _input;
    private readonly RecurrentStack _layers;
    private readonly SeededDropout _dropout;
    private readonly Linear _output;

    public RecurrentModule(RecurrentNetwork options, int features, int outputs, Generator random)
        : base(nameof(RecurrentModule))
    {
        _options = options;
        _features = features;
        if (options.InputWidth is { } width)
            register_module("input", _input = nn.Linear(features, width, dtype: ScalarType.Float32));
        _layers = new RecurrentStack(options.Layers, options.InputWidth ?? features, random);
        _dropout = new SeededDropout(options.Dropout, random);
        _output = nn.Linear(_layers.OutputSize, outputs, dtype: ScalarType.Float32);
        register_module("recurrent", _layers);
        register_module("dropout", _dropout);
        register_module("output", _output);
    }

    /// <summary>Gives the answers to sequences: [rows, steps, features] to [rows, outputs], or [rows, steps * outputs].</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var sequence = input.reshape(input.shape[0], -1, _features);
        var (hidden, state) = _layers.Run(_input?.forward(sequence) ?? sequence);
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
