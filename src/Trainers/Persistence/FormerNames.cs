using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Sconce.Trainers.Persistence;

/// <summary>The name of a property in files of earlier versions, which are still read. Constructor parameters cannot have one.</summary>
[AttributeUsage(AttributeTargets.Property, AllowMultiple = true)]
internal sealed class FormerNameAttribute(string name) : Attribute
{
    public string Name => name;
}

/// <summary>The renamed properties of this library: see <see cref="FormerNameAttribute"/>.</summary>
internal static class FormerNames
{
    /// <summary>Properties whose values contain the user's own names: those of a module's settings, and of classes.</summary>
    private static readonly string[] _namedByUsers = [nameof(ModuleNetwork.Settings), nameof(ClassWeights.ByClass)];

    private static readonly Lazy<Dictionary<string, string>> _names = new(() => typeof(FormerNames).Assembly.GetTypes()
        .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        .SelectMany(property => property.GetCustomAttributes<FormerNameAttribute>().Select(former => (former.Name, New: property.Name)))
        .Distinct().ToDictionary(renamed => renamed.Name, renamed => renamed.New, StringComparer.Ordinal));

    /// <summary>
    /// Lets the serializer read a type's properties by their former names, too; JSON with both names of one is refused. They are written by
    /// their new names.
    /// </summary>
    public static void AddTo(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
            return;
        foreach (var property in type.Properties.ToList())
        {
            FormerNameAttribute[] formers = [.. property.AttributeProvider?.GetCustomAttributes(typeof(FormerNameAttribute), inherit: false).Cast<FormerNameAttribute>() ?? []];
            if (formers.Length > 0 && property.Set is { } set)
            {
                var given = new ConditionalWeakTable<object, object>();
                property.Set = (target, value) =>
                {
                    if (!given.TryAdd(target, target))
                        throw new JsonException($"it also has '{property.Name}' by its former name");
                    set(target, value);
                };
            }

            foreach (var former in formers)
            {
                var alias = type.CreateJsonPropertyInfo(property.PropertyType, former.Name);
                (alias.Set, alias.IsSetNullable, alias.CustomConverter) = (property.Set, property.IsSetNullable, property.CustomConverter);
                type.Properties.Add(alias);
            }
        }
    }

    /// <summary>A copy of JSON with new names instead of former ones. Values with the user's own names are copied unchanged.</summary>
    public static JsonNode? Replace(JsonNode? node) => node switch
    {
        JsonObject properties when IsOurs(properties) => new JsonObject(properties.Select(property =>
            KeyValuePair.Create(
                _names.Value.GetValueOrDefault(property.Key, property.Key) is var name && !properties.ContainsKey(name) ? name : property.Key,
                _namedByUsers.Contains(property.Key, StringComparer.Ordinal) ? property.Value?.DeepClone() : Replace(property.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Replace)]),
        _ => node?.DeepClone(),
    };

    /// <summary>The new name of a property, or of a path of properties such as "GradientClipping.MaximalNorm".</summary>
    public static string NewNameOf(string path)
    {
        var names = path.Split('.');
        var ours = names.TakeWhile(name => !_namedByUsers.Contains(name, StringComparer.Ordinal)).Count();
        return string.Join('.', names.Select((name, i) => i < ours ? _names.Value.GetValueOrDefault(name, name) : name));
    }

    private static bool IsOurs(JsonObject properties) => properties["$type"]?.ToString().Split(", ") is not [_, var assembly] || assembly == typeof(FormerNames).Assembly.GetName().Name;
}
