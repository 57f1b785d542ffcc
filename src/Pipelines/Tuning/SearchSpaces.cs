using System.Reflection;
using Sconce.Pipelines.Catalog;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>Search spaces around the networks' recipes: each value ranges from a few times smaller to a few times larger than the recipe's.</summary>
public static class SearchSpaces
{
    /// <summary>Smaller integers are counts, strides and kernel sizes, which are not scaled.</summary>
    private const int LeastSize = 8;

    /// <summary>Learning rate, weight decay, batch size, dropout, width, label smoothing and augmentation of a convolutional network.</summary>
    public static SearchSpace<ConvolutionalNetwork.Options> ConvolutionalNetwork { get; } = new(new(),
    [
        LearningRate<ConvolutionalNetwork.Options>(1e-3, 3e-2, (options, value) => options with { LearningRate = value }),
        WeightDecay<ConvolutionalNetwork.Options>((options, optimizer) => options with { Optimizer = optimizer }),
        BatchSize<ConvolutionalNetwork.Options>((options, size) => options with { BatchSize = size }),
        new NumberDimension<ConvolutionalNetwork.Options>("dropout", 0, 0.6, (options, value) => options with { Network = options.Network with { Dropout = value } }),
        // Varies the first layer's filters; the later layers keep their proportion to it.
        new ChoiceDimension<ConvolutionalNetwork.Options, int>("filters", [8, 12, 16, 24], (options, filters) => options with
        {
            Network = options.Network with
            {
                Convolutions = [.. options.Network.Convolutions.Select(layer => layer with { Filters = layer.Filters * filters / options.Network.Convolutions[0].Filters })],
            },
        }),
        new NumberDimension<ConvolutionalNetwork.Options>("label smoothing", 0, 0.1, (options, value) => options with { LabelSmoothing = value }),
        new ChoiceDimension<ConvolutionalNetwork.Options, bool>("augmentation", [true, false], (options, varied) =>
            options with { Network = options.Network with { Augmentation = varied ? options.Network.Augmentation : null } }),
    ]);

    /// <summary>Learning rate, weight decay, batch size, cell, hidden size, layers, directions, dropout and clipping of a recurrent network.</summary>
    public static SearchSpace<RecurrentNetwork.Options> RecurrentNetwork { get; } = new(new(),
    [
        LearningRate<RecurrentNetwork.Options>(1e-3, 2e-2, (options, value) => options with { LearningRate = value }),
        WeightDecay<RecurrentNetwork.Options>((options, optimizer) => options with { Optimizer = optimizer }),
        BatchSize<RecurrentNetwork.Options>((options, size) => options with { BatchSize = size }),
        Layers("cell", [RecurrentCell.Lstm, RecurrentCell.Gru], (layers, cell) => layers with { Cell = cell }),
        Layers("hidden size", [64, 96, 128, 192], (layers, size) => layers with { HiddenSize = size }),
        Layers("layers", [1, 2], (layers, count) => layers with { NumberOfLayers = count }),
        Layers("bidirectional", [false, true], (layers, both) => layers with { Bidirectional = both }),
        new NumberDimension<RecurrentNetwork.Options>("dropout", 0, 0.5, (options, value) => options with { Network = options.Network with { Dropout = value } }),
        new NumberDimension<RecurrentNetwork.Options>("clip norm", 0.3, 5, (options, value) =>
            options with { GradientClipping = new NormClipping { MaxNorm = value } }) { Logarithmic = true },
    ]);

    /// <summary>Learning rate, weight decay, batch size, widths, dropout, bins and embeddings of numbers, and ensemble members of a network for tables.</summary>
    public static SearchSpace<TabularNetwork.Options> TabularNetwork { get; } = new(new(),
    [
        LearningRate<TabularNetwork.Options>(5e-4, 8e-3, (options, value) => options with { LearningRate = value }),
        WeightDecay<TabularNetwork.Options>((options, optimizer) => options with { Optimizer = optimizer }),
        BatchSize<TabularNetwork.Options>((options, size) => options with { BatchSize = size }),
        new ChoiceDimension<TabularNetwork.Options, int[]>("hidden sizes", [[64, 64], [128, 128], [256, 256], [256, 128]], (options, sizes) =>
            options with { Network = options.Network with { HiddenLayerSizes = sizes } })
        {
            Describe = sizes => string.Join('-', sizes),
        },
        new NumberDimension<TabularNetwork.Options>("dropout", 0, 0.4, (options, value) => options with { Network = options.Network with { Dropout = value } }),
        new ChoiceDimension<TabularNetwork.Options, int>("bins", [32, 64, 128], (options, bins) => options with { Network = options.Network with { Bins = bins } }),
        new ChoiceDimension<TabularNetwork.Options, int>("number embedding size", [8, 16, 24], (options, size) => options with { Network = options.Network with { NumberEmbeddingSize = size } }),
        new ChoiceDimension<TabularNetwork.Options, int>("members", [1, 4, 8], (options, members) => options with { Network = options.Network with { Members = members } }),
    ]);

