using System.Text.Json.Serialization;

namespace Sconce.Trainers;

/// <summary>The options of a trainer for regression: the columns, the network, and how it is trained.</summary>
/// <typeparam name="TNetwork">The network.</typeparam>
public abstract record RegressionOptions<TNetwork> : SupervisedOptions
    where TNetwork : Network, new()
{
    /// <inheritdoc cref="TorchRegressionOptions.ScaleTargets"/>
    public bool ScaleTargets { get; init; } = true;

    /// <summary>The loss to minimize, such as <see cref="Huber"/>. Default: null, <see cref="MeanSquaredError"/>; with <see cref="Quantiles"/> the pinball loss.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Loss? Loss { get; init; }

    /// <inheritdoc cref="TorchRegressionOptions.Quantiles"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? Quantiles { get; init; }

    /// <summary>The network to train. It is saved in a separate entry of the model.</summary>
    [JsonIgnore]
    public TNetwork Network { get; init; } = new();

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        NumberTarget.Validate(Loss, Quantiles);
        Network.Validate();
    }
}
