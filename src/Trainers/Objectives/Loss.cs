using Sconce.Core.Errors;
using Sconce.Trainers.Networks;
using Sconce.Trainers.Persistence;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>What is minimised: how wrong outputs are. Any record may derive from it; its properties are written to the training's record, and tell one training from another.</summary>
/// <remarks>It belongs to the training and not to the model: a model is loaded and scored without it.</remarks>
/// <example>
/// <code>
/// public sealed record FocalLoss(double Gamma) : Loss
/// {
///     public override Tensor Evaluate(Tensor output, Tensor target)
///     {
///         var losses = functional.cross_entropy(output, target, reduction: Reduction.None);
///         return (losses * (1 - (-losses).exp()).pow(Gamma)).mean();
///     }
/// }
/// </code>
/// </example>
public abstract record Loss
{
    /// <summary>Measures a batch. Nothing may be drawn at random.</summary>
    /// <param name="output">What the network gave: floats [rows, outputs], of classes logits.</param>
    /// <param name="target">What it should have given: of classes 64-bit numbers from 0 [rows]; of numbers floats of the output's shape, in the label's own unit, bytes as shares of 255.</param>
    /// <remarks>A regression trainer that scales its targets gives a loss of the program's own both outputs and targets in the label's unit, and the losses here both in standard deviations.</remarks>
    /// <returns>The mean over the rows, a scalar that can be differentiated.</returns>
    public abstract Tensor Evaluate(Tensor output, Tensor target);

    /// <summary>Measures each row of a batch, for trainings whose rows have weights. The default measures one row after another by <see cref="Evaluate"/>, which is right for every mean over rows, and slow.</summary>
    /// <inheritdoc cref="Evaluate" path="/param"/>
    /// <returns>Floats [rows], which can be differentiated, and whose mean is what <see cref="Evaluate"/> gives.</returns>
    public virtual Tensor EvaluateRows(Tensor output, Tensor target) =>
        cat([.. Enumerable.Range(0, (int)output.shape[0]).Select(row => Evaluate(output.narrow(0, row, 1), target.narrow(0, row, 1)).reshape(1))]);

    /// <summary>Checks the record's own values, before any data is read.</summary>
    /// <exception cref="ArgumentException">A property has a value that makes no sense; the message names it and says what is expected.</exception>
    public virtual void Validate()
    {
    }

    /// <summary>Whether targets may be classes.</summary>
    internal virtual bool TakesClasses => true;

    /// <summary>Whether targets may be numbers.</summary>
    internal virtual bool TakesNumbers => true;

    /// <summary>Whether it is a loss of the program's own.</summary>
    internal bool IsForeign => GetType().Assembly != typeof(Loss).Assembly;

    /// <summary>Checks a loss that is an option.</summary>
    /// <exception cref="ArgumentException">It is for other targets, has a value that makes no sense, or cannot be written down.</exception>
    internal void CheckFor(bool classes)
    {
        if (classes ? !TakesClasses : !TakesNumbers)
            throw new ArgumentException($"{nameof(Loss)} is {GetType().Name}, which is for {(classes ? "numbers, and here classes" : "classes, and here numbers")} are learned; {(classes ? nameof(CrossEntropy) : $"{nameof(MeanSquaredError)}, {nameof(MeanAbsoluteError)} and {nameof(Huber)}")} {(classes ? "is" : "are")} for those.", nameof(Loss));
        Validate();
        if (IsForeign)
            RoundTrip.Check(this, typeof(Loss), "The loss");
    }

