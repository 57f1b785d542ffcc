using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Sconce.Core.Errors;

namespace Sconce.Trainers.Persistence;

/// <summary>
/// Writes records as indented JSON, with enums by name, and networks, objectives and losses with the names of their types.
/// </summary>
internal static class RecordJson
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        WriteIndented = true,
        // Explicit, because single-file programs disable the reflection-based default.
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { FormerNames.AddTo } },
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new EnumNameConverter(), new NamedTypeConverter<Network>(), new NamedTypeConverter<Objective>(), new NamedTypeConverter<Loss>() },
    };

    /// <summary>Reads an entry of a model.</summary>
    public static T Read<T>(byte[] content, string entry) => Read<T>(content, Options, found => $"The model's entry '{entry}' cannot be read: {found}");

    /// <summary>Reads JSON.</summary>
    /// <exception cref="InvalidDataException">The JSON cannot be read.</exception>
    public static T Read<T>(byte[] content, JsonSerializerOptions options, Func<string, string> refusal, string? file = null, int? line = null)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(content, options) ?? throw new JsonException("it is null");
        }
        // Constructors and accessors may be the user's own: any exception is caused by the content.
#pragma warning disable CA1031
        catch (Exception exception) when (exception is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            throw new InvalidDataException(refusal(exception.Message), exception).About(file: file, line: line);
        }
    }
}

/// <summary>
/// Writes a record with the name of its type and assembly, and finds the type again by that name, so that a record of
/// any assembly can be saved without being registered anywhere.
/// </summary>
internal sealed class NamedTypeConverter<TBase> : JsonConverter<TBase>
    where TBase : class
{
    private const string TypeProperty = "$type";

    public override bool CanConvert(Type typeToConvert) => typeToConvert == typeof(TBase);

    public override void Write(Utf8JsonWriter writer, TBase value, JsonSerializerOptions options)
    {
        var type = value.GetType();
        var named = new JsonObject { [TypeProperty] = NamedType.NameOf(type) };
        foreach (var (name, property) in JsonSerializer.SerializeToNode(value, type, options)!.AsObject().ToList())
            named[name] = property?.DeepClone();
        named.WriteTo(writer, options);
    }

    public override TBase Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var named = JsonNode.Parse(ref reader) as JsonObject ?? throw new JsonException($"a {typeof(TBase).Name} has to be a JSON object");
        var typeName = named[TypeProperty] is JsonValue value && value.TryGetValue<string>(out var text) ? text
            : throw new JsonException($"a {typeof(TBase).Name} has to name its type ('{TypeProperty}')");
        var type = NamedType.Find(typeName, typeof(TBase)) ?? throw new JsonException($"{NamedType.Missing(typeName, typeof(TBase), typeof(TBase).FullName!)}.");
        if (type.IsAbstract)
            throw new JsonException($"the type '{typeName}' is abstract: it cannot be created as a {typeof(TBase).FullName}");

        named.Remove(TypeProperty);
        return (TBase?)named.Deserialize(type, options) ?? throw new JsonException($"the {typeof(TBase).Name} is null");
    }
}
