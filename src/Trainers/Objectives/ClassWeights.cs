using System.Text.Json.Serialization;
using Sconce.Core.Errors;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers;

/// <summary>The weights of the classes in the loss, for data in which some classes are rare.</summary>
/// <example>
/// <code>
/// new DenseNetwork.Options { ClassWeights = ClassWeights.Balanced }
/// new DenseNetwork.Options { ClassWeights = ClassWeights.Of(("fraud", 20), ("fine", 1)) }
/// </code>
/// </example>
public sealed record ClassWeights
{
    [JsonConstructor]
    private ClassWeights()
    {
    }

    /// <summary>All classes have the same total weight: a row's weight is rows / (classes * rows of its class), as in scikit-learn.</summary>
    public static ClassWeights Balanced { get; } = new();

    /// <summary>The weight of each class by its value, as text in the invariant culture; null if they are balanced.</summary>
    [JsonInclude]
    public IReadOnlyDictionary<string, double>? ByClass { get; private init; }

    /// <summary>Creates weights by class.</summary>
    /// <param name="weights">
    /// Classes, by their values as text in the invariant culture, each with a finite weight of 0 or more. All other classes have the weight
    /// 1.
    /// </param>
    /// <exception cref="ArgumentException">There is no class, one is named twice, or a weight is negative or not finite.</exception>
    public static ClassWeights Of(params IReadOnlyList<(string Class, double Weight)> weights)
    {
        if (weights.Count == 0)
            throw new ArgumentException($"{nameof(ClassWeights)} names no class.", nameof(weights));
        var byClass = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, weight) in weights)
        {
            Check.NotNegative(weight, $"The weight of class '{name}'");
            if (!byClass.TryAdd(name, weight))
                throw new ArgumentException($"{nameof(ClassWeights)} names the class '{name}' twice.", nameof(weights));
        }

        return new() { ByClass = byClass };
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);

    /// <summary>Checks that the named classes exist.</summary>
    /// <exception cref="ArgumentException">A class does not exist; the message names it.</exception>
    internal void CheckFor(ClassNames classes, string column)
    {
        if (ByClass?.Keys.Except(classes.Values, StringComparer.Ordinal).FirstOrDefault() is { } unknown)
            throw new ArgumentException($"{nameof(ClassWeights)} names the class '{unknown}', which column '{column}' does not have{NearestName.Question(unknown, [.. classes.Values])}. Its classes are: {string.Join(", ", classes.Values.Take(20))}{(classes.Count > 20 ? ", …" : "")}.");
    }

    /// <summary>The weight of each class.</summary>
    internal double[] For(ClassNames classes, long[] rows)
    {
        if (ByClass is not null)
            return [.. classes.Values.Select(name => ByClass.TryGetValue(name, out var weight) ? weight : 1)];
        double all = rows.Sum(), present = rows.Count(count => count > 0);
        return [.. rows.Select(count => count == 0 ? 1 : all / (present * count))];
    }
}
