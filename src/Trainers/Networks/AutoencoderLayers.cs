using Sconce.Trainers.Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers.Networks;

/// <summary>Creates an autoencoder's layers: each layer of the decoder mirrors one of the encoder.</summary>
internal sealed class AutoencoderLayers
{
    private const int KernelSize = 3;
    private const int Stride = 2;

    private readonly Autoencoder _options;
    private readonly long[] _inputShape;
    // The input shape of each convolution, and the output shape of the last; empty without convolutions.
    private readonly List<ImageShape> _images = [];
    // The widths from the first dense layer's input to the code.
    private readonly List<int> _widths = [];

    /// <exception cref="ArgumentException">There are convolutions, and rows of that shape are not images.</exception>
    public AutoencoderLayers(Autoencoder options, IReadOnlyList<int> inputShape)
    {
        _options = options;
        _inputShape = [.. inputShape.Select(size => (long)size)];
        InputLength = inputShape.Aggregate(1, (product, size) => checked(product * size));
        if (options.Convolutions.Count > 0)
        {
            var image = ImageShape.Of(inputShape, "An autoencoder with convolutions");
            _images.Add(image);
            foreach (var filters in options.Convolutions)
                _images.Add(image = new(filters, (image.Height + Stride - 1) / Stride, (image.Width + Stride - 1) / Stride));
        }

        _widths = [_images.Count > 0 ? _images[^1].Length : InputLength, .. options.HiddenLayerSizes, options.CodeSize];
    }

    /// <summary>The number of values in a row.</summary>
    public int InputLength { get; }

    /// <summary>
    /// Creates the layers before the code, the code's layer, and for a variational autoencoder the layer that outputs the logarithm of the
    /// code's variance.
    /// </summary>
    public (nn.Module<Tensor, Tensor> Hidden, nn.Module<Tensor, Tensor> Code, nn.Module<Tensor, Tensor>? LogVariance) CreateEncoder()
    {
        var layers = new List<(string, nn.Module<Tensor, Tensor>)>();
        if (_images is [var image, ..] && _inputShape.Length == 2)
            layers.Add(("channel", nn.Unflatten(1, [1, image.Height])));
        for (var i = 1; i < _images.Count; i++)
        {
            layers.Add((Convolution(i), nn.Conv2d(_images[i - 1].Channels, _images[i].Channels, KernelSize, Stride, padding: KernelSize / 2, dtype: ScalarType.Float32)));
            layers.Add(($"convolution_activation{i}", _options.Activation.CreateLayer()));
        }

        layers.Add(("flatten", nn.Flatten()));
        for (var i = 1; i < _widths.Count - 1; i++)
        {
            layers.Add((Dense(i), nn.Linear(_widths[i - 1], _widths[i], dtype: ScalarType.Float32)));
            layers.Add(($"dense_activation{i}", _options.Activation.CreateLayer()));
        }

        return (nn.Sequential([.. layers]), CreateCode(), _options.VariationalWeight is null ? null : CreateCode());

        nn.Module<Tensor, Tensor> CreateCode() => nn.Linear(_widths[^2], _widths[^1], dtype: ScalarType.Float32);
    }

