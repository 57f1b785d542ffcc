using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Sconce.Trainers.Persistence;

/// <summary>The name that a property has in files of earlier versions, which are still read. A constructor's parameter cannot have one.</summary>
[AttributeUsage(AttributeTargets.Property, AllowMultiple = true)]
internal sealed class FormerNameAttribute(string name) : Attribute
{
    public string Name => name;
}

/// <summary>The renamed properties of this library: see <see cref="FormerNameAttribute"/>.</summary>
internal static class FormerNames
{
    private static readonly Lazy<Dictionary<string, string>> _names = new(() => typeof(FormerNames).Assembly.GetTypes()
        .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        .SelectMany(property => property.GetCustomAttributes<FormerNameAttribute>().Select(former => (former.Name, New: property.Name)))
        .Distinct().ToDictionary(renamed => renamed.Name, renamed => renamed.New, StringComparer.Ordinal));

    /// <summary>Lets the serializer read a type's properties by their former names, too. They are written by their new names.</summary>
    public static void AddTo(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
            return;
        foreach (var property in type.Properties.ToList())
        {
            foreach (var former in property.AttributeProvider?.GetCustomAttributes(typeof(FormerNameAttribute), inherit: false).Cast<FormerNameAttribute>() ?? [])
            {
                var alias = type.CreateJsonPropertyInfo(property.PropertyType, former.Name);
                (alias.Set, alias.IsSetNullable, alias.CustomConverter) = (property.Set, property.IsSetNullable, property.CustomConverter);
                type.Properties.Add(alias);
            }
        }
    }

    /// <summary>A copy of JSON with new names instead of former ones. Objects of other libraries' types are copied as they are.</summary>
    public static JsonNode? Replace(JsonNode? node) => node switch
    {
        JsonObject properties when IsOurs(properties) => new JsonObject(properties.Select(property =>
            KeyValuePair.Create(NewNameOf(property.Key) is var name && !properties.ContainsKey(name) ? name : property.Key, Replace(property.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Replace)]),
        _ => node?.DeepClone(),
    };

    /// <summary>The new name of a property, or of a path of properties such as "GradientClipping.MaximalNorm".</summary>
    public static string NewNameOf(string path) => string.Join('.', path.Split('.').Select(name => _names.Value.GetValueOrDefault(name, name)));

    private static bool IsOurs(JsonObject properties) => properties["$type"]?.ToString().Split(", ") is not [_, var assembly] || assembly == typeof(FormerNames).Assembly.GetName().Name;
}
