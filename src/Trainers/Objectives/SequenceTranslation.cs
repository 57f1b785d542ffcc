using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Columns;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Native;
using Sconce.Trainers.Networks;
using Sconce.Trainers.Onnx;
using Sconce.Trainers.Training;
using static TorchSharp.torch;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sconce.Trainers;

/// <summary>Translates sequences of symbols with an <see cref="ISequenceTranslator"/>: training minimizes the cross-entropy of each symbol and the end, and scoring adds a column like the label.</summary>
/// <param name="Label">
/// The column that the network was trained to predict: its type, its symbols, and the maximum number of them in a row.
/// </param>
/// <param name="OutputColumnName">The output column.</param>
public sealed record SequenceTranslation(InputColumn Label, string OutputColumnName) : Objective
{
    /// <inheritdoc/>
    /// <remarks>One output for each symbol, and one for the end.</remarks>
    [JsonIgnore]
    public override int OutputSize => Label.Symbols!.Count + 1;

    /// <inheritdoc/>
    /// <remarks>The fraction of rows that are correct to the last symbol. Teacher forcing does not change it: up to a row's first mistake, the network's own symbols are the correct ones.</remarks>
    [JsonIgnore]
    public override string MetricName => "exact match";

    internal override bool IsHigherMetricBetter => true;

    internal override Type Capability => typeof(ISequenceTranslator);

    internal override IReadOnlyList<ScoreColumn> Columns
    {
        get
        {
            var annotations = new DataViewSchema.Annotations.Builder();
            if (Label.Type == FeatureType.Key)
                Label.Symbols!.Annotate(annotations, "KeyValues");
            return [new(OutputColumnName, Label.ColumnType, annotations.ToAnnotations()) { LongestSequence = Label.Shape[0], Values = Label.Symbols }];
        }
    }

    internal override bool LearnsTheSameAs(Objective other) =>
        other is SequenceTranslation { Label: var label } && label.Type == Label.Type && Label.Symbols!.DifferenceFrom(label.Symbols!) is null;

    internal override Objective GoOnFrom(Objective previous) => previous is SequenceTranslation { Label: var label } && label.Type == Label.Type
        ? this with { Label = PreviousWeights.TakeSymbols(label, Label) }
        : this;

    internal override void Validate()
    {
        Label.Validate();
        if (Label.Symbols is null)
            throw new ArgumentException("The label has no symbols.");
        base.Validate();
    }

    internal override (Tensor Loss, Tensor? Metric) Evaluate(nn.Module<Tensor, Tensor> network, Tensor input, Tensor target, Tensor? weights = null)
    {
        var symbols = target.to(ScalarType.Int64);
        var lengths = SequenceLengths.Count(symbols);
        var steps = lengths.Plus(ones_like(lengths));
        var longest = steps.max().item<long>();
        symbols = cat([symbols, zeros(symbols.shape[0], 1, ScalarType.Int64)], 1).narrow(1, 0, longest);
        var beyond = ones(1, longest, ScalarType.Int64).cumsum(1).gt(steps.unsqueeze(1));

        var logits = network.Require<ISequenceTranslator>().Logits(input, symbols);
        var losses = nn.functional.cross_entropy(logits.flatten(0, 1), symbols.flatten(), reduction: nn.Reduction.None).view_as(symbols);
        var loss = losses.mul(beyond.logical_not()).sum(1).div(steps).mean();
        return (loss, logits.detach().argmax(2).eq(symbols).logical_or(beyond).all(1).to(ScalarType.Float32).mean());
    }

    internal override void RunAllParts(nn.Module<Tensor, Tensor> network, Tensor input) =>
        network.Require<ISequenceTranslator>().Logits(input, ones(input.shape[0], Label.Shape[0], ScalarType.Int64));

    internal override IReadOnlyList<Tensor?> Score(nn.Module<Tensor, Tensor> network, Tensor input, IReadOnlyList<bool> wanted) =>
        [network.Require<ISequenceTranslator>().Translate(input, Label.Shape[0])];

    internal override IReadOnlyList<OnnxValue> Export(OnnxGraph graph, nn.Module<Tensor, Tensor> network, OnnxValue input)
    {
        var symbols = network.Require<ISequenceTranslator>().ExportTranslate(graph, input, Label.Shape[0]);
        return [Label.Type == FeatureType.Key ? graph.Cast(symbols, DataType.Uint32) : symbols];
    }
}

/// <summary>A column of sequences of symbols to predict from another column.</summary>
internal sealed record SequenceTarget(string LabelColumnName, string OutputColumnName, int? MaximumOutputLength) : Target
{
    public override bool TakesLanes => false;

    public override ColumnBinding Bind(DataViewSchema schema, Objective objective)
    {
        schema.Require("Label", LabelColumnName);
        return (SymbolColumn)((SequenceTranslation)objective).Label.Bind(schema) with { TakesUnknown = false, Limit = Limit };
    }

    public override Objective CreateObjective(IDataView data, CancellationToken cancellation)
    {
        var label = data.Schema.Require("Label", LabelColumnName);
        return IsSymbols(label.Type)
            ? new SequenceTranslation(SequenceSurvey.Take(data, label, Limit, cancellation, MaximumOutputLength)!, OutputColumnName)
            : throw Refuse($"has the type {label.Type}");
    }

    public override IEnumerable<SchemaShape.Column> OutputShape(SchemaShape input)
    {
        var label = input.Require("Label", LabelColumnName);
        if (label.ItemType == NumberDataViewType.Single || !SequenceSurvey.Accepts(label))
            throw Refuse($"has the type {(label.Kind == SchemaShape.Column.VectorKind.Scalar ? label.ItemType : $"Vector<{label.ItemType}>")}");
        yield return ScoreAnnotations.SequenceShape(OutputColumnName, label);
    }

    private SequenceLimit? Limit => SequenceLimit.Of(MaximumOutputLength, SequenceTruncation.None);

    private static bool IsSymbols(DataViewType type) => type is TextDataViewType || (type is VectorDataViewType { ItemType: KeyDataViewType key } && key.RawType == typeof(uint));

    private ArgumentException Refuse(string what) =>
        new($"Label column '{LabelColumnName}' {what}; text, or a vector of keys of UInt32, is expected. ml.Transforms.Text.TokenizeIntoWords and ml.Transforms.Conversion.MapValueToKey convert words to keys.");
}
