using Sconce.Trainers.Native;
using Sconce.Trainers.Onnx;
using static TorchSharp.torch;

namespace Sconce.Trainers.Networks;

/// <summary>An autoencoder's layers. Its <c>forward</c> is the encoder.</summary>
internal sealed class AutoencoderModule : CompositeModule, IAutoencoderModule, IOnnxLayer
{
    private readonly Autoencoder _options;
    private readonly Generator _random;
    private readonly double _inputLength;
    private readonly nn.Module<Tensor, Tensor> _encoder;
    private readonly nn.Module<Tensor, Tensor> _code;
    private readonly nn.Module<Tensor, Tensor>? _logVariance;
    private readonly nn.Module<Tensor, Tensor> _decoder;

    public AutoencoderModule(Autoencoder options, IReadOnlyList<int> inputShape, Generator random)
        : base(nameof(AutoencoderModule))
    {
        _options = options;
        _random = random;
        var layers = new AutoencoderLayers(options, inputShape);
        _inputLength = layers.InputLength;
        (_encoder, _code, _logVariance) = layers.CreateEncoder();
        _decoder = layers.CreateDecoder(options.TiedWeights ? (_encoder, _code) : null);
        register_module("encoder", _encoder);
        register_module("code", _code);
        if (_logVariance is not null)
            register_module("log_variance", _logVariance);
        register_module("decoder", _decoder);
    }

    public nn.Module<Tensor, Tensor> Decoder => _decoder;

    /// <remarks>Tied layers have no weights of their own: a separate decoder has the encoder's, transposed.</remarks>
    public IReadOnlyDictionary<string, Tensor> DecoderWeights
    {
        get
        {
            var weights = _decoder.state_dict();
            foreach (var (name, layer) in _decoder.named_modules())
            {
                if (layer is TiedLayer tied)
                    weights[$"{name}.weight"] = tied.Weight;
            }

            return weights;
        }
    }

    /// <summary>Encodes rows: [rows, ...shape] to [rows, code size]. A variational autoencoder returns the mean of the code.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return _code.call(_encoder.call(input)).MoveToOuterDisposeScope();
    }

    public OnnxValue Export(OnnxGraph graph, OnnxValue input) => graph.Export(_code, graph.Export(_encoder, input));

    public Tensor Decode(Tensor code) => _decoder.call(code);

    public (Tensor Output, Tensor? Penalty) Reconstruct(Tensor input)
    {
        var features = _encoder.call(training && _options.Noise > 0 ? input.Plus(Normal(input).Times(_options.Noise)) : input);
        var code = _code.call(features);
        Tensor? penalty = null;
        if (_options.SparsityWeight > 0)
            penalty = code.abs().mean().Times(_options.SparsityWeight);
        if (_logVariance is null)
            return (Decode(code), penalty);

        var logVariance = _logVariance.call(features);
        var divergence = code.Squared().Plus(logVariance.exp()).sub(logVariance).Plus(-1).sum(1).mean().Times(_options.VariationalWeight!.Value / 2 / _inputLength);
        if (training)
            code = code.Plus(Normal(code).mul(logVariance.Times(0.5).exp()));
        return (Decode(code), penalty is null ? divergence : penalty.Plus(divergence));
    }

    private Tensor Normal(Tensor like) => empty_like(like, requires_grad: false).normal_(0, 1, _random);
}
