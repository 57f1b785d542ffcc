using Sconce.Core.Errors;
using Sconce.Trainers.Networks;
using Sconce.Trainers.Persistence;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>A loss: a measure of the error of outputs, which training minimizes. Any record may derive from it; its properties are part of the training's record.</summary>
/// <remarks>It belongs to the training and not to the model: a model is loaded and scored without it.</remarks>
/// <example>
/// <code>
/// public sealed record PolyLoss(double Epsilon) : Loss
/// {
///     public override Tensor Evaluate(Tensor output, Tensor target)
///     {
///         var losses = nn.functional.cross_entropy(output, target, reduction: nn.Reduction.None);
///         return (losses + (Epsilon * (1 - (-losses).exp()))).mean();
///     }
/// }
/// </code>
/// </example>
public abstract record Loss
{
    /// <summary>Computes the loss of a batch. It has to be deterministic.</summary>
    /// <param name="output">The network's outputs: floats [rows, outputs]; for classes, logits.</param>
    /// <param name="target">The targets: for classes, 64-bit indices from 0 [rows]; for Booleans, floats 0 and 1 of the output's shape; for numbers, floats of the output's shape in the label's own unit, bytes divided by 255.</param>
    /// <remarks>Where a regression trainer scales its targets, a user's loss gets outputs and targets in the label's unit, and those of this library get both in standard deviations.</remarks>
    /// <returns>The mean over the rows, a differentiable scalar.</returns>
    public abstract Tensor Evaluate(Tensor output, Tensor target);

    /// <summary>Computes the loss of each row, for weighted rows. The default calls <see cref="Evaluate"/> row by row, which is correct for every mean over rows, but slow.</summary>
    /// <inheritdoc cref="Evaluate" path="/param"/>
    /// <returns>Differentiable floats [rows], whose mean is the result of <see cref="Evaluate"/>.</returns>
    public virtual Tensor EvaluateRows(Tensor output, Tensor target) =>
        cat([.. Enumerable.Range(0, (int)output.shape[0]).Select(row => Evaluate(output.narrow(0, row, 1), target.narrow(0, row, 1)).reshape(1))]);

    /// <summary>Checks the record's own values, before any data is read.</summary>
    /// <exception cref="ArgumentException">A property is out of range; the message names it and what is expected.</exception>
    public virtual void Validate()
    {
    }

    /// <summary>Whether targets may be of this kind.</summary>
    internal virtual bool Takes(TargetKind kind) => true;

    /// <summary>Whether it is a user's loss.</summary>
    internal bool IsForeign => GetType().Assembly != typeof(Loss).Assembly;

    /// <summary>Checks a loss that is an option.</summary>
    /// <exception cref="ArgumentException">It is for other targets, has an invalid value, or cannot be saved.</exception>
    internal void CheckFor(TargetKind kind)
    {
        if (!Takes(kind))
        {
            var others = Enum.GetValues<TargetKind>().Where(Takes).Select(Words);
            throw new ArgumentException($"{nameof(Loss)} is {GetType().Name}, which is for {string.Join(" and ", others)}; for {Words(kind)} use {Remedy()}.", nameof(Loss));
        }

        Validate();
        if (IsForeign)
            RoundTrip.Check(this, typeof(Loss), "The loss");

        static string Words(TargetKind kind) => kind.ToString().ToLowerInvariant() is "booleans" ? "Booleans" : kind.ToString().ToLowerInvariant();

        string Remedy() => kind switch
        {
            TargetKind.Classes => $"{nameof(CrossEntropy)} or {nameof(FocalLoss)}",
            TargetKind.Booleans => $"{nameof(BinaryCrossEntropy)} or {nameof(FocalLoss)}",
            _ => $"{nameof(MeanSquaredError)}, {nameof(MeanAbsoluteError)}, {nameof(Huber)} or {nameof(PinballLoss)}",
        };
    }

    /// <summary>Measures a batch, and reports what is wrong with a user's loss.</summary>
    /// <param name="output">The network's outputs.</param>
    /// <param name="target">The targets.</param>
    /// <param name="weights">The weights of the rows, with a mean of 1 over all batches; null if all are the same.</param>
    /// <exception cref="InvalidOperationException">It failed, or did not return a value that can be minimized.</exception>
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
        // The loss is the user's: whatever it throws, it is the cause.
#pragma warning disable CA1031
        catch (Exception exception) when (exception is not (OutOfMemoryException or OperationCanceledException))
#pragma warning restore CA1031
        {
            throw Refuse($"failed, {given}: {ForeignModule.FirstLine(exception)}", exception);
        }

