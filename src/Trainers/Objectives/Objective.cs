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
    /// <summary>The number of outputs of the network for a row.</summary>
    [JsonIgnore]
    public abstract int OutputSize { get; }

    /// <summary>The name of the metric, such as "accuracy"; null if there is none.</summary>
    [JsonIgnore]
    public abstract string? MetricName { get; }

    /// <summary>Whether a higher metric is better.</summary>
    internal virtual bool IsHigherMetricBetter => false;

    /// <summary>Whether the outputs for a row may have any shape with the right number of values.</summary>
    internal virtual bool TakesAnyShape => false;

    /// <summary>The interface that the network's module has to implement; null if <c>forward</c> is enough.</summary>
    internal virtual Type? Capability => null;

    /// <summary>The columns that scoring adds, in order.</summary>
    internal abstract IReadOnlyList<ScoreColumn> Columns { get; }

    /// <summary>Runs the network on a batch and measures it.</summary>
    /// <param name="network">The network, in training mode.</param>
    /// <param name="input">Floats [rows, ...shape].</param>
    /// <param name="target">The values of the target column, [rows, ...].</param>
    /// <param name="weights">The weights of the rows in their column, [rows]; null if the target has none.</param>
    /// <returns>
    /// The mean loss of the rows, weighted if they have weights, a differentiable scalar; and the unweighted metric, a scalar that is not
    /// differentiable, or null.
    /// </returns>
    internal abstract (Tensor Loss, Tensor? Metric) Evaluate(nn.Module<Tensor, Tensor> network, Tensor input, Tensor target, Tensor? weights = null);

    /// <summary>Runs the network on a batch to score.</summary>
    /// <param name="network">The network, in evaluation mode.</param>
    /// <param name="input">Floats [rows, ...shape].</param>
    /// <param name="wanted">For each of <see cref="Columns"/>, whether it will be read.</param>
    /// <returns>A tensor for each of <see cref="Columns"/>, or null for one that is not wanted: values of the column's type, [rows, width] or of a shape with as many; 64-bit class indices from 0 [rows] for a key; 64-bit symbols from 1 [rows, width], 0 beyond a row's end, for a sequence.</returns>
    internal abstract IReadOnlyList<Tensor?> Score(nn.Module<Tensor, Tensor> network, Tensor input, IReadOnlyList<bool> wanted);

    /// <summary>Adds the computation of <see cref="Score"/> to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="network">The network, in evaluation mode.</param>
    /// <param name="input">As for <see cref="Score"/>.</param>
    /// <returns>A value for each of <see cref="Columns"/>; see <see cref="OnnxColumns"/> for its type.</returns>
    /// <exception cref="NotSupportedException">The network or one of the columns cannot be written as ONNX.</exception>
    internal virtual IReadOnlyList<OnnxValue> Export(OnnxGraph graph, nn.Module<Tensor, Tensor> network, OnnxValue input) =>
        throw new NotSupportedException($"A network that was trained for {GetType().Name} cannot be exported to ONNX.");

    /// <summary>Runs every part of the network once, so that all of them are observed.</summary>
    internal virtual void RunAllParts(nn.Module<Tensor, Tensor> network, Tensor input) => network.call(input);

    /// <summary>Checks an objective that comes from a file.</summary>
    /// <exception cref="ArgumentException">A property is out of range.</exception>
    internal virtual void Validate() => Check.AtLeast(OutputSize, 1, "Objective.OutputSize");

    /// <summary>Restricts the values of a feature during training, if the loss requires it.</summary>
    internal virtual ColumnBinding Constrain(ColumnBinding feature) => feature;

    /// <summary>Whether an objective that was created for other data learns the same.</summary>
    internal virtual bool LearnsTheSameAs(Objective other) => true;

    /// <summary>Takes over what a previous model has learned about its targets.</summary>
    /// <exception cref="ArgumentException">The targets differ.</exception>
    internal virtual Objective GoOnFrom(Objective previous) => this;

    /// <summary>Describes how the target column is scaled; null if it is not.</summary>
    internal virtual string? DescribeScale() => null;

    /// <summary>Creates the observer of all targets, which are read before the training.</summary>
    internal virtual TargetObserver CreateTargetObserver() => new();

    /// <inheritdoc/>
    public sealed override string ToString() => RecordText.Of(this);
}

/// <summary>Observes every target once before the training. The base class accepts all.</summary>
internal class TargetObserver
{
    /// <summary>Observes the target of a row, as the reader of its column returns it.</summary>
    public virtual void Observe(ReadOnlySpan<byte> target)
    {
    }

    /// <summary>Called after all targets have been observed.</summary>
    /// <returns>The objective, completed with what was learned about the targets.</returns>
    /// <exception cref="InvalidDataException">Nothing can be learned from them.</exception>
    public virtual Objective Complete(Objective objective) => objective;
}

/// <summary>A column that scoring adds.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">
/// Its type: a key of UInt32, a number, a Boolean, text, a vector of known size of one of these, or a vector of keys of unknown size.
/// </param>
/// <param name="Annotations">The annotations that evaluators recognize; null for a column that is not a trainer's score.</param>
internal sealed record ScoreColumn(string Name, DataViewType Type, DataViewSchema.Annotations? Annotations = null)
{
    /// <summary>The maximum number of symbols in a row of text or keys.</summary>
    public int LongestSequence { get; init; } = 1;

    /// <summary>The values of its symbols, keys or slots, numbered from 1; null for plain numbers.</summary>
    public ClassNames? Values { get; init; }

    /// <summary>The number of values in a row; of a sequence, the maximum.</summary>
    public int Width => Type is VectorDataViewType { IsKnownSize: true } vector ? vector.Size : LongestSequence;
}

/// <summary>A learning target before the data is known: <see cref="CreateObjective"/> then creates the <see cref="Objective"/>.</summary>
internal abstract record Target
{
    /// <summary>Binds the target column of training or validation data.</summary>
    /// <param name="schema">The schema of the data.</param>
    /// <param name="objective">The result of <see cref="CreateObjective"/> for the training data.</param>
    /// <exception cref="ArgumentException">It is missing, or does not fit the objective.</exception>
    public abstract ColumnBinding Bind(DataViewSchema schema, Objective objective);

    /// <summary>Whether the network may carry a state from row to row.</summary>
    public virtual bool TakesLanes => true;

    /// <summary>The same target without scaling, as in versions that had none.</summary>
    public virtual Target Unscaled => this;

    /// <summary>Creates the objective for training data, which is read if the type of the column does not suffice, as for text.</summary>
    public abstract Objective CreateObjective(IDataView data, CancellationToken cancellation);

    /// <summary>Checks the target column against a schema's shape, and returns the shapes of the columns that scoring will add.</summary>
    public abstract IEnumerable<SchemaShape.Column> OutputShape(SchemaShape input);
}
