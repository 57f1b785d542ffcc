using Microsoft.ML;
using Sconce.Trainers.Model;
using static TorchSharp.torch;

namespace Sconce.Trainers.Training;

/// <summary>Begins a training with the weights of an earlier one.</summary>
internal static class PreviousWeights
{
    /// <summary>Finds the network of an earlier model.</summary>
    /// <exception cref="ArgumentException">It has none.</exception>
    public static TorchModel Find(ITransformer model) => PipelineSteps.FindNetwork(model)
        ?? throw new ArgumentException($"{nameof(TrainingOptions.PreviousModel)} is an ML.NET model without one of Sconce's networks, whose weights could be learned on. A model that a trainer of this kind has made is expected.");

    /// <summary>Takes over what the earlier model has found out about its columns: which number stands for which symbol, and on which scale targets are learned.</summary>
    /// <exception cref="ArgumentException">The feature columns hold different things.</exception>
    public static ModelDefinition Reconcile(ModelDefinition previous, ModelDefinition definition)
    {
        var (theirs, ours) = (previous.Input, definition.Input);
        var sameRows = ours.IsSequence ? ours.Shape.Skip(1).SequenceEqual(theirs.Shape.Skip(1)) : ours.Shape.SequenceEqual(theirs.Shape);
        if (ours.Type != theirs.Type || ours.IsSequence != theirs.IsSequence || !sameRows)
            throw new ArgumentException($"{nameof(TrainingOptions.PreviousModel)} was trained on a feature column of the type {theirs.ColumnType}; column '{ours.Name}' has the type {ours.ColumnType}. A model goes on learning from data like that which it began with.");
        return definition with
        {
            Input = TakeSymbols(theirs, ours),
            Objective = definition.Objective.GoOnFrom(previous.Objective),
        };
    }

    /// <summary>Characters are given their numbers here; keys come with theirs, which have to be the earlier ones.</summary>
    internal static InputColumn TakeSymbols(InputColumn theirs, InputColumn ours)
    {
        if (ours.Type != FeatureType.Key)
            return ours with { Symbols = theirs.Symbols };
        if (ours.Symbols!.DifferenceFrom(theirs.Symbols!) is { } difference)
            throw new ArgumentException($"{nameof(TrainingOptions.PreviousModel)} was trained on other keys than column '{ours.Name}' has, or on the same in another order: {difference}. The MapValueToKey that was fitted before the earlier training has to make the keys of both.");
        // The earlier ones may have no names.
        return ours.Symbols.Type is null ? ours with { Symbols = theirs.Symbols } : ours;
    }

    /// <summary>Copies weights and running statistics.</summary>
    /// <exception cref="ArgumentException">The earlier model is another network, or has learned something else; the message says which.</exception>
    public static void Copy(TorchModel previous, ModelDefinition definition, nn.Module network)
    {
        const string Option = nameof(TrainingOptions.PreviousModel);
        if (!definition.Objective.LearnsTheSameAs(previous.Definition.Objective))
            throw new ArgumentException($"{Option} was trained for other classes than the training data has, or the same in another order, or other numbers of values. Both have to have the same.");
        using var use = previous.Use();
        var theirs = previous.Weights.ToDictionary(weight => weight.Key, weight => weight.Value);
        var ours = network.state_dict();
        if (theirs.Keys.Except(ours.Keys).FirstOrDefault() is { } strange)
            throw new ArgumentException($"{Option} is another network: it has '{strange}', which this one has not. Both have to have the same layers.");
        foreach (var (name, weight) in ours)
        {
            if (!theirs.TryGetValue(name, out var found))
                throw new ArgumentException($"{Option} is another network: it lacks '{name}', which this one has. Both have to have the same layers.");
            if (!found.shape.SequenceEqual(weight.shape))
                throw new ArgumentException($"{Option} is another network: its '{name}' has the shape [{string.Join(", ", found.shape)}], and this one's [{string.Join(", ", weight.shape)}]. Both have to have the same layers.");
            found.bytes.CopyTo(weight.bytes);
        }
    }
}
