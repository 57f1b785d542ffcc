using System.Collections;
using System.Globalization;
using System.Reflection;

namespace Sconce.Trainers.Persistence;

/// <summary>The text of records with lists: the compiler-generated one prints a list's type instead of its items.</summary>
internal static class RecordText
{
    private const int MostItems = 20;

    /// <summary>The record's name and its public properties, as <c>Name { A = 1, B = [2, 3] }</c>; long lists are shortened.</summary>
    public static string Of(object record)
    {
        var properties = record.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.GetIndexParameters().Length == 0);
        return $"{record.GetType().Name.Split('`')[0]} {{ {string.Join(", ", properties.Select(property => $"{property.Name} = {TextOf(property.GetValue(record))}"))} }}";
    }

    private static string TextOf(object? value) => value switch
    {
        null => "",
        string text => text,
        IDictionary pairs => Join(pairs.Keys.Cast<object>().Select(key => $"{TextOf(key)}: {TextOf(pairs[key])}"), pairs.Count),
        ICollection items => Join(items.Cast<object?>().Select(TextOf), items.Count),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static string Join(IEnumerable<string> items, int count) =>
        string.Create(CultureInfo.InvariantCulture, $"[{string.Join(", ", items.Take(MostItems))}{(count > MostItems ? $", and {count - MostItems} more" : "")}]");
}
