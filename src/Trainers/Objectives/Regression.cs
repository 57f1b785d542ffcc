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

    /// <summary>The quantiles that the network outputs, in (0, 1) and ascending; null if it outputs the expected value.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? Quantiles { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override int OutputSize => Quantiles?.Count ?? Shape.Aggregate(1, (product, size) => checked(product * size));

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
    [
        new(ScoreName, Shape.Count == 0 ? NumberDataViewType.Single : new VectorDataViewType(NumberDataViewType.Single, Shape.ToArray()), ScoreAnnotations.Regression(Shape.Count > 0)),
        .. Quantiles is null ? [] : (ScoreColumn[])[QuantileOutputs.Column(Quantiles)],
    ];

    internal override void Validate()
    {
        Check.NotEmpty(LabelColumnName, "Objective.LabelColumnName");
        CheckSizes(Shape);
        base.Validate();
        QuantileOutputs.Check(Quantiles, "Objective.Quantiles");
        if (Quantiles is not null && Shape.Count > 0)
            throw new ArgumentException("Objective has quantiles of a vector; quantiles are those of a single number.");
        Scale?.Validate(Quantiles is null ? OutputSize : 1);
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
        var (rows, numbers, each) = EnsembleAverage.AsRows(network, output, target, Weights?.Of(target, weights));
        if (Quantiles is not null)
            return QuantileOutputs.Evaluate(Quantiles, rows, numbers, Scale, each);
        return Evaluate(Loss, rows, numbers.reshape(rows.shape), Scale, each);
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
        if (Quantiles is not null)
            output = QuantileOutputs.Ordered(output);
        output = EnsembleAverage.Mean(network, output);
        output = Scale is null ? output : Scale.FromNetwork(output);
        return Quantiles is null ? [output] : [output.narrow(1, QuantileOutputs.Middle(Quantiles), 1), output];
    }

    internal override IReadOnlyList<OnnxValue> Export(OnnxGraph graph, nn.Module<Tensor, Tensor> network, OnnxValue input)
    {
        var output = graph.Export(network, input);
        if (Quantiles is not null)
            output = QuantileOutputs.ExportOrdered(graph, output, Quantiles.Count, network is IEnsembleModule ? 2 : 1);
        output = EnsembleAverage.ExportMean(graph, network, output);
        output = Scale is null ? output : Scale.ExportFromNetwork(graph, output);
        if (Quantiles is null)
            return [graph.Reshape(output, [-1, .. Shape.Count == 0 ? [1L] : Shape.Select(size => (long)size)])];
        output = graph.Reshape(output, [-1, Quantiles.Count]);
        return [graph.Narrow(output, 1, QuantileOutputs.Middle(Quantiles), 1), output];
    }

    internal override bool LearnsTheSameAs(Objective other) =>
        other is Regression { Shape: var shape, Quantiles: var quantiles } && shape.SequenceEqual(Shape) && (quantiles ?? []).SequenceEqual(Quantiles ?? []);

    internal override Objective GoOnFrom(Objective previous) => previous is Regression earlier ? this with { Scale = earlier.Scale, FindsScale = false } : this;

    internal override string? DescribeScale() => Scale?.Describe(LabelColumnName);

    internal override TargetObserver CreateTargetObserver() => new NumberObserver(Quantiles is null ? OutputSize : 1);

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

    /// <summary>The quantiles to learn; null for the expected value.</summary>
    public IReadOnlyList<double>? Quantiles { get; init; }

    /// <summary>The column of the rows' weights; null for none.</summary>
    public string? ExampleWeightColumnName { get; init; }

    public override Target Unscaled => this with { ScaleTargets = false };

    /// <summary>Checks options.</summary>
    /// <exception cref="ArgumentException">The loss is for other targets, or the quantiles are invalid.</exception>
    public static void Validate(Loss? loss, IReadOnlyList<double>? quantiles)
    {
        loss?.CheckFor(TargetKind.Numbers);
        QuantileOutputs.Check(quantiles, nameof(Quantiles));
        if (quantiles is not null && loss is not (null or MeanSquaredError))
            throw new ArgumentException($"{nameof(Quantiles)} are learned by the pinball loss, and {nameof(Loss)} is {loss.GetType().Name}. Set one of the two.", nameof(Quantiles));
    }

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
        var shape = FindShape(data.Schema);
        CheckQuantiles(isVector: shape.Count > 0);
        return new Regression(LabelColumnName, shape) { Loss = Loss, Quantiles = Quantiles, FindsScale = ScaleTargets };
    }

    public override IEnumerable<SchemaShape.Column> OutputShape(SchemaShape input)
    {
        WeightedColumn.Check(input, ExampleWeightColumnName);
        var kind = CheckShape(input).Kind;
        CheckQuantiles(isVector: kind != SchemaShape.Column.VectorKind.Scalar);
        return
        [
            ScoreAnnotations.RegressionShape(Regression.ScoreName, kind),
            .. Quantiles is null ? [] : ScoreAnnotations.Shapes([QuantileOutputs.Column(Quantiles)]),
        ];
    }

    private void CheckQuantiles(bool isVector)
    {
        if (Quantiles is not null && isVector)
            throw new ArgumentException($"{nameof(Quantiles)} needs a label that is a single number, and column '{LabelColumnName}' is a vector. Train a model for each of its numbers.", nameof(Quantiles)).About(column: LabelColumnName);
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
