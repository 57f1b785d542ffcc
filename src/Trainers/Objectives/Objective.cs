using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Trainers.Columns;
using Sconce.Trainers.Onnx;
using Sconce.Trainers.Persistence;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>What training minimizes and what scoring outputs. Like a <see cref="Network"/> it is a record that is saved as JSON.</summary>
public abstract record Objective
{
    /// <summary>The number of values that the network has to give for a row.</summary>
    [JsonIgnore]
    public abstract int OutputSize { get; }

    /// <summary>The name of the metric that <see cref="Evaluate"/> measures: "accuracy"; null where there is none.</summary>
    [JsonIgnore]
    public abstract string? MetricName { get; }

    /// <summary>Whether the metric is the better the higher it is, and not the lower, as an error is.</summary>
    internal virtual bool IsHigherMetricBetter => false;

    /// <summary>Whether the network's values for a row may have any shape, as long as they are as many as asked for.</summary>
    internal virtual bool TakesAnyShape => false;

    /// <summary>The interface that the network's module has to implement; null where its <c>forward</c> is enough.</summary>
    internal virtual Type? Capability => null;

    /// <summary>The columns that scoring adds, in order.</summary>
    internal abstract IReadOnlyList<ScoreColumn> Columns { get; }

    /// <summary>Runs the network on a batch and measures it.</summary>
    /// <param name="network">The network, in training mode.</param>
    /// <param name="input">Floats [rows, ...shape].</param>
    /// <param name="target">What the target column holds, [rows, ...].</param>
    /// <param name="weights">The rows' weights, as their column has them, [rows]; null where the target has none.</param>
    /// <returns>The mean loss of the rows, weighted where they have weights, a scalar that can be differentiated; and the metric, which counts each row once, a scalar that cannot, or null.</returns>
    internal abstract (Tensor Loss, Tensor? Metric) Evaluate(nn.Module<Tensor, Tensor> network, Tensor input, Tensor target, Tensor? weights = null);

    /// <summary>Runs the network on a batch to be scored.</summary>
    /// <param name="network">The network, in evaluation mode.</param>
    /// <param name="input">Floats [rows, ...shape].</param>
    /// <param name="wanted">For each of <see cref="Columns"/> whether it will be read.</param>
    /// <returns>A tensor for each of <see cref="Columns"/>, or null for one that is not wanted: values of the column's type, [rows, width] or of a shape with as many; 64-bit class indices from 0 [rows] for a key; 64-bit symbols from 1 [rows, width], 0 beyond a row's end, for a sequence.</returns>
    internal abstract IReadOnlyList<Tensor?> Score(nn.Module<Tensor, Tensor> network, Tensor input, IReadOnlyList<bool> wanted);

    /// <summary>Adds to a graph what <see cref="Score"/> computes.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="network">The network, in evaluation mode.</param>
    /// <param name="input">As <see cref="Score"/> takes it.</param>
    /// <returns>A value for each of <see cref="Columns"/>, as <see cref="OnnxColumns"/> says of its type.</returns>
    /// <exception cref="NotSupportedException">The network, or what is scored by it, cannot be written as ONNX.</exception>
    internal virtual IReadOnlyList<OnnxValue> Export(OnnxGraph graph, nn.Module<Tensor, Tensor> network, OnnxValue input) =>
        throw new NotSupportedException($"A network that was trained for {GetType().Name} cannot be exported to ONNX.");

    /// <summary>Runs every part of the network once, for those who watch them.</summary>
    /// <param name="network">The network, in evaluation mode.</param>
    /// <param name="input">As <see cref="Score"/> takes it.</param>
    internal virtual void RunAllParts(nn.Module<Tensor, Tensor> network, Tensor input) => network.call(input);

    /// <summary>Checks an objective that comes from a file.</summary>
    /// <exception cref="ArgumentException">A property is out of range.</exception>
    internal virtual void Validate() => Check.AtLeast(OutputSize, 1, "Objective.OutputSize");

    /// <summary>Narrows what a feature may hold during training, where the loss asks for it.</summary>
    internal virtual ColumnBinding Constrain(ColumnBinding feature) => feature;

    /// <summary>Whether an objective that was made for other data learns the same.</summary>
    internal virtual bool LearnsTheSameAs(Objective other) => true;

    /// <summary>Takes over what an earlier model, whose weights the training begins with, has found out about its targets.</summary>
    /// <exception cref="ArgumentException">The targets hold different things.</exception>
    internal virtual Objective GoOnFrom(Objective previous) => this;

    /// <summary>Says what the network learns where that is not the target column as it is; null where it is.</summary>
    internal virtual string? DescribeScale() => null;

    /// <summary>Makes what looks at every target before the training begins.</summary>
    internal virtual TargetObserver CreateTargetObserver() => new();

    /// <inheritdoc/>
    public sealed override string ToString() => RecordText.Of(this);
}

/// <summary>Sees every target once, before the training begins. This one accepts all.</summary>
internal class TargetObserver
{
    /// <summary>Sees one row's target, as its column's reader gives it.</summary>
    public virtual void Observe(ReadOnlySpan<byte> target)
    {
    }

    /// <summary>Called when all targets have been seen.</summary>
    /// <param name="objective">What is learned from them.</param>
    /// <returns>The same, with what was found out about them.</returns>
    /// <exception cref="InvalidDataException">Nothing can be learned from them.</exception>
    public virtual Objective Complete(Objective objective) => objective;
}

/// <summary>A column that scoring adds.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type: a key of UInt32, a number, a truth value, text, a vector of known size of such, or a vector of keys of unknown size.</param>
/// <param name="Annotations">What evaluators know it by; null for a column that is no trainer's score.</param>
internal sealed record ScoreColumn(string Name, DataViewType Type, DataViewSchema.Annotations? Annotations = null)
{
    /// <summary>The most symbols in a row of text or of keys.</summary>
    public int LongestSequence { get; init; } = 1;

    /// <summary>What the symbols of text, its keys or its slots stand for, the first of them numbered 1; null where they are numbers alone.</summary>
    public ClassNames? Values { get; init; }

    /// <summary>The number of values in a row; of a sequence, the most.</summary>
    public int Width => Type is VectorDataViewType { IsKnownSize: true } vector ? vector.Size : LongestSequence;
}

/// <summary>What is learned, before the data is known: it becomes an <see cref="Objective"/> when it meets a schema.</summary>
internal abstract record Target
{
    /// <summary>Finds the target column in data to be learned from or measured on.</summary>
    /// <param name="schema">The schema of the data.</param>
    /// <param name="objective">What <see cref="CreateObjective"/> made of the training data.</param>
    /// <exception cref="ArgumentException">It is missing, or holds something else than the objective learns.</exception>
    public abstract ColumnBinding Bind(DataViewSchema schema, Objective objective);

    /// <summary>Whether the network may carry a state from row to row.</summary>
    public virtual bool TakesLanes => true;

    /// <summary>The same for targets as they are, as they were learned before there were scales.</summary>
    public virtual Target Unscaled => this;

    /// <summary>Makes the objective for training data. It is read where the column's type does not tell all, as of text.</summary>
    public abstract Objective CreateObjective(IDataView data, CancellationToken cancellation);

    /// <summary>Checks the target column against a schema's shape and gives the shapes of the columns that scoring will add.</summary>
    public abstract IEnumerable<SchemaShape.Column> OutputShape(SchemaShape input);
}
