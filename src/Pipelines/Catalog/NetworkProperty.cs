using System.ComponentModel;
using System.Reflection;
using Sconce.Trainers;

namespace Sconce.Pipelines.Catalog;

/// <summary>
/// A property of a network, or of a record in it, that a command line or a search can set: a number, a Boolean, an enum, or a list of integers.
/// Properties marked <c>[Browsable(false)]</c> are excluded; <c>[Description]</c> describes a property.
/// </summary>
/// <param name="Path">Its path, such as "Dropout" or "Layers.HiddenSize".</param>
/// <param name="Type">Its type.</param>
/// <param name="Value">Its value in the given network.</param>
internal sealed record NetworkProperty(string Path, Type Type, object? Value)
{
    /// <summary>Excluded properties: the outer of two with the same name, and those that are rarely set.</summary>
    private static readonly HashSet<string> _hidden = ["RecurrentNetwork.Dropout", "RecurrentLayers.ForgetBias"];

    private IReadOnlyList<PropertyInfo> Steps { get; init; } = [];

    /// <summary>The <c>[Description]</c> of its declaration; null if it has none.</summary>
    public string? Description => Steps[^1].GetCustomAttribute<DescriptionAttribute>()?.Description;

    /// <summary>Its name in words, such as "hidden size".</summary>
    public string Words => NetworkRecipe.Kebab(Steps[^1].Name).Replace('-', ' ');

    /// <summary>Finds the properties of a network.</summary>
    public static IReadOnlyList<NetworkProperty> Of(Network network) => [.. Find(network, [])];

    /// <summary>Returns a network with another value.</summary>
    public Network Set(Network network, object? value) => (Network)Set(network, Steps, value);

    private static object Set(object owner, IEnumerable<PropertyInfo> steps, object? value)
    {
        // As C#'s 'with' does.
        var copy = owner.GetType().GetMethod("<Clone>$")!.Invoke(owner, null)!;
        var step = steps.First();
        step.SetValue(copy, steps.Skip(1).Any() ? Set(step.GetValue(owner) ?? Off(step.PropertyType), steps.Skip(1), value) : value);
        return copy;
    }

    /// <summary>
    /// A record with all values off, in place of a null record in the network: setting one value must not turn on the defaults of the
    /// others.
    /// </summary>
    private static object Off(Type record)
    {
        var off = Activator.CreateInstance(record)!;
        foreach (var property in record.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.SetMethod is not null && property.PropertyType.IsValueType))
            property.SetValue(off, Activator.CreateInstance(property.PropertyType));
        return off;
    }

    private static IEnumerable<NetworkProperty> Find(object owner, PropertyInfo[] above)
    {
        foreach (var property in owner.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            // A classifier has one output per sequence.
            if (property.SetMethod is null || property.Name == "ReturnSequences"
                || _hidden.Contains($"{owner.GetType().Name}.{property.Name}") || property.GetCustomAttribute<BrowsableAttribute>() is { Browsable: false })
                continue;
            PropertyInfo[] steps = [.. above, property];
            var value = property.GetValue(owner);
            if (IsSimple(property.PropertyType))
                yield return new(string.Join('.', steps.Select(step => step.Name)), property.PropertyType, value) { Steps = steps };
            else if (above.Length == 0 && value is not null && value.GetType().GetMethod("<Clone>$") is not null && value.GetType().Assembly == typeof(Network).Assembly)
            {
                foreach (var below in Find(value, steps))
                    yield return below;
            }
        }
    }

    private static bool IsSimple(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain == typeof(int) || plain == typeof(double) || plain == typeof(bool) || plain.IsEnum || type == typeof(IReadOnlyList<int>);
    }
}
