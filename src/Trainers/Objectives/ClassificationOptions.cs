using System.Text.Json.Serialization;
using Sconce.Core.Errors;

namespace Sconce.Trainers;

/// <summary>The options of a trainer for classification, multiclass or binary: the columns, the network, and how it is trained.</summary>
/// <typeparam name="TNetwork">The network.</typeparam>
public abstract record ClassificationOptions<TNetwork> : SupervisedOptions
    where TNetwork : Network, new()
{
    /// <summary>
    /// The weights of the classes, which are multiplied by those of the rows: <see cref="Trainers.ClassWeights.Balanced"/> if some classes
    /// are rare, or weights of your own. Default: null, none.
    /// </summary>
    public ClassWeights? ClassWeights { get; init; }

    /// <summary>The network to train. It is saved in a separate entry of the model.</summary>
    [JsonIgnore]
    public TNetwork Network { get; init; } = new();

    /// <summary>The fraction of each target that is spread evenly over all classes, in [0, 1), against overconfidence. Default: 0.</summary>
    /// <remarks>Szegedy et al., "Rethinking the Inception architecture for computer vision", CVPR 2016, section 7.</remarks>
    public double LabelSmoothing { get; init; }

    /// <summary>
    /// The loss to minimize: <see cref="FocalLoss"/>, or one of your own. Default: null, the cross-entropy with <see cref="LabelSmoothing"/>, which is for this
    /// default alone.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Loss? Loss { get; init; }

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check.Share(LabelSmoothing, nameof(LabelSmoothing));
        if (Loss is not null && LabelSmoothing != 0)
            throw new ArgumentException($"{nameof(LabelSmoothing)} is for the cross-entropy, and {nameof(Loss)} is {Loss.GetType().Name}. Set one of the two.", nameof(LabelSmoothing));
        Network.Validate();
    }

    /// <summary>The loss of a user, checked for the targets.</summary>
    /// <exception cref="ArgumentException">It is for other targets.</exception>
    internal Loss? LossFor(TargetKind kind)
    {
        Loss?.CheckFor(kind);
        return Loss;
    }
}
