using System.Text.Json.Serialization;

namespace Sconce.Trainers;

/// <summary>How the learning rate moves over a training: a factor on <see cref="TrainingOptions.LearningRate"/> for each step.</summary>
[JsonDerivedType(typeof(ConstantSchedule), "Constant")]
[JsonDerivedType(typeof(CosineSchedule), "Cosine")]
[JsonDerivedType(typeof(OneCycleSchedule), "OneCycle")]
public abstract record LearningRateSchedule
{
    private protected LearningRateSchedule()
    {
    }

    /// <summary>The factor for the step after <paramref name="progress"/> of the training, from 0 at the first step to 1 at the last.</summary>
    public abstract double Factor(double progress);

    /// <summary>Half a cosine from <paramref name="start"/> to <paramref name="end"/>.</summary>
    private protected static double Anneal(double start, double end, double progress) =>
        end + (start - end) * (1 + Math.Cos(Math.PI * progress)) / 2;

    internal virtual void Validate()
    {
    }
}

/// <summary>The same learning rate at every step.</summary>
public sealed record ConstantSchedule : LearningRateSchedule
{
    /// <inheritdoc/>
    public override double Factor(double progress) => 1;
}

/// <summary>From the full learning rate down to zero along half a cosine.</summary>
/// <remarks>Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017, without restarts.</remarks>
public sealed record CosineSchedule : LearningRateSchedule
{
    /// <inheritdoc/>
    public override double Factor(double progress) => Anneal(1, 0, progress);
}

/// <summary>Up from 1/<see cref="InitialDivisor"/> of the learning rate to all of it, then down to nearly nothing, each along half a cosine.</summary>
/// <remarks>Smith and Topin, "Super-convergence: very fast training of neural networks using large learning rates", 2018. The learning rate is the highest one.</remarks>
public sealed record OneCycleSchedule : LearningRateSchedule
{
    /// <summary>The share of the steps that go up, in (0, 1). Default: 0.3.</summary>
    public double WarmUp { get; init; } = 0.3;

    /// <summary>How many times smaller than the highest the first learning rate is, at least 1. Default: 25.</summary>
    public double InitialDivisor { get; init; } = 25;

    /// <summary>How many times smaller than the highest the last learning rate is, at least 1. Default: 10,000.</summary>
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
