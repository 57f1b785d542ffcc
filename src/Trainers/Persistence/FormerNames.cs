using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Sconce.Trainers.Persistence;

/// <summary>The name that a property has in files of earlier versions, which <see cref="RecordJson"/> reads, too. It cannot stand on a constructor's parameter.</summary>
[AttributeUsage(AttributeTargets.Property, AllowMultiple = true)]
internal sealed class FormerNameAttribute(string name) : Attribute
{
    public string Name => name;
}

/// <summary>Properties of this library that were renamed: files of earlier versions have them by their <see cref="FormerNameAttribute"/>.</summary>
internal static class FormerNames
{
    private static readonly Lazy<Dictionary<string, string>> _current = new(() => typeof(FormerNames).Assembly.GetTypes()
        .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        .SelectMany(property => property.GetCustomAttributes<FormerNameAttribute>().Select(former => (former.Name, property)))
        .DistinctBy(renamed => renamed.Name).ToDictionary(renamed => renamed.Name, renamed => renamed.property.Name, StringComparer.Ordinal));

    /// <summary>Lets the serializer read a property by its former names; it is written by its present one.</summary>
    public static void Accept(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
            return;
        foreach (var property in type.Properties.ToList())
        {
            foreach (var former in property.AttributeProvider?.GetCustomAttributes(typeof(FormerNameAttribute), inherit: false).Cast<FormerNameAttribute>() ?? [])
            {
                var alias = type.CreateJsonPropertyInfo(property.PropertyType, former.Name);
                alias.Set = property.Set ?? throw new InvalidOperationException($"'{property.Name}' cannot be set, and so has no former name.");
                alias.IsSetNullable = property.IsSetNullable;
                alias.CustomConverter = property.CustomConverter;
                type.Properties.Add(alias);
            }
        }
    }

    /// <summary>The present name of an option, where it is a former one: "GradientClipping.MaximalNorm" too, part by part.</summary>
    public static string Current(string path) => string.Join('.', path.Split('.').Select(name => _current.Value.GetValueOrDefault(name, name)));

    /// <summary>JSON as this version would have written it: with the present names.</summary>
    public static JsonNode? Current(JsonNode? node) => node switch
    {
        JsonObject properties => new JsonObject(properties.Select(property => KeyValuePair.Create(Current(property.Key), Current(property.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Current)]),
        _ => node?.DeepClone(),
    };
}
