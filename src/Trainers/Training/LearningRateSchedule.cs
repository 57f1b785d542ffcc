using System.Text.Json.Serialization;
using Sconce.Core.Errors;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers;

/// <summary>A learning rate schedule: the factor on <see cref="TrainingOptions.LearningRate"/> at each step.</summary>
[JsonDerivedType(typeof(ConstantSchedule), "Constant")]
[JsonDerivedType(typeof(CosineSchedule), "Cosine")]
[JsonDerivedType(typeof(OneCycleSchedule), "OneCycle")]
[JsonDerivedType(typeof(StepSchedule), "Step")]
[JsonDerivedType(typeof(WarmUpSchedule), "WarmUp")]
[JsonDerivedType(typeof(PlateauSchedule), "Plateau")]
public abstract record LearningRateSchedule
{
    private protected LearningRateSchedule()
    {
    }

    /// <summary>The factor on the learning rate when the fraction <paramref name="progress"/> of the training is done, from 0 at the first step to 1 at the last.</summary>
    public abstract double Factor(double progress);

    /// <summary>Half a cosine from <paramref name="start"/> to <paramref name="end"/>.</summary>
    private protected static double Anneal(double start, double end, double progress) =>
        end + (start - end) * (1 + Math.Cos(Math.PI * progress)) / 2;

    /// <summary>Creates the callback of a schedule that depends on the training's progress; null for one that does not.</summary>
    internal virtual TrainingCallback? CreateCallback() => null;

    internal virtual void Validate()
    {
    }

    /// <inheritdoc/>
    public sealed override string ToString() => RecordText.Of(this);
}

/// <summary>A constant learning rate.</summary>
public sealed record ConstantSchedule : LearningRateSchedule
{
    /// <inheritdoc/>
    public override double Factor(double progress) => 1;
}

/// <summary>Cosine annealing: from the full learning rate down to zero along half a cosine.</summary>
/// <remarks>Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017, without restarts.</remarks>
public sealed record CosineSchedule : LearningRateSchedule
{
    /// <inheritdoc/>
    public override double Factor(double progress) => Anneal(1, 0, progress);
}

/// <summary>The one-cycle schedule: up from 1/<see cref="InitialDivisor"/> of the learning rate to the full one, then down to 1/<see cref="FinalDivisor"/> of it, each along half a cosine.</summary>
/// <remarks>Smith and Topin, "Super-convergence: very fast training of neural networks using large learning rates", 2018. <see cref="TrainingOptions.LearningRate"/> is the highest learning rate.</remarks>
public sealed record OneCycleSchedule : LearningRateSchedule
{
    /// <summary>The fraction of the steps in which the learning rate rises, in (0, 1). Default: 0.3.</summary>
    public double WarmUp { get; init; } = 0.3;

    /// <summary>The ratio of the highest learning rate to the initial one, at least 1. Default: 25.</summary>
    public double InitialDivisor { get; init; } = 25;

    /// <summary>The ratio of the highest learning rate to the final one, at least 1. Default: 10,000.</summary>
    public double FinalDivisor { get; init; } = 10_000;

    /// <inheritdoc/>
    public override double Factor(double progress) => progress < WarmUp
        ? Anneal(1 / InitialDivisor, 1, progress / WarmUp)
        : Anneal(1, 1 / FinalDivisor, (progress - WarmUp) / (1 - WarmUp));

    internal override void Validate()
    {
        Check.Between(WarmUp, 0, 1, "Schedule.WarmUp");
        Check.AtLeast(InitialDivisor, 1, "Schedule.InitialDivisor");
        Check.AtLeast(FinalDivisor, 1, "Schedule.FinalDivisor");
    }
}

/// <summary>Step decay: the learning rate is multiplied by <see cref="Decay"/> at each milestone, as PyTorch's MultiStepLR.</summary>
public sealed record StepSchedule : LearningRateSchedule
{
    /// <summary>The fractions of the training after which the learning rate is reduced, each in (0, 1). Default: 0.5 and 0.75.</summary>
    public IReadOnlyList<double> Milestones { get; init; } = [0.5, 0.75];

    /// <summary>The factor at each milestone, in (0, 1). Default: 0.1.</summary>
    public double Decay { get; init; } = 0.1;

    /// <inheritdoc/>
    public override double Factor(double progress) => Math.Pow(Decay, Milestones.Count(milestone => progress >= milestone));

    internal override void Validate()
    {
        Check.AtLeast(Milestones.Count, 1, "Schedule.Milestones.Count");
        foreach (var milestone in Milestones)
            Check.Between(milestone, 0, 1, "Schedule.Milestones");
        Check.Between(Decay, 0, 1, "Schedule.Decay");
    }
}

/// <summary>Linear warm-up: from 1/<see cref="InitialDivisor"/> of the learning rate up to where another schedule starts, which then has the rest of the training.</summary>
/// <remarks>Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour", 2017, section 2.2.</remarks>
/// <example><code>new WarmUpSchedule { Fraction = 0.1, Then = new CosineSchedule() }</code></example>
public sealed record WarmUpSchedule : LearningRateSchedule
{
    /// <summary>The fraction of the training in which the learning rate rises, in (0, 1). Default: 0.05.</summary>
    [FormerName("Share")]
    public double Fraction { get; init; } = 0.05;

    /// <summary>The ratio of the following schedule's first learning rate to the initial one, at least 1. Default: 25.</summary>
    public double InitialDivisor { get; init; } = 25;

    /// <summary>The schedule that follows. Default: <see cref="ConstantSchedule"/>.</summary>
    public LearningRateSchedule Then { get; init; } = new ConstantSchedule();

    /// <inheritdoc/>
    public override double Factor(double progress)
    {
        if (progress >= Fraction)
            return Then.Factor((progress - Fraction) / (1 - Fraction));
        var first = 1 / InitialDivisor;
        return Then.Factor(0) * (first + (1 - first) * progress / Fraction);
    }

    internal override TrainingCallback? CreateCallback() => Then.CreateCallback();

    internal override void Validate()
    {
        Check.Between(Fraction, 0, 1, "Schedule.Fraction");
        Check.AtLeast(InitialDivisor, 1, "Schedule.InitialDivisor");
        Then.Validate();
    }
}
