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
/// Whether a label is true, or, if the label is a vector of Booleans, which of its labels are true: the binary cross-entropy, or another loss, during
/// training; when scoring the columns <c>PredictedLabel</c> (Boolean), <c>Score</c> (Single, the logit) and <c>Probability</c> (Single, in [0, 1]), or
/// vectors of them with the label's dimensions.
/// </summary>
/// <param name="LabelColumnName">The column that the network was trained to predict.</param>
/// <param name="Shape">The shape of a row's label; empty for a single Boolean.</param>
public sealed record BinaryClassification(string LabelColumnName, IReadOnlyList<int> Shape) : Objective
{
    internal const string PredictedLabel = Classification.PredictedLabel;
    internal const string ScoreName = Classification.ScoreName;
    internal const string ProbabilityName = "Probability";

    /// <summary>The names of the labels of a vector, from its slot names; null for a single label, or if they have no names.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ClassNames? Labels { get; init; }

    /// <summary>The values that false and true stand for, in this order, if a step of the pipeline made the Booleans from them; null for False and True.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ClassNames? Values { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override int OutputSize => Shape.Aggregate(1, (product, size) => checked(product * size));

    /// <inheritdoc/>
    [JsonIgnore]
    public override string MetricName => "accuracy";

    /// <summary>Whether the label is a vector.</summary>
    [JsonIgnore]
    public bool IsMultiLabel => Shape.Count > 0;

    /// <summary>The loss to minimize. It belongs to the training and is not saved.</summary>
    internal Loss Loss { get; init; } = new BinaryCrossEntropy();

    /// <summary>The weights of false and true; null for none. It belongs to the training.</summary>
    internal ClassWeights? ClassWeights { get; init; }

    /// <summary>The weights of the rows; null if all rows have the same. It belongs to the training.</summary>
    internal RowWeights? Weights { get; init; }

    /// <summary>The weights of false and of true for each label of a vector, [2, labels]; null if all are 1. It belongs to the training.</summary>
    internal float[,]? LabelWeights { get; init; }

    internal override bool IsHigherMetricBetter => true;

    internal override bool TakesAnyShape => true;

    internal override IReadOnlyList<ScoreColumn> Columns =>
    [
        new(PredictedLabel, Of(BooleanDataViewType.Instance), ScoreAnnotations.Binary("PredictedLabel", IsMultiLabel, Labels, Values)),
        new(ScoreName, Of(NumberDataViewType.Single), ScoreAnnotations.Binary("Score", IsMultiLabel, Labels)),
        new(ProbabilityName, Of(NumberDataViewType.Single), ScoreAnnotations.Binary("Probability", IsMultiLabel, Labels)),
    ];

    internal override void Validate()
    {
        Check.NotEmpty(LabelColumnName, "Objective.LabelColumnName");
        Regression.CheckSizes(Shape);
        base.Validate();
        Labels?.Validate();
        Values?.Validate();
        if (Labels is not null && Labels.Count != OutputSize)
            throw new ArgumentException($"Objective.Labels has {Labels.Count} names; {OutputSize} are expected.");
        if (Values is not null && Values.Count != 2)
            throw new ArgumentException($"Objective.Values has {Values.Count} values; 2 are expected, those of false and of true.");
    }

    internal override (Tensor Loss, Tensor? Metric) Evaluate(nn.Module<Tensor, Tensor> network, Tensor input, Tensor target, Tensor? weights = null)
    {
        var output = network.forward(input);
        var rows = target.shape[0];
        var targets = target.reshape(rows, OutputSize);
        var weight = Weights?.Of(IsMultiLabel ? zeros(rows, ScalarType.Int64) : target.reshape(rows).to(ScalarType.Int64), weights);
        var logits = EnsembleAverage.Logit(network, output.detach()).reshape(rows, OutputSize);
        var (flat, wanted, each) = EnsembleAverage.AsRows(network, output, targets, weight);
        return (Measure(flat.reshape(wanted.shape), wanted, each), logits.gt(zeros(1)).eq(targets.gt(zeros(1))).to(ScalarType.Float32).mean());
    }

    internal override IReadOnlyList<Tensor?> Score(nn.Module<Tensor, Tensor> network, Tensor input, IReadOnlyList<bool> wanted)
    {
        var logits = EnsembleAverage.Logit(network, network.forward(input));
        return [logits.gt(zeros(1)), logits, logits.sigmoid()];
    }

    internal override IReadOnlyList<OnnxValue> Export(OnnxGraph graph, nn.Module<Tensor, Tensor> network, OnnxValue input)
    {
        var logits = graph.Reshape(EnsembleAverage.ExportLogit(graph, network, graph.Export(network, input)), [-1, .. IsMultiLabel ? Shape.Select(size => (long)size) : [1L]]);
        return [graph.Add("Greater", [logits, graph.Constant(0f)]), logits, graph.Add("Sigmoid", [logits])];
    }

    internal override bool LearnsTheSameAs(Objective other) =>
        other is BinaryClassification { Shape: var shape, Labels: var labels } && shape.SequenceEqual(Shape) && (labels is null || Labels is null || labels.HasSameValues(Labels));

    internal override TargetObserver CreateTargetObserver() => new BooleanObserver(this);