    /// <summary>Learning rate, batch size, widths, activation and noise of an autoencoder. The code size is fixed: a larger code always reconstructs better.</summary>
    public static SearchSpace<Autoencoder.Options> Autoencoder { get; } = new(new(),
    [
        LearningRate<Autoencoder.Options>(5e-4, 2e-2, (options, value) => options with { LearningRate = value }),
        BatchSize<Autoencoder.Options>((options, size) => options with { BatchSize = size }),
        new ChoiceDimension<Autoencoder.Options, int[]>("widths", [[128], [256, 64], [512, 128], [512, 256, 64]], (options, widths) =>
            options with { Network = options.Network with { HiddenLayerSizes = widths } })
        {
            Describe = widths => string.Join('-', widths),
        },
        new ChoiceDimension<Autoencoder.Options, Activation>("activation", [Activation.Elu, Activation.Relu, Activation.Tanh], (options, activation) =>
            options with { Network = options.Network with { Activation = activation } }),
        new ChoiceDimension<Autoencoder.Options, double>("noise", [0, 0.05, 0.1], (options, noise) => options with { Network = options.Network with { Noise = noise } }),
    ]);

    /// <summary>The search space of a network: the property with its name, or otherwise a space around its recipe.</summary>
    internal static SearchSpace<TOptions> Of<TNetwork, TOptions>()
        where TNetwork : Network, new()
        where TOptions : ClassificationOptions<TNetwork>, new() =>
        typeof(SearchSpaces).GetProperty(typeof(TNetwork).Name, BindingFlags.Public | BindingFlags.Static)?.GetValue(null) as SearchSpace<TOptions> ?? Around<TNetwork, TOptions>();

    /// <summary>Learning rate, batch size, dropout, and the network's sizes: integers and lists of integers that are not small.</summary>
    private static SearchSpace<TOptions> Around<TNetwork, TOptions>()
        where TNetwork : Network, new()
        where TOptions : ClassificationOptions<TNetwork>, new()
    {
        var start = new TOptions();
        List<SearchDimension<TOptions>> dimensions =
        [
            LearningRate<TOptions>(start.LearningRate / 10, start.LearningRate * 3, (options, value) => options with { LearningRate = value }),
            BatchSize<TOptions>((options, size) => options with { BatchSize = size }),
        ];
        foreach (var property in NetworkProperty.Of(start.Network))
        {
            switch (property)
            {
                case { Words: "dropout" }:
                    dimensions.Add(new NumberDimension<TOptions>(property.Words, 0, 0.6, (options, value) => With(options, property, value)));
                    break;
                case { Value: int and >= LeastSize and var size }:
                    dimensions.Add(new ChoiceDimension<TOptions, int>(property.Words, [size / 2, size, size * 2], (options, value) => With(options, property, value)));
                    break;
                case { Value: IReadOnlyList<int> { Count: > 0 } sizes } when sizes.All(size => size >= LeastSize):
                    dimensions.Add(new ChoiceDimension<TOptions, IReadOnlyList<int>>(
                        property.Words, [[.. sizes.Select(size => size / 2)], sizes, [.. sizes.Select(size => size * 2)]], (options, value) => With(options, property, value))
                    {
                        Describe = values => string.Join('-', values),
                    });
                    break;
            }
        }

        return new(start, dimensions);

        static TOptions With(TOptions options, NetworkProperty property, object value) => options with { Network = (TNetwork)property.Set(options.Network, value) };
    }

    private static NumberDimension<TOptions> LearningRate<TOptions>(double low, double high, Func<TOptions, double, TOptions> set)
        where TOptions : TrainingOptions => new("learning rate", low, high, set) { Logarithmic = true };

    private static NumberDimension<TOptions> WeightDecay<TOptions>(Func<TOptions, Optimizer, TOptions> set)
        where TOptions : TrainingOptions => new("weight decay", 1e-3, 0.2, (options, value) => set(options, new AdamW { WeightDecay = value })) { Logarithmic = true };

    private static ChoiceDimension<TOptions, int> BatchSize<TOptions>(Func<TOptions, int, TOptions> set)
        where TOptions : TrainingOptions => new("batch size", [64, 128, 256], set);

    private static ChoiceDimension<RecurrentNetwork.Options, TValue> Layers<TValue>(string name, IReadOnlyList<TValue> values, Func<RecurrentLayers, TValue, RecurrentLayers> set) =>
        new(name, values, (options, value) => options with { Network = options.Network with { Layers = set(options.Network.Layers, value) } });
}
