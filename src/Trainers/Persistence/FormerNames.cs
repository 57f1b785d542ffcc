using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Sconce.Trainers.Persistence;

/// <summary>Properties that had other names in earlier versions, whose files are still read.</summary>
internal static class FormerNames
{
    // In 0.1.
    private static readonly (Type Type, string Name, string Former)[] _properties =
    [
        (typeof(DenseNetwork), nameof(DenseNetwork.HiddenLayerSizes), "HiddenWidths"),
        (typeof(Autoencoder), nameof(Autoencoder.HiddenLayerSizes), "HiddenWidths"),
        (typeof(ConvolutionalNetwork), nameof(ConvolutionalNetwork.DenseLayerSizes), "DenseWidths"),
        (typeof(RecurrentNetwork), nameof(RecurrentNetwork.ReturnSequences), "EveryStep"),
        (typeof(StatefulBatching), nameof(StatefulBatching.Stride), "Distance"),
    ];

    /// <summary>Lets a type be read with its properties' former names. It is written with the new ones.</summary>
    public static void AddTo(JsonTypeInfo type)
    {
        foreach (var (_, name, former) in _properties.Where(property => property.Type == type.Type))
        {
            var property = type.Properties.First(property => property.Name == name);
            var alias = type.CreateJsonPropertyInfo(property.PropertyType, former);
            (alias.Set, alias.IsSetNullable, alias.CustomConverter) = (property.Set, property.IsSetNullable, property.CustomConverter);
            type.Properties.Add(alias);
        }
    }

    /// <summary>Gives a copy of JSON in which former names of properties are replaced by the new ones.</summary>
    public static JsonNode? Replace(JsonNode? node) => node switch
    {
        JsonObject properties => new JsonObject(properties.Select(property => KeyValuePair.Create(NewNameOf(property.Key, properties), Replace(property.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Replace)]),
        _ => node?.DeepClone(),
    };

    private static string NewNameOf(string name, JsonObject properties) =>
        _properties.FirstOrDefault(property => property.Former == name).Name is { } now && !properties.ContainsKey(now) ? now : name;
}
