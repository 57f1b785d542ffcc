using System.Text.Json;
using System.Text.Json.Nodes;
using Sconce.Trainers.Networks;
using Sconce.Trainers.Networks.Recurrent;
using Sconce.Trainers.Persistence;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>What a model is, its weights aside: enough to build the network again and to bind it to data.</summary>
/// <param name="Network">The network's description.</param>
/// <param name="Objective">What it was trained for, and so which columns it gives.</param>
/// <param name="Input">The feature column that it reads.</param>
public sealed record ModelDefinition(Network Network, Objective Objective, InputColumn Input)
{
    /// <summary>Builds the network with initial weights. It belongs to the caller, whatever dispose scope that one is in.</summary>
    internal nn.Module<Tensor, Tensor> Build(Generator random)
    {
        // What is made on the way, wrappers of the weights among it, is freed at once and not when it is collected.
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

    /// <summary>The weights that <see cref="Build"/> will make, by arithmetic and one by one; null of a network of a user's own.</summary>
    internal IEnumerable<WeightShape>? Weights => Network.IsForeign ? null : Network.WeightsFor(Input, Objective.OutputSize);

    /// <summary>The feature column as the network reads it: of sequences, no more than it allows.</summary>
    internal InputColumn ReadInput => Network.Limit is { } limit ? Input with { Limit = limit } : Input;

    /// <summary>Makes what reads rows that continue each other, from a state of zero on; null for a network that reads each by itself.</summary>
    /// <param name="network">The network, which stays as it is.</param>
    /// <param name="lanes">The number of sequences that are read at once.</param>
    internal CarriedState? CarryState(nn.Module<Tensor, Tensor> network, int lanes) => Network.Lanes is null ? null : new CarriedState(network.Require<IStatefulModule>(), lanes);

    /// <summary>The definition as a model's zip has it.</summary>
    internal JsonNode ToJson() => JsonSerializer.SerializeToNode(this, RecordJson.Options)!;

    /// <summary>Checks a definition that comes from a file.</summary>
    /// <exception cref="ArgumentException">It does not describe a network that can be built.</exception>
    internal void Validate()
    {
        Input.Validate();
        Objective.Validate();
        Network.ValidateAll();
        // The annotations are made of the class values, which have to be of the type that they are said to be.
        _ = Objective.Columns;
    }
}
