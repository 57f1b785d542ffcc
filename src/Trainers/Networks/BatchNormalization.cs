using System.Runtime.InteropServices;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Sconce.Trainers.Networks;

/// <summary>Batch normalization of images, with PyTorch's parameters, names and defaults.</summary>
/// <remarks>
/// Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing internal covariate shift",
/// ICML 2015. TorchSharp's own layer counts its batches with a native scalar that the garbage collector may free while
/// it is read (seen as a rare crash in 0.107); this one does not. TorchSharp finds a field by its component name when it converts the module.
/// </remarks>
internal sealed class BatchNormalization : nn.Module<Tensor, Tensor>, IOnnxLayer
{
    private const double Epsilon = 1e-5;

    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter _bias;

    [ComponentName(Name = "running_mean")]
    private readonly Tensor _mean;

    [ComponentName(Name = "running_var")]
    private readonly Tensor _variance;

    [ComponentName(Name = "num_batches_tracked")]
    private readonly Tensor _batches;

    public BatchNormalization(int channels)
        : base(nameof(BatchNormalization))
    {
        register_parameter("weight", _weight = new Parameter(ones(channels, ScalarType.Float32)));
        register_parameter("bias", _bias = new Parameter(zeros(channels, ScalarType.Float32)));
        register_buffer("running_mean", _mean = zeros(channels, ScalarType.Float32));
        register_buffer("running_var", _variance = ones(channels, ScalarType.Float32));
        register_buffer("num_batches_tracked", _batches = zeros(1, ScalarType.Int64).squeeze());
    }

    public override Tensor forward(Tensor input)
    {
        // A single value has no variance, so a last batch of one row of one pixel is normalized as in scoring. So is every batch if the
        // layer is frozen.
        var measure = training && _weight.requires_grad && input.numel() > input.shape[1];
        if (measure)
            MemoryMarshal.Cast<byte, long>(_batches.bytes)[0]++;
        return nn.functional.batch_norm(input, _mean, _variance, _weight, _bias, measure, eps: Epsilon);
    }

    public OnnxValue Export(OnnxGraph graph, OnnxValue input) =>
        graph.Add("BatchNormalization", [input, graph.Weight(_weight), graph.Weight(_bias), graph.Weight(_mean), graph.Weight(_variance)], ("epsilon", Epsilon));
}
