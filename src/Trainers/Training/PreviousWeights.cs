using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Trainers.Model;
using static TorchSharp.torch;

namespace Sconce.Trainers.Training;

/// <summary>Starts a training with the weights of an earlier model.</summary>
internal static class PreviousWeights
{
    /// <summary>Finds the network of an earlier model.</summary>
    /// <exception cref="ArgumentException">The model has no network.</exception>
    public static TorchModel Find(ITransformer model) => PipelineSteps.FindNetwork(model)
        ?? throw Refuse($"is an ML.NET model without one of Sconce's networks. Pass a model that was trained by one of Sconce's trainers.");

    /// <summary>Takes over the earlier model's numbers of symbols and scale of targets.</summary>
    /// <exception cref="ArgumentException">The feature columns have different types or keys.</exception>
    public static ModelDefinition Reconcile(ModelDefinition previous, ModelDefinition definition)
    {
        var (theirs, ours) = (previous.Input, definition.Input);
        var sameRows = ours.IsSequence ? ours.Shape.Skip(1).SequenceEqual(theirs.Shape.Skip(1)) : ours.Shape.SequenceEqual(theirs.Shape);
        if (ours.Type != theirs.Type || ours.IsSequence != theirs.IsSequence || !sameRows)
            throw Refuse($"was trained on a feature column of the type {theirs.ColumnType}; column '{ours.Name}' has the type {ours.ColumnType}. Continue the training with a column of the same type.");
        return definition with
        {
            Input = TakeSymbols(theirs, ours),
            Objective = definition.Objective.GoOnFrom(previous.Objective),
        };
    }

    /// <summary>Gives characters the numbers of the earlier model. Keys have their own numbers, which have to be the same.</summary>
    internal static InputColumn TakeSymbols(InputColumn theirs, InputColumn ours)
    {
        if (ours.Type != FeatureType.Key)
            return ours with { Symbols = theirs.Symbols };
        if (ours.Symbols!.DifferenceFrom(theirs.Symbols!) is { } difference)
            throw Refuse($"was trained on other keys than those of column '{ours.Name}', or on the same keys in another order: {difference}. Use the MapValueToKey that was fitted for the earlier training in both.");
        // The earlier keys may have no names.
        return ours.Symbols.Type is null ? ours with { Symbols = theirs.Symbols } : ours;
    }

    /// <summary>Copies parameters and running statistics.</summary>
    /// <exception cref="ArgumentException">The earlier model is another network, or has another objective; the message says which.</exception>
    public static void Copy(TorchModel previous, ModelDefinition definition, nn.Module network)
    {
        if (!definition.Objective.LearnsTheSameAs(previous.Definition.Objective))
            throw Refuse($"was trained for other classes, another order of classes, or another number of values. They have to be the same as those of the training data.");
        using var use = previous.Use();
        var theirs = previous.Weights.ToDictionary(weight => weight.Key, weight => weight.Value);
        var ours = network.state_dict();
        if (theirs.Keys.Except(ours.Keys).FirstOrDefault() is { } strange)
            throw Refuse($"is another network: it has '{strange}', which this one does not have. Both need the same layers.");
        foreach (var (name, weight) in ours)
        {
            if (!theirs.TryGetValue(name, out var found))
                throw Refuse($"is another network: it lacks '{name}', which this one has. Both need the same layers.");
            if (!found.shape.SequenceEqual(weight.shape))
                throw Refuse($"is another network: its '{name}' has the shape [{string.Join(", ", found.shape)}], but this one's has [{string.Join(", ", weight.shape)}]. Both need the same layers.");
            found.bytes.CopyTo(weight.bytes);
        }
    }

    /// <summary>The exception for an unsuitable previous model, whose message begins with the model.</summary>
    internal static ArgumentException Refuse(string what) =>
        new ArgumentException($"{nameof(TrainingOptions.PreviousModel)} {what}").About(property: nameof(TrainingOptions.PreviousModel));
}
