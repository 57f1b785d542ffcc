using System.Text.Json;
using System.Text.Json.Nodes;
using Sconce.Trainers.Networks;
using Sconce.Trainers.Networks.Recurrent;
using Sconce.Trainers.Persistence;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>The definition of a model without its weights: enough to build the network again and to bind it to data.</summary>
/// <param name="Network">The network's description.</param>
/// <param name="Objective">The objective of the training, which determines the output columns.</param>
/// <param name="Input">The feature column that it reads.</param>
public sealed record ModelDefinition(Network Network, Objective Objective, InputColumn Input)
{
    /// <summary>Builds the network with initial weights. The caller disposes it; it is detached from any dispose scope.</summary>
    internal nn.Module<Tensor, Tensor> Build(Generator random)
    {
        // Temporary objects, such as wrappers of the weights, are freed at once, not by the garbage collector.
        using var scope = NewDisposeScope();
        var module = Network.IsForeign ? ForeignModule.Build(this, random) : GlobalGeneratorScope.Keep(() => Network.BuildFor(Input, Objective.OutputSize, random));
        foreach (var (_, tensor) in module.state_dict())
            tensor.DetachFromDisposeScope();
        if (module is not ForeignModule && Objective.Capability is { } needed && !needed.IsInstanceOfType(module))
        {
            module.Dispose();
            throw ModuleCapabilities.Missing(Network.Subject, needed);
        }

        return module;
    }

    /// <summary>
    /// The weights that <see cref="Build"/> will create, computed without building the network; null for a user's network.
    /// </summary>
    internal IEnumerable<WeightShape>? Weights => Network.IsForeign ? null : Network.WeightsFor(Input, Objective.OutputSize);

    /// <summary>The feature column as the network reads it: sequences are limited to its maximum length.</summary>
    internal InputColumn ReadInput => Network.Limit is { } limit ? Input with { Limit = limit } : Input;

    /// <summary>
    /// Creates a reader of rows that continue each other, with a zero state; null for a network that reads rows independently.
    /// </summary>
    /// <param name="network">The network, which is not changed.</param>
    /// <param name="lanes">The number of sequences that are read in parallel.</param>
    internal CarriedState? CarryState(nn.Module<Tensor, Tensor> network, int lanes) => Network.Lanes is null ? null : new CarriedState(network.Require<IStatefulModule>(), lanes);

    /// <summary>The definition as JSON, as in a model zip.</summary>
    internal JsonNode ToJson() => JsonSerializer.SerializeToNode(this, RecordJson.Options)!;

    /// <summary>Checks a definition that comes from a file.</summary>
    /// <exception cref="ArgumentException">The definition does not describe a network that can be built.</exception>
    internal void Validate()
    {
        Input.Validate();
        Objective.Validate();
        Network.ValidateAll();
        // Creating the annotations checks that the class values have the stated type.
        _ = Objective.Columns;
    }
}
