using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sconce.Trainers.Persistence;

/// <summary>Writes enums by name, and reads only defined names: no integers, and lists of names only for flags.</summary>
internal sealed class EnumNameConverter : JsonConverterFactory
{
    private static readonly JsonStringEnumConverter _names = new(namingPolicy: null, allowIntegerValues: false);

    public override bool CanConvert(Type typeToConvert) => _names.CanConvert(typeToConvert);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options)
    {
        var byName = _names.CreateConverter(typeToConvert, options);
        return typeToConvert.IsDefined(typeof(FlagsAttribute), inherit: false) ? byName : (JsonConverter)Activator.CreateInstance(typeof(Defined<>).MakeGenericType(typeToConvert), byName)!;
    }

    private sealed class Defined<T>(JsonConverter<T> byName) : JsonConverter<T>
        where T : struct, Enum
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Check(reader.GetString(), byName.Read(ref reader, typeToConvert, options));

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => byName.Write(writer, value, options);

        public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Check(reader.GetString(), byName.ReadAsPropertyName(ref reader, typeToConvert, options));

        public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => byName.WriteAsPropertyName(writer, value, options);

        /// <summary>
        /// Throws for a list of names, whose sum may be a defined value. Without a message, the serializer adds the position.
        /// </summary>
        private static T Check(string? name, T value) => Enum.IsDefined(value) && name?.Contains(',', StringComparison.Ordinal) == false ? value : throw new JsonException();
    }
}