    /// <summary>Creates the decoder, whose layers are numbered from the code.</summary>
    /// <param name="tied">The encoder whose weights the decoder uses; null for weights of its own.</param>
    public nn.Module<Tensor, Tensor> CreateDecoder((nn.Module<Tensor, Tensor> Hidden, nn.Module<Tensor, Tensor> Code)? tied)
    {
        var layers = new List<(string, nn.Module<Tensor, Tensor>)>();
        var remaining = _widths.Count - 1 + Math.Max(0, _images.Count - 1);
        for (var i = _widths.Count - 1; i > 0; i--)
        {
            var source = tied is { } encoder ? (Linear)(i == _widths.Count - 1 ? encoder.Code : Layer(encoder.Hidden, Dense(i))) : null;
            Add(Dense(_widths.Count - i), source is null ? nn.Linear(_widths[i], _widths[i - 1], dtype: ScalarType.Float32) : TiedLayer.Transpose(source));
        }

        if (_images.Count > 0)
            layers.Add(("image", new Reshape([_images[^1].Channels, _images[^1].Height, _images[^1].Width])));
        for (var i = _images.Count - 1; i > 0; i--)
        {
            var (narrow, wide) = (_images[i], _images[i - 1]);
            (long, long) padding = (Rest(wide.Height, narrow.Height), Rest(wide.Width, narrow.Width));
            Add(Convolution(_images.Count - i), tied is { } encoder
                ? TiedLayer.Transpose((Conv2d)Layer(encoder.Hidden, Convolution(i)), wide.Channels, Stride, KernelSize / 2, padding)
                : nn.ConvTranspose2d(narrow.Channels, wide.Channels, (KernelSize, KernelSize), (Stride, Stride), (KernelSize / 2, KernelSize / 2), padding, dtype: ScalarType.Float32));
        }

        layers.Add(("shape", new Reshape(_inputShape)));
        return nn.Sequential([.. layers]);

        void Add(string name, nn.Module<Tensor, Tensor> layer)
        {
            layers.Add((name, layer));
            if (--remaining > 0)
                layers.Add(($"activation{remaining}", _options.Activation.CreateLayer()));
        }
    }

    /// <summary>The weights of the layers that <see cref="CreateEncoder"/> creates, within an <see cref="AutoencoderModule"/>.</summary>
    public IEnumerable<WeightShape> EncoderWeights()
    {
        string[] codes = _options.VariationalWeight is null ? ["code"] : ["code", "log_variance"];
        return Enumerable.Range(1, Math.Max(0, _images.Count - 1))
            .SelectMany(i => WeightShape.Convolution($"encoder.{Convolution(i)}", _images[i - 1].Channels, _images[i].Channels, KernelSize))
            .Concat(Enumerable.Range(1, _widths.Count - 2).SelectMany(i => WeightShape.Dense($"encoder.{Dense(i)}", _widths[i - 1], _widths[i])))
            .Concat(codes.SelectMany(code => WeightShape.Dense(code, _widths[^2], _widths[^1])));
    }

    /// <summary>The weights of the layers that <see cref="CreateDecoder"/> creates.</summary>
    /// <param name="prefix">The prefix of their names.</param>
    /// <param name="isTied">Whether all but the biases are the encoder's.</param>
    public IEnumerable<WeightShape> DecoderWeights(string prefix, bool isTied)
    {
        for (var i = _widths.Count - 1; i > 0; i--)
        {
            var name = $"{prefix}{Dense(_widths.Count - i)}";
            foreach (var weight in isTied ? [WeightShape.Bias(name, _widths[i - 1])] : WeightShape.Dense(name, _widths[i], _widths[i - 1]))
                yield return weight;
        }

        for (var i = _images.Count - 1; i > 0; i--)
        {
            var (name, narrow, wide) = ($"{prefix}{Convolution(_images.Count - i)}", _images[i].Channels, _images[i - 1].Channels);
            foreach (var weight in isTied ? [WeightShape.Bias(name, wide)] : WeightShape.Convolution(name, narrow, wide, KernelSize, isTransposed: true))
                yield return weight;
        }
    }

    /// <summary>The output padding of a transposed convolution: an even and an odd size both shrink to the same size.</summary>
    private static long Rest(int wide, int narrow) => wide - (Stride * (narrow - 1) + 1);

    private static nn.Module Layer(nn.Module layers, string name) => layers.named_children().First(child => child.name == name).module;

    private static string Dense(int i) => $"dense{i}";

    private static string Convolution(int i) => $"convolution{i}";

    /// <summary>Reshapes rows.</summary>
    private sealed class Reshape(long[] shape) : nn.Module<Tensor, Tensor>(nameof(Reshape)), IOnnxLayer
    {
        public override Tensor forward(Tensor input) => input.reshape([input.shape[0], .. shape]);

        public OnnxValue Export(OnnxGraph graph, OnnxValue input) => graph.Reshape(input, [0, .. shape]);
    }
}
