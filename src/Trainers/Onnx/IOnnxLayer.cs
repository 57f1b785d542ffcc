namespace Sconce.Trainers;

/// <summary>A module with a <c>forward</c> of its own that can be exported to ONNX: it adds the computations of its <c>forward</c> to a graph.</summary>
/// <remarks>
/// TorchSharp's own modules do not need it: Linear, convolutions, pooling, normalizations, activations, Flatten,
/// Dropout, Sequential and similar modules are supported.
/// </remarks>
/// <example>
/// <code>
/// public sealed class Residual : nn.Module&lt;Tensor, Tensor&gt;, IOnnxLayer
/// {
///     private readonly Linear _inner = nn.Linear(32, 32);
///
///     public Residual() : base("Residual") => RegisterComponents();
///
///     public override Tensor forward(Tensor input) => input + _inner.call(input).relu();
///
///     public OnnxValue Export(OnnxGraph graph, OnnxValue input) =>
///         graph.Add("Add", [input, graph.Add("Relu", [graph.Export(_inner, input)])]);
/// }
/// </code>
/// </example>
public interface IOnnxLayer
{
    /// <summary>Adds the nodes that compute what <c>forward</c> computes in evaluation mode.</summary>
    /// <param name="graph">The graph. Add layers within this one by <see cref="OnnxGraph.Export"/>.</param>
    /// <param name="input">The input of <c>forward</c>.</param>
    /// <returns>The output of <c>forward</c>.</returns>
    OnnxValue Export(OnnxGraph graph, OnnxValue input);
}

/// <summary>A part of a network that does not change values in evaluation mode, or only their layout in memory.</summary>
internal interface IOnnxIdentity : IOnnxLayer
{
    OnnxValue IOnnxLayer.Export(OnnxGraph graph, OnnxValue input) => input;
}
