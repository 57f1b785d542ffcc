using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Sconce.Core.Storage;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers.Runs;

/// <summary>Reads and writes a run folder's JSON files. Names are in camel case, and in <c>metrics.jsonl</c> each line is an object.</summary>
internal static class RunJson
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private static readonly JsonSerializerOptions _line = new(Options) { WriteIndented = false };

    public static byte[] Write(RunInfo info) => JsonSerializer.SerializeToUtf8Bytes(info, Options);

    public static byte[] WriteLine(RunMetric metric) => [.. JsonSerializer.SerializeToUtf8Bytes(metric, _line), (byte)'\n'];

    /// <exception cref="InvalidDataException">The file was not written by <see cref="Write"/>.</exception>
    public static RunInfo ReadInfo(byte[] content, string path) => Read<RunInfo>(content, Options, path) with { File = path };

    /// <summary>Reads the lines. A last line without a line break, left by a killed process, is ignored.</summary>
    /// <exception cref="InvalidDataException">A line was not written by <see cref="WriteLine"/>; the message names it.</exception>
    public static List<RunMetric> ReadLines(byte[] content, string path)
    {
        var whole = content.AsSpan(0, WholeLines.LengthIn(content));
        return [.. Encoding.UTF8.GetString(whole).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select((line, i) => Read<RunMetric>(Encoding.UTF8.GetBytes(line), _line, path, i + 1))];
    }

    /// <exception cref="InvalidDataException">It cannot be read; the message names its file.</exception>
    public static ModelDefinition ReadDefinition(JsonNode network, string path) => Read<ModelDefinition>(JsonSerializer.SerializeToUtf8Bytes(network), RecordJson.Options, path);

    /// <summary>Reads a file, or one line of it.</summary>
    /// <exception cref="InvalidDataException">It cannot be read as a <typeparamref name="T"/>.</exception>
    public static T Read<T>(
        byte[] content, JsonSerializerOptions options, string path, int? line = null, string remedy = "Delete the run folder, and train again") =>
        RecordJson.Read<T>(
            content,
            options,
            found => $"{(line is null ? "" : $"Line {line} of ")}'{path}' cannot be read: {found.TrimEnd('.')}. {remedy}.",
            path,
            line);
}
