namespace Sconce.Trainers;

/// <summary>A module with a <c>forward</c> of its own that can be written as ONNX: it adds to a graph what its <c>forward</c> computes when it scores.</summary>
/// <remarks>
/// Modules that are TorchSharp's own need none: Linear, convolutions, pooling, normalisation, activations, Flatten,
/// Dropout, Sequential and the like are known.
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
    /// <summary>Adds the nodes that compute in evaluation mode what <c>forward</c> computes.</summary>
    /// <param name="graph">The graph. Layers within this one go into it by <see cref="OnnxGraph.Export"/>.</param>
    /// <param name="input">What <c>forward</c> is given.</param>
    /// <returns>What <c>forward</c> returns.</returns>
    OnnxValue Export(OnnxGraph graph, OnnxValue input);
}

/// <summary>A part of a network that does not change what passes through it when it scores, or only how it lies in memory.</summary>
internal interface IOnnxIdentity : IOnnxLayer
{
    OnnxValue IOnnxLayer.Export(OnnxGraph graph, OnnxValue input) => input;
}
