using Sconce.Trainers.Native;
using Sconce.Trainers.Onnx;
using static TorchSharp.torch;

namespace Sconce.Trainers.Networks;

/// <summary>An autoencoder's layers. As a module it encodes.</summary>
internal sealed class AutoencoderModule : nn.Module<Tensor, Tensor>, IOnnxLayer
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

    /// <summary>Copies the decoder's weights into one that has all of its weights to itself.</summary>
    public void CopyDecoder(nn.Module<Tensor, Tensor> destination)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var weights = _decoder.state_dict();
        foreach (var (name, layer) in _decoder.named_modules())
        {
            if (layer is TiedLayer tied)
                weights[$"{name}.weight"] = tied.Weight;
        }

        foreach (var (name, weight) in destination.state_dict())
            weight.copy_(weights[name]);
    }

    /// <summary>Gives the codes of rows: [rows, ...shape] to [rows, code size]. Of a variational autoencoder it is the mean.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return _code.call(_encoder.call(input)).MoveToOuterDisposeScope();
    }

    public OnnxValue Export(OnnxGraph graph, OnnxValue input) => graph.Export(_code, graph.Export(_encoder, input));

    /// <summary>Adds <see cref="Decode"/> to a graph.</summary>
    public OnnxValue ExportDecoder(OnnxGraph graph, OnnxValue code) => graph.Export(_decoder, code);

    /// <summary>Gives the values that the output's activation turns into rows: [rows, code size] to [rows, ...shape].</summary>
    public Tensor Decode(Tensor code) => _decoder.call(code);

    /// <summary>Encodes and decodes, in training mode with the noise that belongs to it.</summary>
    /// <returns>As <see cref="Decode"/>; and what the code adds to the loss, a scalar, or null where it adds nothing.</returns>
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

    /// <summary>TorchSharp would register fields again, under their own names: every tensor would be there twice.</summary>
    protected override void RegisterComponents()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _encoder.Dispose();
            _code.Dispose();
            _logVariance?.Dispose();
            _decoder.Dispose();
        }

        base.Dispose(disposing);
    }

    private Tensor Normal(Tensor like) => empty_like(like, requires_grad: false).normal_(0, 1, _random);
}
