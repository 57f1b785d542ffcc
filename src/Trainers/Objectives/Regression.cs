using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Interop;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>
/// Numbers: the mean squared error, or another loss, while training; the column <c>Score</c> when scoring, a Single or a vector of them
/// with the label's dimensions.
/// </summary>
/// <param name="LabelColumnName">The column that it was trained to predict.</param>
/// <param name="Shape">The shape of a row's label; empty for a single number.</param>
public sealed record Regression(string LabelColumnName, IReadOnlyList<int> Shape) : Objective
{
    internal const string ScoreName = "Score";

    /// <inheritdoc/>
    [JsonIgnore]
    public override int OutputSize => Shape.Aggregate(1, (product, size) => checked(product * size));

    /// <inheritdoc/>
    [JsonIgnore]
    public override string MetricName => "mean squared error";

    /// <summary>What is minimised. It belongs to the training, and is not saved.</summary>
    internal Loss Loss { get; init; } = new MeanSquaredError();

    internal override bool TakesAnyShape => true;

    internal override IReadOnlyList<ScoreColumn> Columns =>
        [new(ScoreName, Shape.Count == 0 ? NumberDataViewType.Single : new VectorDataViewType(NumberDataViewType.Single, Shape.ToArray()), ScoreAnnotations.Regression(Shape.Count > 0))];

    internal override void Validate()
    {
        Check.NotEmpty(LabelColumnName, "Objective.LabelColumnName");
        CheckSizes(Shape);
        base.Validate();
    }

    /// <summary>Checks the shape of what is learned.</summary>
    internal static void CheckSizes(IReadOnlyList<int> shape)
    {
        foreach (var size in shape)
            Check.AtLeast(size, 1, "Objective.Shape");
        Check.AtMost(shape.Aggregate(1L, (product, size) => Math.Min(product * size, int.MaxValue + 1L)), int.MaxValue, "The number of values in Objective.Shape");
    }

    internal override (Tensor Loss, Tensor? Metric) Evaluate(nn.Module<Tensor, Tensor> network, Tensor input, Tensor target)
    {
        var output = network.forward(input);
        return Evaluate(Loss, output, target.reshape(output.shape));
    }

    /// <summary>The loss of numbers, and their mean squared error, which is the same where that is the loss.</summary>
    internal static (Tensor Loss, Tensor Metric) Evaluate(Loss loss, Tensor output, Tensor target)
    {
        var value = loss.Measure(output, target);
        return (value, loss is MeanSquaredError ? value.detach() : nn.functional.mse_loss(output.detach(), target));
    }

    internal override IReadOnlyList<Tensor?> Score(nn.Module<Tensor, Tensor> network, Tensor input, IReadOnlyList<bool> wanted) => [network.forward(input)];

    internal override IReadOnlyList<OnnxValue> Export(OnnxGraph graph, nn.Module<Tensor, Tensor> network, OnnxValue input) =>
        [graph.Reshape(graph.Export(network, input), [-1, .. Shape.Count == 0 ? [1L] : Shape.Select(size => (long)size)])];

    internal override bool LearnsTheSameAs(Objective other) => other is Regression { Shape: var shape } && shape.SequenceEqual(Shape);
}

/// <summary>A column of numbers to be predicted: a Single, or a vector of them.</summary>
internal sealed record NumberTarget(string LabelColumnName) : Target
{
    private const string Mend = "ml.Transforms.Conversion.ConvertType makes a Single of another number, and ml.Transforms.Concatenate a vector of several";

    /// <summary>What is minimised.</summary>
    public Loss Loss { get; init; } = new MeanSquaredError();

    public override BoundColumn Bind(DataViewSchema schema, Objective objective) => Bind(schema, ((Regression)objective).Shape);

    /// <param name="schema">The schema of the data.</param>
    /// <param name="learned">The shape that is learned.</param>
    internal BoundColumn Bind(DataViewSchema schema, IReadOnlyList<int> learned)
    {
        var shape = FindShape(schema);
        if (!shape.SequenceEqual(learned))
            throw new ArgumentException($"Column '{LabelColumnName}' has other numbers of values: the shape is [{string.Join(", ", shape)}] in place of [{string.Join(", ", learned)}].");
        return shape.Count == 0 ? new ScalarColumn(LabelColumnName) : new VectorColumn<float>(LabelColumnName, new Field(ScalarType.Float32, shape));
    }

    public override Objective CreateObjective(IDataView data, CancellationToken cancellation) => new Regression(LabelColumnName, FindShape(data.Schema)) { Loss = Loss };

    public override IEnumerable<SchemaShape.Column> OutputShape(SchemaShape input) => [ScoreAnnotations.RegressionShape(Regression.ScoreName, CheckShape(input).Kind)];

    /// <summary>Checks the column where only the shape of a schema is known.</summary>
    internal SchemaShape.Column CheckShape(SchemaShape input)
    {
        if (!input.TryFindColumn(LabelColumnName, out var label))
            throw BoundColumn.Missing("Label", LabelColumnName, input.Select(column => column.Name));
        if (label.IsKey || label.ItemType != NumberDataViewType.Single || label.Kind == SchemaShape.Column.VectorKind.VariableVector)
            throw new ArgumentException($"Label column '{LabelColumnName}' is a {label.Kind} of {(label.IsKey ? "keys of " : "")}{label.ItemType}; a Single or a vector of Single of known size is expected. {Mend}.");
        return label;
    }

    /// <summary>Checks the column and gives the shape of a row's label.</summary>
    internal IReadOnlyList<int> FindShape(DataViewSchema schema)
    {
        var column = schema.GetColumnOrNull(LabelColumnName) ?? throw BoundColumn.Missing("Label", LabelColumnName, schema.Select(column => column.Name));
        if (column.Type == NumberDataViewType.Single)
            return [];
        return column.Type is VectorDataViewType { IsKnownSize: true } vector && vector.ItemType == NumberDataViewType.Single
            ? [.. vector.Dimensions]
            : throw new ArgumentException($"Label column '{LabelColumnName}' has the type {column.Type}; a Single or a vector of Single of known size is expected. {Mend}.");
    }
}
