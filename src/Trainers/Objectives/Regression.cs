using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Trainers.Columns;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Objectives;
using Sconce.Trainers.Onnx;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>
/// Regression: the mean squared error, or another loss, during training; the column <c>Score</c> when scoring, a Single or a vector of them
/// with the label's dimensions.
/// </summary>
/// <param name="LabelColumnName">The column that the network was trained to predict.</param>
/// <param name="Shape">The shape of a row's label; empty for a single number.</param>
public sealed record Regression(string LabelColumnName, IReadOnlyList<int> Shape) : Objective
{
    internal const string ScoreName = "Score";

    /// <summary>The scale on which the network learns the label; null for none. Scores are always in the label's own unit.</summary>
    public TargetScale? Scale { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override int OutputSize => Shape.Aggregate(1, (product, size) => checked(product * size));

    /// <inheritdoc/>
    [JsonIgnore]
    public override string MetricName => "mean squared error";

    /// <summary>The loss to minimize. It belongs to the training and is not saved.</summary>
    internal Loss Loss { get; init; } = new MeanSquaredError();

    /// <summary>Whether the training data determines <see cref="Scale"/>.</summary>
    internal bool FindsScale { get; init; }

    /// <summary>The weights of the rows; null if all rows have the same. It belongs to the training.</summary>
    internal RowWeights? Weights { get; init; }

    internal override bool TakesAnyShape => true;

    internal override IReadOnlyList<ScoreColumn> Columns =>
        [new(ScoreName, Shape.Count == 0 ? NumberDataViewType.Single : new VectorDataViewType(NumberDataViewType.Single, Shape.ToArray()), ScoreAnnotations.Regression(Shape.Count > 0))];

    internal override void Validate()
    {
        Check.NotEmpty(LabelColumnName, "Objective.LabelColumnName");
        CheckSizes(Shape);
        base.Validate();
        Scale?.Validate(OutputSize);
    }

    /// <summary>Checks the shape of the label.</summary>
    internal static void CheckSizes(IReadOnlyList<int> shape)
    {
        foreach (var size in shape)
            Check.AtLeast(size, 1, "Objective.Shape");
        Check.AtMost(shape.Aggregate(1L, (product, size) => Math.Min(product * size, int.MaxValue + 1L)), int.MaxValue, "The number of values in Objective.Shape");
    }

    internal override (Tensor Loss, Tensor? Metric) Evaluate(nn.Module<Tensor, Tensor> network, Tensor input, Tensor target, Tensor? weights = null)
    {
        var output = network.forward(input);
        return Evaluate(Loss, output, target.reshape(output.shape), Scale, Weights?.Of(target, weights));
    }

    /// <summary>The loss of numbers, in the unit of the scale, and their mean squared error in the target's own unit.</summary>
    internal static (Tensor Loss, Tensor Metric) Evaluate(Loss loss, Tensor output, Tensor target, TargetScale? scale, Tensor? weights)
    {
        var inOwnUnit = scale is null ? output : scale.FromNetwork(output);
        // A user's loss, such as a relative error, may depend on the unit.
        var value = scale is null || loss.IsForeign ? loss.Measure(inOwnUnit, target, weights) : loss.Measure(output, scale.ToNetwork(target), weights);
        return (value, scale is null && weights is null && loss is MeanSquaredError ? value.detach() : nn.functional.mse_loss(inOwnUnit.detach(), target));
    }

    internal override IReadOnlyList<Tensor?> Score(nn.Module<Tensor, Tensor> network, Tensor input, IReadOnlyList<bool> wanted)
    {
        var output = network.forward(input);
        return [Scale is null ? output : Scale.FromNetwork(output)];
    }

    internal override IReadOnlyList<OnnxValue> Export(OnnxGraph graph, nn.Module<Tensor, Tensor> network, OnnxValue input)
    {
        var output = graph.Export(network, input);
        return [graph.Reshape(Scale is null ? output : Scale.ExportFromNetwork(graph, output), [-1, .. Shape.Count == 0 ? [1L] : Shape.Select(size => (long)size)])];
    }

    internal override bool LearnsTheSameAs(Objective other) => other is Regression { Shape: var shape } && shape.SequenceEqual(Shape);

    internal override Objective GoOnFrom(Objective previous) => previous is Regression earlier ? this with { Scale = earlier.Scale, FindsScale = false } : this;

    internal override string? DescribeScale() => Scale?.Describe(LabelColumnName);

    internal override TargetObserver CreateTargetObserver() => new NumberObserver(OutputSize);

    private sealed class NumberObserver(int count) : TargetObserver
    {
        private readonly TargetScale.Survey _scale = new(count);
        private readonly RowWeights.Survey _weights = new(1);

        public override void Observe(ReadOnlySpan<byte> target)
        {
            var bytes = count * sizeof(float);
            var weight = WeightedColumn.WeightOf(target, bytes);
            _scale.Add(MemoryMarshal.Cast<byte, float>(target[..bytes]), weight);
            _weights.Add(0, weight);
        }

        public override Objective Complete(Objective objective)
        {
            var regression = (Regression)objective with { Weights = _weights.Complete(null) };
            return regression.FindsScale ? regression with { Scale = _scale.Scale, FindsScale = false } : regression;
        }
    }
}

/// <summary>A column of numbers to predict: a Single, or a vector of Single.</summary>
internal sealed record NumberTarget(string LabelColumnName) : Target
{
    private const string Remedy = "ml.Transforms.Conversion.ConvertType converts other numbers to Single; ml.Transforms.Concatenate combines several columns to a vector";

