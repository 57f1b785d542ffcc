using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Trainers.Columns;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Onnx;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>Maps a row to a vector: training minimizes its difference from a column of the data, and scoring adds it as a column.</summary>
/// <param name="OutputColumnName">The output column, a vector of Single.</param>
/// <param name="Shape">The shape of the vector.</param>
/// <param name="TargetColumnName">
/// The column that the network was trained to predict; null for the input column itself, with bytes divided by 255.
/// </param>
public sealed record Mapping(string OutputColumnName, IReadOnlyList<int> Shape, string? TargetColumnName) : Objective
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override int OutputSize => Shape.Aggregate(1, (product, size) => checked(product * size));

    /// <inheritdoc/>
    [JsonIgnore]
    public override string MetricName => "mean squared error";

    /// <summary>The loss to minimize. It belongs to the training and is not saved.</summary>
    internal Loss Loss { get; init; } = new MeanSquaredError();

    internal override bool TakesAnyShape => true;

    internal override IReadOnlyList<ScoreColumn> Columns => [new(OutputColumnName, new VectorDataViewType(NumberDataViewType.Single, Shape.ToArray()))];

    internal override (Tensor Loss, Tensor? Metric) Evaluate(nn.Module<Tensor, Tensor> network, Tensor input, Tensor target, Tensor? weights = null)
    {
        var output = network.forward(input);
        return Regression.Evaluate(Loss, output, (TargetColumnName is null ? input : target).reshape(output.shape), null, null);
    }

    internal override IReadOnlyList<Tensor?> Score(nn.Module<Tensor, Tensor> network, Tensor input, IReadOnlyList<bool> wanted) => [network.forward(input)];

    internal override IReadOnlyList<OnnxValue> Export(OnnxGraph graph, nn.Module<Tensor, Tensor> network, OnnxValue input) =>
        [graph.Reshape(graph.Export(network, input), [-1, .. Shape.Select(size => (long)size)])];

    internal override void Validate()
    {
        Check.NotEmpty(OutputColumnName, "Objective.OutputColumnName");
        Check.AtLeast(Shape.Count, 1, "Objective.Shape.Count");
        Regression.CheckSizes(Shape);
        base.Validate();
    }

    internal override bool LearnsTheSameAs(Objective other) => other is Mapping { Shape: var shape } && shape.SequenceEqual(Shape);
}

/// <summary>A column to predict from another column, or from itself.</summary>
internal sealed record MappingTarget(string InputColumnName, string OutputColumnName, string? TargetColumnName, Loss Loss) : Target
{
    private readonly NumberTarget? _numbers = TargetColumnName is null ? null : new NumberTarget(TargetColumnName);

    public override ColumnBinding Bind(DataViewSchema schema, Objective objective) => _numbers?.Bind(schema, _numbers.FindShape(schema) is [] && ((Mapping)objective).OutputSize == 1 ? [] : ((Mapping)objective).Shape) ?? new NoColumn(InputColumnName);

    public override Objective CreateObjective(IDataView data, CancellationToken cancellation)
    {
        var shape = _numbers?.FindShape(data.Schema) ?? InputColumn.FromSchema(data.Schema, InputColumnName).Shape;
        return new Mapping(OutputColumnName, shape.Count == 0 ? [1] : shape, TargetColumnName) { Loss = Loss };
    }

    public override IEnumerable<SchemaShape.Column> OutputShape(SchemaShape input)
    {
        _numbers?.CheckShape(input);
        return [ScoreAnnotations.PlainShape(OutputColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single)];
    }
}
