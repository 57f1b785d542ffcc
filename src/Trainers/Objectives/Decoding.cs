using System.Text.Json.Serialization;
using Sconce.Trainers.Networks;
using Sconce.Trainers.Onnx;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>Decodes codes to rows, with a decoder that was trained as a part of an autoencoder.</summary>
/// <param name="Output">The output column: its name, type and shape.</param>
/// <param name="OutputActivation">The activation of the decoder's output.</param>
public sealed record Decoding(InputColumn Output, Activation OutputActivation) : Objective
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override int OutputSize => Output.Length;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string? MetricName => null;

    internal override bool TakesAnyShape => true;

    internal override void Validate()
    {
        Output.Validate();
        base.Validate();
    }

    internal override IReadOnlyList<ScoreColumn> Columns => [new(Output.Name, Output.ColumnType)];

    internal override (Tensor Loss, Tensor? Metric) Evaluate(nn.Module<Tensor, Tensor> network, Tensor input, Tensor target, Tensor? weights = null) =>
        throw new NotSupportedException("A decoder cannot be trained by itself; train its autoencoder.");

    internal override IReadOnlyList<Tensor?> Score(nn.Module<Tensor, Tensor> network, Tensor input, IReadOnlyList<bool> wanted) =>
        [Output.FromNetwork(OutputActivation.Apply(network.forward(input)))];

    internal override IReadOnlyList<OnnxValue> Export(OnnxGraph graph, nn.Module<Tensor, Tensor> network, OnnxValue input) =>
        [Output.ExportFromNetwork(graph, OutputActivation.Export(graph, network is ForeignModule ? graph.Reshape(graph.Export(network, input), [0, .. Output.Shape.Select(size => (long)size)]) : graph.Export(network, input)))];
}