    private DataViewType Of(PrimitiveDataViewType item) => IsMultiLabel ? new VectorDataViewType(item, Shape.ToArray()) : item;

    private Tensor Measure(Tensor output, Tensor target, Tensor? weights)
    {
        if (LabelWeights is null)
            return Loss.Measure(output, target, weights);
        var byLabel = tensor(LabelWeights);
        var losses = ((IBooleanLoss)Loss).EvaluateValues(output, target).mul(where(target.gt(zeros(1)), byLabel[1], byLabel[0])).mean([1]);
        return (weights is null ? losses : losses.mul(weights)).mean();
    }

    /// <summary>Refuses data in which nothing varies, and sums up the weights.</summary>
    private sealed class BooleanObserver(BinaryClassification objective) : TargetObserver
    {
        private readonly int _labels = objective.OutputSize;
        private readonly RowWeights.Survey _rows = new(objective.IsMultiLabel ? 1 : 2);
        private readonly long[] _true = new long[objective.OutputSize];
        private long _count;

        public override void Observe(ReadOnlySpan<byte> target)
        {
            var labels = MemoryMarshal.Cast<byte, float>(target[..(_labels * sizeof(float))]);
            _rows.Add(objective.IsMultiLabel ? 0 : (long)labels[0], WeightedColumn.WeightOf(target, _labels * sizeof(float)));
            for (var label = 0; label < labels.Length; label++)
                _true[label] += labels[label] > 0 ? 1 : 0;
            _count++;
        }

        public override Objective Complete(Objective made)
        {
            var binary = (BinaryClassification)made;
            if (Array.TrueForAll(_true, count => count == 0 || count == _count))
            {
                throw new InvalidDataException(binary.IsMultiLabel
                    ? $"Every row has the same labels in column '{binary.LabelColumnName}'; at least one label has to be true in some rows and false in others."
                    : $"Every row has the label '{binary.NameOf(_true[0] > 0)}'; rows with both values are needed.").About(column: binary.LabelColumnName);
            }

            var weights = binary.ClassWeights;
            if (!binary.IsMultiLabel)
                return binary with { Weights = _rows.Complete(weights?.For(binary.Names, _rows.Rows)) };
            return binary with { Weights = _rows.Complete(null), LabelWeights = weights is null ? null : ByLabel(binary, weights) };
        }

        private float[,] ByLabel(BinaryClassification binary, ClassWeights weights)
        {
            var byLabel = new float[2, _labels];
            for (var label = 0; label < _labels; label++)
            {
                var each = weights.For(binary.Names, [_count - _true[label], _true[label]]);
                (byLabel[0, label], byLabel[1, label]) = ((float)each[0], (float)each[1]);
            }

            return byLabel;
        }
    }

    /// <summary>The values of false and true.</summary>
    internal ClassNames Names => Values ?? new(ClassNames.Text, ["False", "True"]);

    /// <summary>The value that false or true stands for.</summary>
    internal string NameOf(bool isTrue) => Names.Values[isTrue ? 1 : 0];
}

/// <summary>A column of Booleans to predict.</summary>
internal sealed record BooleanTarget(string LabelColumnName, Loss Loss) : Target
{
    /// <summary>The column of the rows' weights; null for none.</summary>
    public string? ExampleWeightColumnName { get; init; }

    /// <summary>The weights of false and true; null for none.</summary>
    public ClassWeights? ClassWeights { get; init; }

    public override ColumnBinding Bind(DataViewSchema schema, Objective objective) => objective.LearnsTheSameAs(Create(schema))
        ? WeightedColumn.Of(new BooleanColumn(LabelColumnName, ((BinaryClassification)objective).Shape), ExampleWeightColumnName, schema)
        : throw new ArgumentException($"Column '{LabelColumnName}' has other labels, or the same in another order.").About(column: LabelColumnName);

    public override Objective CreateObjective(IDataView data, CancellationToken cancellation)
    {
        WeightedColumn.Check(data.Schema, ExampleWeightColumnName);
        return Create(data.Schema);
    }

    public override IEnumerable<SchemaShape.Column> OutputShape(SchemaShape input)
    {
        WeightedColumn.Check(input, ExampleWeightColumnName);
        return ScoreAnnotations.BinaryShape(BooleanColumn.FindShape(input, LabelColumnName).Kind);
    }

    private BinaryClassification Create(DataViewSchema schema)
    {
        var shape = BooleanColumn.FindShape(schema, LabelColumnName);
        var column = schema[LabelColumnName];
        var objective = new BinaryClassification(LabelColumnName, shape)
        {
            Labels = shape.Count > 0 ? ClassNames.FromAnnotation(column, "SlotNames") : null,
            Values = ClassNames.FromAnnotation(column, ScoreAnnotations.BooleanValues),
            Loss = Loss,
            ClassWeights = ClassWeights,
        };
        ClassWeights?.CheckFor(objective.Names, LabelColumnName);
        if (objective.IsMultiLabel && ClassWeights is not null && Loss is not IBooleanLoss)
            throw new ArgumentException($"{nameof(ClassWeights)} of a vector of labels needs {nameof(BinaryCrossEntropy)} or {nameof(FocalLoss)}, whose values can be weighted one by one.", nameof(ClassWeights));
        return objective;
    }
}
