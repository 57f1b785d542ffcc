using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Trainers.Columns;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Native;
using Sconce.Trainers.Networks;
using Sconce.Trainers.Onnx;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>The loss of a reconstruction.</summary>
public enum ReconstructionLoss
{
    /// <summary>The mean over all values of the squared difference.</summary>
    MeanSquaredError,

    /// <summary>The mean over all values of the binary cross-entropy. The row's values have to lie in [0, 1], as bytes divided by 255 do.</summary>
    BinaryCrossEntropy,
}

/// <summary>Reconstructs rows from codes. Scoring adds a column of codes, and on request columns of the reconstructions and their errors.</summary>
/// <param name="Input">The column that is encoded, whose type and units the reconstruction has.</param>
/// <param name="CodeSize">The number of values in a code.</param>
/// <param name="CodeColumnName">The column of the codes: a vector of Single.</param>
/// <param name="ReconstructionColumnName">The column of the reconstructions; null for none.</param>
/// <param name="ErrorColumnName">The column of each row's mean squared error, a Single, in the network's units; null for none.</param>
/// <param name="Loss">The loss that was minimized.</param>
/// <param name="OutputActivation">The activation of the decoder's output.</param>
public sealed record Reconstruction(
    InputColumn Input, int CodeSize, string CodeColumnName, string? ReconstructionColumnName, string? ErrorColumnName,
    ReconstructionLoss Loss, Activation OutputActivation) : Objective
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override int OutputSize => CodeSize;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string MetricName => "mean squared error";

    internal override Type Capability => typeof(IAutoencoderModule);

    internal override IReadOnlyList<ScoreColumn> Columns
    {
        get
        {
            List<ScoreColumn> columns = [new(CodeColumnName, new VectorDataViewType(NumberDataViewType.Single, CodeSize))];
            if (ReconstructionColumnName is { } reconstruction)
                columns.Add(new(reconstruction, Input.ColumnType));
            if (ErrorColumnName is { } error)
                columns.Add(new(error, NumberDataViewType.Single));
            return columns;
        }
    }

    internal override void Validate()
    {
        Input.Validate();
        Check.NotEmpty(CodeColumnName, "Objective.CodeColumnName");
        base.Validate();
    }

    internal override ColumnBinding Constrain(ColumnBinding feature) =>
        Loss == ReconstructionLoss.BinaryCrossEntropy && feature is VectorColumn<float> floats ? floats with { IsShare = true } : feature;

    internal override (Tensor Loss, Tensor? Metric) Evaluate(nn.Module<Tensor, Tensor> network, Tensor input, Tensor target, Tensor? weights = null)
    {
        var (output, penalty) = network.Require<IAutoencoderModule>().Reconstruct(input);
        var error = nn.functional.mse_loss(OutputActivation.Apply(output), input);
        var loss = Loss == ReconstructionLoss.BinaryCrossEntropy ? nn.functional.binary_cross_entropy_with_logits(output, input) : error;
        return (penalty is null ? loss : loss.Plus(penalty), error.detach());
    }

    internal override void RunAllParts(nn.Module<Tensor, Tensor> network, Tensor input) => network.Require<IAutoencoderModule>().Reconstruct(input);

    internal override IReadOnlyList<Tensor?> Score(nn.Module<Tensor, Tensor> network, Tensor input, IReadOnlyList<bool> wanted)
    {
        var code = network.forward(input);
        if (!wanted.Skip(1).Any(column => column))
            return [code, .. wanted.Skip(1).Select(_ => (Tensor?)null)];

        var reconstruction = OutputActivation.Apply(network.Require<IAutoencoderModule>().Decode(code));
        List<Tensor?> outputs = [code];
        if (ReconstructionColumnName is not null)
            outputs.Add(Input.FromNetwork(reconstruction));
        if (ErrorColumnName is not null)
            outputs.Add((reconstruction - input).Squared().flatten(1).mean([1]));
        return outputs;
    }

    internal override IReadOnlyList<OnnxValue> Export(OnnxGraph graph, nn.Module<Tensor, Tensor> network, OnnxValue input)
    {
        var code = graph.Export(network, input);
        var decoded = graph.Export(network.Require<IAutoencoderModule>().Decoder, code);
        // A user's decoder may give rows of any shape.
        if (network is ForeignModule)
            decoded = graph.Reshape(decoded, [0, .. Input.Shape.Select(size => (long)size)]);
        var reconstruction = OutputActivation.Export(graph, decoded);
        List<OnnxValue> outputs = [code];
        if (ReconstructionColumnName is not null)
            outputs.Add(Input.ExportFromNetwork(graph, reconstruction));
        if (ErrorColumnName is not null)
        {
            var difference = graph.Add("Flatten", [graph.Add("Sub", [reconstruction, input])], ("axis", 1));
            var sum = graph.Add("ReduceSum", [graph.Add("Mul", [difference, difference]), graph.Constant([1])], ("keepdims", 1));
            outputs.Add(graph.Times(sum, 1.0 / Input.Length));
        }

        return outputs;
    }
}

/// <summary>A column that is its own target, for an <see cref="IAutoencoderNetwork"/>.</summary>
internal sealed record ReconstructionTarget(string InputColumnName, string CodeColumnName, int CodeSize, AutoencoderOptions Options) : Target
{
    public override bool TakesLanes => false;

    public override ColumnBinding Bind(DataViewSchema schema, Objective objective) => new NoColumn(InputColumnName);

    public override Objective CreateObjective(IDataView data, CancellationToken cancellation)
    {
        var input = InputColumn.FromSchema(data.Schema, InputColumnName);
        var isShare = input.Type == FeatureType.Byte || Options.Loss == ReconstructionLoss.BinaryCrossEntropy;
        return new Reconstruction(
            input, CodeSize, CodeColumnName, Options.ReconstructionColumnName, Options.ReconstructionErrorColumnName,
            Options.Loss, Options.OutputActivation ?? (isShare ? Activation.Sigmoid : Activation.Identity));
    }

    public override IEnumerable<SchemaShape.Column> OutputShape(SchemaShape input)
    {
        yield return ScoreAnnotations.PlainShape(CodeColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single);
        if (Options.ReconstructionColumnName is { } reconstruction)
            yield return ScoreAnnotations.PlainShape(reconstruction, SchemaShape.Column.VectorKind.Vector, input.First(column => column.Name == InputColumnName).ItemType);
        if (Options.ReconstructionErrorColumnName is { } error)
            yield return ScoreAnnotations.PlainShape(error, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single);
    }
}
