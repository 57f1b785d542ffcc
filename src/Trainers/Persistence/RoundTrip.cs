using System.Reflection;
using System.Text.Json;

namespace Sconce.Trainers.Persistence;

/// <summary>
/// Checks before the training that a user's record survives a round trip through JSON, so that the model can be loaded later.
/// </summary>
internal static class RoundTrip
{
    private const string Mend = "Make each value a public property with an init accessor or a constructor parameter of the same name, of a type that JSON can represent";

    /// <param name="record">The record.</param>
    /// <param name="type">The type to serialize it as.</param>
    /// <param name="role">The role of the record, as the start of a sentence: "The network".</param>
    /// <exception cref="ArgumentException">It cannot be written or read, or one of its properties changes its value.</exception>
    public static void Check(object record, Type type, string role)
    {
        var what = $"{role} '{record.GetType().FullName}'";
        object? found;
        try
        {
            found = JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(record, type, RecordJson.Options), type, RecordJson.Options);
        }
        // Constructors and accessors are the user's: any exception is caused by the record.
#pragma warning disable CA1031
        catch (Exception exception) when (exception is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            throw new ArgumentException($"{what} cannot be saved, because it cannot be read back from JSON ({exception.Message.TrimEnd('.')}). {Mend}.", exception);
        }

        var lost = record.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanRead && property.GetIndexParameters().Length == 0)
            .Select(property => (property.Name, Before: property.GetValue(record), After: property.GetValue(found)))
            .Concat(record.GetType().GetFields(BindingFlags.Public | BindingFlags.Instance).Select(field => (field.Name, Before: field.GetValue(record), After: field.GetValue(found))))
            .FirstOrDefault(member => !AreSame(member.Before, member.After));
        if (lost.Name is not null)
            throw new ArgumentException($"{what} cannot be saved, because '{lost.Name}' changes in a round trip through JSON: it is {Text(lost.Before)} before and {Text(lost.After)} after. {Mend}.");
    }

    /// <summary>Lists are compared by their items, because their own equality is by reference.</summary>
    private static bool AreSame(object? before, object? after) =>
        Equals(before, after) || (before is not null && after is not null && Text(before) == Text(after));

    private static string Text(object? value)
    {
        try
        {
            return value is null ? "null" : JsonSerializer.Serialize(value, value.GetType(), RecordJson.Options);
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException)
        {
            return value!.GetType().Name;
        }
    }
}
