using Sconce.Core.Errors;
using Sconce.Trainers;
using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>A search space: the options to start from, and the dimensions to vary.</summary>
/// <typeparam name="TOptions">The trainer's options.</typeparam>
/// <param name="Start">The options that each trial starts from.</param>
/// <param name="Dimensions">The dimensions, at least one, with distinct names.</param>
/// <example>
/// <code>
/// var space = new SearchSpace&lt;DenseNetwork.Options&gt;(new(),
/// [
///     new NumberDimension&lt;DenseNetwork.Options&gt;("learning rate", 1e-4, 1e-2, (options, value) => options with { LearningRate = value }) { Logarithmic = true },
///     new ChoiceDimension&lt;DenseNetwork.Options, int&gt;("width", [64, 128, 256], (options, width) => options with { Network = options.Network with { HiddenLayerSizes = [width] } }),
/// ]);
/// </code>
/// </example>
public sealed record SearchSpace<TOptions>(TOptions Start, IReadOnlyList<SearchDimension<TOptions>> Dimensions)
    where TOptions : TrainingOptions
{
    /// <summary>Draws the options of a trial. They depend only on the seed and the number, so that a search can be resumed and extended.</summary>
    internal (TOptions Options, IReadOnlyDictionary<string, string> Values) Draw(int seed, int number)
    {
        var random = new Random(unchecked(seed * 1_000_003 + number));
        var values = new Dictionary<string, string>();
        var options = Start;
        foreach (var dimension in Dimensions)
            (options, values[dimension.Name]) = dimension.Draw(options, random);
        return (options, values);
    }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">A range is empty, or two dimensions have the same name.</exception>
    internal void Validate()
    {
        Check.AtLeast(Dimensions.Count, 1, "Dimensions.Count");
        if (Dimensions.GroupBy(dimension => dimension.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new ArgumentException($"Two dimensions of the search space have the name '{twice.Key}'; names have to be distinct.");
        foreach (var dimension in Dimensions)
            dimension.Validate();
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
