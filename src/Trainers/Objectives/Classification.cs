using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Trainers.Columns;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Native;
using Sconce.Trainers.Objectives;
using Sconce.Trainers.Onnx;
using static TorchSharp.torch;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sconce.Trainers;

/// <summary>
/// Classification into one of several classes: cross-entropy, or another loss, during training; <c>PredictedLabel</c> (a key) and <c>Score</c> (a
/// probability for each class, in the order of the keys, adding up to 1) when scoring.
/// </summary>
/// <param name="Classes">The classes, in the order of the label's keys.</param>
/// <param name="LabelColumnName">The column that the network was trained to predict.</param>
/// <param name="LabelSmoothing">The fraction of the target that is spread evenly over all classes, in [0, 1).</param>
public sealed record Classification(ClassNames Classes, string LabelColumnName, double LabelSmoothing) : Objective
{
    internal const string PredictedLabel = "PredictedLabel";
    internal const string ScoreName = "Score";

    /// <inheritdoc/>
    [JsonIgnore]
    public override int OutputSize => Classes.Count;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string MetricName => "accuracy";

    /// <summary>The loss to minimize. It belongs to the training and is not saved.</summary>
    internal Loss Loss { get; init; } = new CrossEntropy { LabelSmoothing = LabelSmoothing };

    /// <summary>The weights of the classes; null for none. It belongs to the training.</summary>
    internal ClassWeights? ClassWeights { get; init; }

    /// <summary>The weights of the rows; null if all rows have the same. It belongs to the training.</summary>
    internal RowWeights? Weights { get; init; }

    internal override bool IsHigherMetricBetter => true;

    internal override IReadOnlyList<ScoreColumn> Columns
    {
        get
        {
            var label = ScoreAnnotations.Create(PredictedLabel);
            Classes.Annotate(label, "KeyValues");
            var score = ScoreAnnotations.Create(ScoreName);
            Classes.AnnotateText(score, "SlotNames");
            Classes.Annotate(score, "TrainingLabelValues");
            return
            [
                new(PredictedLabel, new KeyDataViewType(typeof(uint), (ulong)Classes.Count), label.ToAnnotations()) { Values = Classes },
                new(ScoreName, new VectorDataViewType(NumberDataViewType.Single, Classes.Count), score.ToAnnotations()) { Values = Classes },
            ];
        }
    }

    internal override void Validate()
    {
        Classes.Validate();
        Check.NotEmpty(LabelColumnName, "Objective.LabelColumnName");
        Check.Share(LabelSmoothing, "Objective.LabelSmoothing");
        base.Validate();
    }

    internal override (Tensor Loss, Tensor? Metric) Evaluate(nn.Module<Tensor, Tensor> network, Tensor input, Tensor target, Tensor? weights = null)
    {
        var logits = network.forward(input);
        var probabilities = EnsembleAverage.Mean(network, network is IEnsembleModule ? logits.detach().softmax(-1) : logits.detach());
        var (output, wanted, each) = EnsembleAverage.AsRows(network, logits, target, Weights?.Of(target, weights));
        return (Loss.Measure(output, wanted, each), probabilities.argmax(1).eq(target).to(ScalarType.Float32).mean());
    }

    internal override IReadOnlyList<Tensor?> Score(nn.Module<Tensor, Tensor> network, Tensor input, IReadOnlyList<bool> wanted)
    {
        var probabilities = EnsembleAverage.Mean(network, nn.functional.softmax(network.forward(input), -1));
        return [probabilities.argmax(1), probabilities];
    }

    internal override IReadOnlyList<OnnxValue> Export(OnnxGraph graph, nn.Module<Tensor, Tensor> network, OnnxValue input)
    {
        var probabilities = EnsembleAverage.ExportMean(graph, network, graph.Add("Softmax", [graph.Export(network, input)], ("axis", -1)));
        var index = graph.Add("ArgMax", [probabilities], ("axis", 1), ("keepdims", 1));
        // ML.NET's keys count from 1.
        return [graph.Cast(graph.Plus(index, graph.Constant(1)), DataType.Uint32), probabilities];
    }

    internal override bool LearnsTheSameAs(Objective other) =>
        other is Classification { Classes: var classes } && classes.Type == Classes.Type && classes.Values.SequenceEqual(Classes.Values);

    internal override TargetObserver CreateTargetObserver() => new ClassObserver(Classes);

    /// <summary>Refuses data with only one class, and sums up the weights.</summary>
    private sealed class ClassObserver(ClassNames classes) : TargetObserver
    {
        private readonly RowWeights.Survey _weights = new(classes.Count);

        public override void Observe(ReadOnlySpan<byte> target) => _weights.Add(MemoryMarshal.Read<long>(target), WeightedColumn.WeightOf(target, sizeof(long)));

        public override Objective Complete(Objective objective)
        {
            var classification = (Classification)objective;
            return _weights.Rows.Count(rows => rows > 0) >= 2
                ? classification with { Weights = _weights.Complete(classification.ClassWeights?.For(classes, _weights.Rows)) }
                : throw new InvalidDataException($"Every row has the label '{classes.Values[Array.FindIndex(_weights.Rows, rows => rows > 0)]}'; at least two classes are needed.").About(column: classification.LabelColumnName);
        }
    }
}

/// <summary>A key column to predict.</summary>
internal sealed record KeyTarget(string LabelColumnName, double LabelSmoothing) : Target
{
    /// <summary>A target with another loss than cross-entropy; null for that.</summary>
    public KeyTarget(string labelColumnName, Loss? loss, double labelSmoothing = 0)
        : this(labelColumnName, (loss as CrossEntropy)?.LabelSmoothing ?? labelSmoothing) => Loss = loss;

    /// <summary>The column of the rows' weights; null for none.</summary>
    public string? ExampleWeightColumnName { get; init; }

    /// <summary>The weights of the classes; null for none.</summary>
    public ClassWeights? ClassWeights { get; init; }

    private Loss? Loss { get; }

    public override ColumnBinding Bind(DataViewSchema schema, Objective objective) => objective.LearnsTheSameAs(Create(schema))
        ? WeightedColumn.Of(new KeyColumn(LabelColumnName), ExampleWeightColumnName, schema)
        : throw new ArgumentException($"Column '{LabelColumnName}' has other classes, or the same in another order.").About(column: LabelColumnName);

    public override Objective CreateObjective(IDataView data, CancellationToken cancellation)
    {
        WeightedColumn.Check(data.Schema, ExampleWeightColumnName);
        return Create(data.Schema);
    }

    /// <summary>The number of classes and of rows is checked only when the rows are read.</summary>
    private Classification Create(DataViewSchema schema)
    {
        var key = KeyColumn.FindType(schema, LabelColumnName);
        var objective = new Classification(ClassNames.FromColumn(schema[LabelColumnName], key), LabelColumnName, LabelSmoothing) { ClassWeights = ClassWeights };
        ClassWeights?.CheckFor(objective.Classes, LabelColumnName);
        return Loss is null ? objective : objective with { Loss = Loss };
    }

    public override IEnumerable<SchemaShape.Column> OutputShape(SchemaShape input)
    {
        WeightedColumn.Check(input, ExampleWeightColumnName);
        return ScoreAnnotations.MulticlassShape(KeyColumn.FindShape(input, LabelColumnName), Classification.PredictedLabel, Classification.ScoreName);
    }
}