    /// <summary>Measures a batch, and says what is wrong with a loss of the program's own.</summary>
    /// <param name="output">What the network gave.</param>
    /// <param name="target">What it should have given.</param>
    /// <param name="weights">How much each row counts, 1 on average over all batches; null where all count the same.</param>
    /// <exception cref="InvalidOperationException">It failed, or did not give what can be minimised.</exception>
    internal Tensor Measure(Tensor output, Tensor target, Tensor? weights = null)
    {
        if (!IsForeign)
            return weights is null ? Evaluate(output, target) : EvaluateRows(output, target).mul(weights).mean();
        var given = $"given outputs {Shape(output)} and targets {Shape(target)}";
        Tensor? loss;
        try
        {
            loss = weights is null ? Evaluate(output, target) : EvaluateRows(output, target);
        }
        // The loss is the user's: whatever it throws, it is what is wrong.
#pragma warning disable CA1031
        catch (Exception exception) when (exception is not (OutOfMemoryException or OperationCanceledException))
#pragma warning restore CA1031
        {
            throw Refuse($"failed, {given}: {ForeignModule.FirstLine(exception)}", exception);
        }

        if (loss is null)
            throw Refuse($"gave nothing, {given}; a scalar is expected, the mean over the rows");
        if (weights is not null)
        {
            if (!loss.shape.SequenceEqual(weights.shape))
                throw Refuse($"gave {Shape(loss)} in {nameof(EvaluateRows)}, {given}; {Shape(weights)} is expected, a loss for each row");
            loss = loss.mul(weights).mean();
        }

        if (loss.numel() != 1)
            throw Refuse($"gave {Shape(loss)}, {given}; a scalar is expected, the mean over the rows");
        if (is_grad_enabled() && !loss.requires_grad)
            throw Refuse($"gave a number that does not depend on the outputs in a way that can be differentiated, {given}; it has to be computed from them by torch's operations");
        return loss.dtype == ScalarType.Float32 ? loss : loss.to(ScalarType.Float32);

        static string Shape(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";
    }

    /// <summary>The mean over the values of each row.</summary>
    private protected static Tensor MeanOfRows(Tensor losses) => losses.reshape(losses.shape[0], -1).mean([1]);

    private InvalidOperationException Refuse(string what, Exception? cause = null) => new($"The loss '{GetType().FullName}' {what}.", cause);
}

/// <summary>The cross-entropy of classes, of which the network gives logits.</summary>
public sealed record CrossEntropy : Loss
{
    /// <summary>The share of each target that is spread evenly over all classes, in [0, 1): it keeps the network from being too sure. Default: 0.</summary>
    /// <remarks>Szegedy et al., "Rethinking the Inception architecture for computer vision", CVPR 2016, section 7.</remarks>
    public double LabelSmoothing { get; init; }

    /// <inheritdoc/>
    public override Tensor Evaluate(Tensor output, Tensor target) => nn.functional.cross_entropy(output, target, label_smoothing: LabelSmoothing);

    /// <inheritdoc/>
    public override Tensor EvaluateRows(Tensor output, Tensor target) => nn.functional.cross_entropy(output, target, reduction: nn.Reduction.None, label_smoothing: LabelSmoothing);

    /// <inheritdoc/>
    public override void Validate() => Check.Share(LabelSmoothing, nameof(LabelSmoothing));

    internal override bool TakesNumbers => false;
}

/// <summary>The mean over all values of the squared difference.</summary>
public sealed record MeanSquaredError : Loss
{
    /// <inheritdoc/>
    public override Tensor Evaluate(Tensor output, Tensor target) => nn.functional.mse_loss(output, target);

    /// <inheritdoc/>
    public override Tensor EvaluateRows(Tensor output, Tensor target) => MeanOfRows(nn.functional.mse_loss(output, target, nn.Reduction.None));

    internal override bool TakesClasses => false;
}

/// <summary>The mean over all values of the difference's absolute value: single targets that are far off count for less than with <see cref="MeanSquaredError"/>.</summary>
public sealed record MeanAbsoluteError : Loss
{
    /// <inheritdoc/>
    public override Tensor Evaluate(Tensor output, Tensor target) => nn.functional.l1_loss(output, target);

    /// <inheritdoc/>
    public override Tensor EvaluateRows(Tensor output, Tensor target) => MeanOfRows(nn.functional.l1_loss(output, target, nn.Reduction.None));

    internal override bool TakesClasses => false;
}

/// <summary>Half the squared difference up to <see cref="Delta"/>, and a straight line beyond: smooth near the target, and little moved by targets that are far off. The mean over all values.</summary>
/// <remarks>Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35 (1964).</remarks>
public sealed record Huber : Loss
{
    /// <summary>The difference from which on the loss is a straight line, more than 0: in standard deviations of the label where a regression trainer scales its targets (the default), else in the target's own unit. Default: 1.</summary>
    public double Delta { get; init; } = 1;

    /// <inheritdoc/>
    public override Tensor Evaluate(Tensor output, Tensor target) => nn.functional.huber_loss(output, target, Delta);

    /// <inheritdoc/>
    public override Tensor EvaluateRows(Tensor output, Tensor target) => MeanOfRows(nn.functional.huber_loss(output, target, Delta, nn.Reduction.None));

    /// <inheritdoc/>
    public override void Validate() => Check.Positive(Delta, nameof(Delta));

    internal override bool TakesClasses => false;
}