    /// <summary>The loss to minimize.</summary>
    public Loss Loss { get; init; } = new MeanSquaredError();

    /// <summary>Whether the network learns the column on the scale of <see cref="TargetScale"/>.</summary>
    public bool ScaleTargets { get; init; }

    /// <summary>The column of the rows' weights; null for none.</summary>
    public string? ExampleWeightColumnName { get; init; }

    public override Target Unscaled => this with { ScaleTargets = false };

    public override ColumnBinding Bind(DataViewSchema schema, Objective objective) => WeightedColumn.Of(Bind(schema, ((Regression)objective).Shape), ExampleWeightColumnName, schema);

    internal ColumnBinding Bind(DataViewSchema schema, IReadOnlyList<int> learned)
    {
        var shape = FindShape(schema);
        if (!shape.SequenceEqual(learned))
            throw new ArgumentException($"Column '{LabelColumnName}' has the shape [{string.Join(", ", shape)}]; [{string.Join(", ", learned)}] is expected.").About(column: LabelColumnName);
        return shape.Count == 0 ? new ScalarColumn(LabelColumnName) : new VectorColumn<float>(LabelColumnName, new Field(ScalarType.Float32, shape));
    }

    public override Objective CreateObjective(IDataView data, CancellationToken cancellation)
    {
        WeightedColumn.Check(data.Schema, ExampleWeightColumnName);
        return new Regression(LabelColumnName, FindShape(data.Schema)) { Loss = Loss, FindsScale = ScaleTargets };
    }

    public override IEnumerable<SchemaShape.Column> OutputShape(SchemaShape input)
    {
        WeightedColumn.Check(input, ExampleWeightColumnName);
        return [ScoreAnnotations.RegressionShape(Regression.ScoreName, CheckShape(input).Kind)];
    }

    /// <summary>Checks the column, if only the shape of a schema is known.</summary>
    internal SchemaShape.Column CheckShape(SchemaShape input)
    {
        var label = input.Require("Label", LabelColumnName);
        if (label.IsKey || label.ItemType != NumberDataViewType.Single || label.Kind == SchemaShape.Column.VectorKind.VariableVector)
            throw new ArgumentException($"Label column '{LabelColumnName}' is a {label.Kind} of {(label.IsKey ? "keys of " : "")}{label.ItemType}; a Single or a vector of Single of known size is expected. {Remedy}.").About(column: LabelColumnName);
        return label;
    }

    /// <summary>Checks the column, and returns the shape of a row's label.</summary>
    internal IReadOnlyList<int> FindShape(DataViewSchema schema)
    {
        var type = schema.Require("Label", LabelColumnName).Type;
        if (type == NumberDataViewType.Single)
            return [];
        return type is VectorDataViewType { IsKnownSize: true } vector && vector.ItemType == NumberDataViewType.Single
            ? [.. vector.Dimensions]
            : throw new ArgumentException($"Label column '{LabelColumnName}' has the type {type}; a Single or a vector of Single of known size is expected. {Remedy}.").About(column: LabelColumnName);
    }
}
