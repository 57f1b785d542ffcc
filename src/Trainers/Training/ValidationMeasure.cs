using Microsoft.ML;
using Sconce.Trainers.Training;

namespace Sconce.Trainers;

/// <summary>A measure of the network's quality on the validation data.</summary>
public abstract record ValidationMeasure
{
    private ValidationMeasure()
    {
    }

    /// <summary>The mean loss; lower is better.</summary>
    public static ValidationMeasure Loss { get; } = new LossMeasure();

    /// <summary>The trainer's own metric: the accuracy of a classifier or the fraction of exactly matched sequences, higher is better; the mean squared error of a regression or a reconstruction, lower is better.</summary>
    public static ValidationMeasure Metric { get; } = new MetricMeasure();

    /// <summary>The name of the measure, for the stop reason.</summary>
    public abstract string Name { get; }

    /// <summary>A measure of your own, computed from the scored validation data.</summary>
    /// <param name="name">The name of the measure, such as "macro accuracy".</param>
    /// <param name="evaluate">Computes the measure from the validation data with the score columns, which it may read several times. An exception ends the training; reading the rows throws when the training is canceled. A value that is not finite is no improvement.</param>
    /// <param name="isHigherBetter">Whether higher values are better.</param>
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

        public override string ToString() => Name;
    }

    private sealed record MetricMeasure : ValidationMeasure
    {
        public override string Name => "metric";

        internal override string NameFor(Objective objective) => objective.MetricName ?? Name;

        internal override bool IsHigherBetterFor(Objective objective) => objective.IsHigherMetricBetter;

        internal override double Value(ValidationSummary summary, TrainingSession session) => summary.Metric ?? double.NaN;

        public override string ToString() => Name;
    }

    /// <summary>Equal to another with the same name, function and direction.</summary>
    private sealed record EvaluatedMeasure(string Given, Func<IDataView, double> Evaluate, bool IsHigherBetter) : ValidationMeasure
    {
        public override string Name => Given;

        internal override bool IsHigherBetterFor(Objective objective) => IsHigherBetter;

        internal override double Value(ValidationSummary summary, TrainingSession session) =>
            Evaluate(session.Model.Transform(new CancellableRows(session.ValidationData!, session.Options.CancellationToken)));

        public override string ToString() => Name;
    }
}
