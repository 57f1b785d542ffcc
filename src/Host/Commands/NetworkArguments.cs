using System.CommandLine;
using System.Globalization;
using Sconce.Pipelines.Catalog;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary>The options of one network: its presets, and one for each of its properties that can be set.</summary>
internal sealed class NetworkArguments
{
    /// <summary>Descriptions of properties. All others are described as they are declared.</summary>
    private static readonly Dictionary<string, string> _descriptions = new(StringComparer.Ordinal)
    {
        ["HiddenLayerSizes"] = "The sizes of the hidden layers.",
        ["DenseLayerSizes"] = "The sizes of the dense layers after the convolutions.",
        ["Augmentation.Shift"] = "Augmentation: the largest shift of an image, in pixels.",
        ["Augmentation.Rotation"] = "Augmentation: the largest rotation of an image, in degrees.",
        ["Augmentation.Scale"] = "Augmentation: the largest change of an image's size, as a fraction.",
        ["Filters"] = "The number of filters of each block.",
        ["KernelSize"] = "The size of the convolutions' kernels.",
        ["EmbeddingSize"] = "For text and keys, the size of a symbol's embedding.",
        ["Dropout"] = "The fraction of values that is dropped before the output while training.",
        ["BatchNormalization"] = "Normalize each batch after each convolution.",
        ["Activation"] = "The activation of the hidden layers.",
        ["Initialization"] = "How the weights are initialized.",
        ["InputWidth"] = "The size of a dense layer before the recurrent ones; for text and keys, that of a symbol's vector.",
        ["MaximumInputLength"] = "The most steps that are read of a row, where rows have different lengths.",
        ["Truncation"] = "Which end of a longer row is dropped; none refuses it.",
        ["Layers.Cell"] = "The recurrent cell.",
        ["Layers.ElmanActivation"] = "The activation of --cell elman: tanh, sigmoid or relu.",
        ["Layers.HiddenSize"] = "The size of the hidden state.",
        ["Layers.NumberOfLayers"] = "The number of recurrent layers.",
        ["Layers.Bidirectional"] = "Read each sequence from its end as well.",
        ["Layers.Dropout"] = "The fraction of values that is dropped between layers while training.",
    };

    private readonly Option<string>? _preset;
    private readonly List<(Option Option, NetworkProperty Property, Func<ParseResult, object?> Value)> _options = [];

    public NetworkArguments(NetworkRecipe recipe)
    {
        if (recipe.Presets.Count > 1)
        {
            _preset = new("--preset") { Description = "The network and its training to start from: default, the most accurate for its time; classic, the tutorial's.", DefaultValueFactory = _ => NetworkRecipe.DefaultPreset };
            _preset.AcceptOnlyFromAmong([.. recipe.Presets]);
        }

        foreach (var property in NetworkProperty.Of(recipe.NetworkOf(recipe.Options(NetworkRecipe.DefaultPreset))))
            _options.Add(Create(property));
    }

    /// <summary>All options.</summary>
    public IEnumerable<Option> All => [.. _preset is null ? [] : (Option[])[_preset], .. _options.Select(each => each.Option)];

    /// <summary>The name of the options to start from.</summary>
    public string Preset(ParseResult result) => _preset is null ? NetworkRecipe.DefaultPreset : result.GetValue(_preset)!;

    /// <summary>Gives a network with the values that the user gave.</summary>
    public Network Apply(ParseResult result, Network network) =>
        _options.Where(each => result.GetResult(each.Option) is { Implicit: false }).Aggregate(network, (built, each) => each.Property.Set(built, each.Value(result)));

    private static (Option, NetworkProperty, Func<ParseResult, object?>) Create(NetworkProperty property)
    {
        var own = property.Path.Split('.')[^1];
        var name = OptionNames.Others.GetValueOrDefault(property.Path) ?? OptionNames.Others.GetValueOrDefault(own) ?? $"--{NetworkRecipe.Kebab(own)}";
        var described = property.Description ?? _descriptions.GetValueOrDefault(property.Path) ?? $"{char.ToUpperInvariant(property.Words[0])}{property.Words[1..]}.";
        var description = $"{described}{Default(property.Value)}";
        var type = Nullable.GetUnderlyingType(property.Type) ?? property.Type;
        if (type == typeof(int))
            return Typed(new Option<int>(name));
        if (type == typeof(double))
            return Typed(new Option<double>(name));
        if (type == typeof(bool))
            return Typed(new Option<bool>(name));
        if (type == typeof(IReadOnlyList<int>))
            return Typed(new Option<int[]>(name) { AllowMultipleArgumentsPerToken = true });
        return ((Option, NetworkProperty, Func<ParseResult, object?>))typeof(NetworkArguments)
            .GetMethod(nameof(Words), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!.MakeGenericMethod(type).Invoke(null, [name, description, property])!;

        (Option, NetworkProperty, Func<ParseResult, object?>) Typed<T>(Option<T> option)
        {
            option.Description = description;
            return (option, property, result => result.GetValue(option));
        }
    }

    private static (Option, NetworkProperty, Func<ParseResult, object?>) Words<T>(string name, string description, NetworkProperty property)
        where T : struct, Enum
    {
        var option = new Option<Word<T>>(name) { Description = description }.AcceptNames();
        return (option, property, result => result.GetValue(option).Value);
    }

    private static string Default(object? value) => value switch
    {
        null or IReadOnlyList<int> { Count: 0 } => "",
        IReadOnlyList<int> sizes => $" Default: {string.Join(' ', sizes)}.",
        bool or Enum => $" Default: {NetworkRecipe.Kebab($"{value}")}.",
        _ => string.Create(CultureInfo.InvariantCulture, $" Default: {value}."),
    };
}
