using Microsoft.ML;
using Sconce.Trainers.Training;

namespace Sconce.Trainers;

/// <summary>A number that says how good the network is on its validation rows.</summary>
public abstract record ValidationMeasure
{
    private ValidationMeasure()
    {
    }

    /// <summary>The mean loss of the rows, the lower the better.</summary>
    public static ValidationMeasure Loss { get; } = new LossMeasure();

    /// <summary>The mean metric of the rows that the trainer measures anyway: the accuracy of a classifier and the exact matches of sequences, the higher the better; the mean squared error of numbers and of reconstructions, the lower the better.</summary>
    public static ValidationMeasure Metric { get; } = new MetricMeasure();

    /// <summary>What is measured, as it stands in the reason for a stop.</summary>
    public abstract string Name { get; }

    /// <summary>Any measure of rows that have been scored.</summary>
    /// <param name="name">What is measured: "macro accuracy".</param>
    /// <param name="evaluate">Takes the validation rows with the score columns, and may read them as often as it likes. What it throws ends the training, as reading the rows does once the training is to be cancelled; a value that is not finite is no improvement.</param>
    /// <param name="isHigherBetter">Whether the higher of two values is the better one.</param>
    public static ValidationMeasure Of(string name, Func<IDataView, double> evaluate, bool isHigherBetter)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(evaluate);
        return new EvaluatedMeasure(name, evaluate, isHigherBetter);
    }

    internal virtual string NameFor(Objective objective) => Name;

    internal abstract bool IsHigherBetterFor(Objective objective);

    internal abstract double Value(ValidationSummary summary, TrainingSession session);

    private sealed record LossMeasure : ValidationMeasure
    {
        public override string Name => "loss";

        internal override bool IsHigherBetterFor(Objective objective) => false;

        internal override double Value(ValidationSummary summary, TrainingSession session) => summary.Loss;
    }

    private sealed record MetricMeasure : ValidationMeasure
    {
        public override string Name => "metric";

        internal override string NameFor(Objective objective) => objective.MetricName ?? Name;

        internal override bool IsHigherBetterFor(Objective objective) => objective.IsHigherMetricBetter;

        internal override double Value(ValidationSummary summary, TrainingSession session) => summary.Metric ?? double.NaN;
    }

    private sealed record EvaluatedMeasure(string Measured, Func<IDataView, double> Evaluate, bool IsHigherBetter) : ValidationMeasure
    {
        public override string Name => Measured;

        internal override bool IsHigherBetterFor(Objective objective) => IsHigherBetter;

        internal override double Value(ValidationSummary summary, TrainingSession session) => Evaluate(session.Model.Transform(new CancellableRows(session.ValidationData!, session.Options.CancellationToken)));
    }
}
