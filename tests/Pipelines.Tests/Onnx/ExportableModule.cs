using Sconce.Trainers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Pipelines.Tests.Onnx;

/// <summary>A user's module of one dense layer, which says what it is in ONNX.</summary>
public sealed class ExportableModule : nn.Module<Tensor, Tensor>, IOnnxLayer
{
    private readonly Linear _layer;

    public ExportableModule(long[] shape, Generator random, long outputs, string name = "exportable")
        : base(name)
    {
        _layer = nn.Linear(shape[0], outputs);
        using var noGradient = no_grad();
        _layer.weight!.uniform_(-1, 1, random);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => _layer.forward(input);

    public OnnxValue Export(OnnxGraph graph, OnnxValue input) => graph.Export(_layer, input);
}
