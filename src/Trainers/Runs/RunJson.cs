using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Sconce.Core.Storage;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers.Runs;

/// <summary>How a run folder's files are written as JSON: names begin small, as in most tools that read such files, and in <c>metrics.jsonl</c> a line is an object.</summary>
internal static class RunJson
{
    private static readonly JsonSerializerOptions _info = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private static readonly JsonSerializerOptions _line = new(_info) { WriteIndented = false };

    public static byte[] Write(RunInfo info) => JsonSerializer.SerializeToUtf8Bytes(info, _info);

    public static byte[] WriteLine(RunMetric metric) => [.. JsonSerializer.SerializeToUtf8Bytes(metric, _line), (byte)'\n'];

    /// <exception cref="InvalidDataException">It is not what <see cref="Write"/> wrote.</exception>
    public static RunInfo ReadInfo(byte[] content, string path) => Read<RunInfo>(content, _info, $"'{path}'") with { File = path };

    /// <summary>Reads the lines; an end without a line break is what a killed process left, and is passed over.</summary>
    /// <exception cref="InvalidDataException">A line is not what <see cref="WriteLine"/> wrote; the message names it.</exception>
    public static List<RunMetric> ReadLines(byte[] content, string path)
    {
        var whole = content.AsSpan(0, WholeLines.LengthIn(content));
        return [.. Encoding.UTF8.GetString(whole).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select((line, i) => Read<RunMetric>(Encoding.UTF8.GetBytes(line), _line, $"Line {i + 1} of '{path}'"))];
    }

    /// <exception cref="InvalidDataException">It cannot be read; the message names the file that it stands in.</exception>
    public static ModelDefinition ReadDefinition(JsonNode network, string path) => RecordJson.Read<ModelDefinition>(JsonSerializer.SerializeToUtf8Bytes(network), path);

    private static T Read<T>(byte[] content, JsonSerializerOptions options, string what)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(content, options) ?? throw new JsonException("it is null");
        }
        // Whatever is made of it: the file is what is wrong.
#pragma warning disable CA1031
        catch (Exception exception) when (exception is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            throw new InvalidDataException($"{what} cannot be read: {exception.Message.TrimEnd('.')}. It is written by a training; train again, or take the folder away.", exception);
        }
    }
}
