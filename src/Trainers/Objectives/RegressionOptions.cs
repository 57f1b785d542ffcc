using System.Text.Json.Serialization;

namespace Sconce.Trainers;

/// <summary>What a regression trainer takes: the columns, the network, and how it is trained.</summary>
/// <typeparam name="TNetwork">The network to be trained.</typeparam>
public abstract record RegressionOptions<TNetwork> : TrainingOptions
    where TNetwork : Network, new()
{
    /// <summary>The label: a Single, or a vector of Single of known size, without missing values. Default: "Label".</summary>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>The features: a vector of Byte or Single of known size, whose dimensions are the network's input shape. Default: "Features".</summary>
    public string FeatureColumnName { get; init; } = "Features";

    /// <summary>The network to be trained. It is saved in an entry of its own.</summary>
    [JsonIgnore]
    public TNetwork Network { get; init; } = new();

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check.NotEmpty(LabelColumnName, nameof(LabelColumnName));
        Check.NotEmpty(FeatureColumnName, nameof(FeatureColumnName));
        Network.Validate();
    }
}
