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
    public static ValidationMeasure Loss { get; } = new Measured("loss", _ => null, _ => false, (summary, _) => summary.Loss);

    /// <summary>The trainer's own metric: the accuracy of a classifier or the fraction of exactly matched sequences, higher is better; the mean squared error of a regression or a reconstruction, lower is better.</summary>
    public static ValidationMeasure Metric { get; } =
        new Measured("metric", objective => objective.MetricName, objective => objective.IsHigherMetricBetter, (summary, _) => summary.Metric ?? double.NaN);

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
        return new Measured(
            name, _ => null, _ => isHigherBetter, (_, session) => evaluate(session.Model.Transform(new CancellableRows(session.ValidationData!, session.Options.CancellationToken))));
    }

    internal abstract string NameFor(Objective objective);

    internal abstract bool IsHigherBetterFor(Objective objective);

    internal abstract double Value(ValidationSummary summary, TrainingSession session);

    private sealed record Measured(
        string Own, Func<Objective, string?> NameIn, Func<Objective, bool> IsHigherBetter, Func<ValidationSummary, TrainingSession, double> Measure) : ValidationMeasure
    {
        public override string Name => Own;

        internal override string NameFor(Objective objective) => NameIn(objective) ?? Own;

        internal override bool IsHigherBetterFor(Objective objective) => IsHigherBetter(objective);

        internal override double Value(ValidationSummary summary, TrainingSession session) => Measure(summary, session);

        public override string ToString() => Own;
    }
}