        if (loss is null)
            throw Refuse($"returned null, {given}; a scalar, the mean over the rows, is expected");
        if (weights is not null)
        {
            if (!loss.shape.SequenceEqual(weights.shape))
                throw Refuse($"returned {Shape(loss)} from {nameof(EvaluateRows)}, {given}; {Shape(weights)}, a loss for each row, is expected");
            loss = loss.mul(weights).mean();
        }

        if (loss.numel() != 1)
            throw Refuse($"returned {Shape(loss)}, {given}; a scalar, the mean over the rows, is expected");
        if (is_grad_enabled() && !loss.requires_grad)
            throw Refuse($"returned a value that cannot be differentiated with respect to the outputs, {given}; compute it from them by torch's operations");
        return loss.dtype == ScalarType.Float32 ? loss : loss.to(ScalarType.Float32);

        static string Shape(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";
    }

    /// <summary>The mean over the values of each row.</summary>
    private protected static Tensor MeanOfRows(Tensor losses) => losses.reshape(losses.shape[0], -1).mean([1]);

    private InvalidOperationException Refuse(string what, Exception? cause = null) => new($"The loss '{GetType().FullName}' {what}.", cause);
}

/// <summary>What a loss compares the outputs of a network with.</summary>
internal enum TargetKind
{
    /// <summary>One of several classes.</summary>
    Classes,

    /// <summary>True or false, for one label or several.</summary>
    Booleans,

    /// <summary>Numbers.</summary>
    Numbers,
}

/// <summary>The cross-entropy of classes, whose logits the network outputs.</summary>
public sealed record CrossEntropy : Loss
{
    /// <summary>The fraction of each target that is spread evenly over all classes, in [0, 1), against overconfidence. Default: 0.</summary>
    /// <remarks>Szegedy et al., "Rethinking the Inception architecture for computer vision", CVPR 2016, section 7.</remarks>
    public double LabelSmoothing { get; init; }

    /// <inheritdoc/>
    public override Tensor Evaluate(Tensor output, Tensor target) => nn.functional.cross_entropy(output, target, label_smoothing: LabelSmoothing);

    /// <inheritdoc/>
    public override Tensor EvaluateRows(Tensor output, Tensor target) => nn.functional.cross_entropy(output, target, reduction: nn.Reduction.None, label_smoothing: LabelSmoothing);

    /// <inheritdoc/>
    public override void Validate() => Check.Share(LabelSmoothing, nameof(LabelSmoothing));

    internal override bool Takes(TargetKind kind) => kind == TargetKind.Classes;
}

/// <summary>The mean over all values of the squared difference.</summary>
public sealed record MeanSquaredError : Loss
{
    /// <inheritdoc/>
    public override Tensor Evaluate(Tensor output, Tensor target) => nn.functional.mse_loss(output, target);

    /// <inheritdoc/>
    public override Tensor EvaluateRows(Tensor output, Tensor target) => MeanOfRows(nn.functional.mse_loss(output, target, nn.Reduction.None));

    internal override bool Takes(TargetKind kind) => kind == TargetKind.Numbers;
}

/// <summary>The mean over all values of the absolute difference, which outliers affect less than <see cref="MeanSquaredError"/>.</summary>
public sealed record MeanAbsoluteError : Loss
{
    /// <inheritdoc/>
    public override Tensor Evaluate(Tensor output, Tensor target) => nn.functional.l1_loss(output, target);

    /// <inheritdoc/>
    public override Tensor EvaluateRows(Tensor output, Tensor target) => MeanOfRows(nn.functional.l1_loss(output, target, nn.Reduction.None));

    internal override bool Takes(TargetKind kind) => kind == TargetKind.Numbers;
}

/// <summary>The mean over all values of half the squared difference up to <see cref="Delta"/>, and of a straight line beyond: smooth near the target, and robust to outliers.</summary>
/// <remarks>Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35 (1964).</remarks>
public sealed record Huber : Loss
{
    /// <summary>The difference beyond which the loss is a straight line, more than 0: in standard deviations of the label where a regression trainer scales its targets (the default), otherwise in the target's own unit. Default: 1.</summary>
    public double Delta { get; init; } = 1;

    /// <inheritdoc/>
    public override Tensor Evaluate(Tensor output, Tensor target) => nn.functional.huber_loss(output, target, Delta);

    /// <inheritdoc/>
    public override Tensor EvaluateRows(Tensor output, Tensor target) => MeanOfRows(nn.functional.huber_loss(output, target, Delta, nn.Reduction.None));

    /// <inheritdoc/>
    public override void Validate() => Check.Positive(Delta, nameof(Delta));

    internal override bool Takes(TargetKind kind) => kind == TargetKind.Numbers;
}
