using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Sconce.Trainers.Native;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers.Runs;

/// <summary>
/// Identifies a training: the settings and data that have to be the same to resume it, and those that may differ but change the last bits
/// of the weights.
/// </summary>
internal sealed record TrainingFingerprint
{
    /// <summary>The option of regression trainers that scales targets.</summary>
    public const string ScaleOption = nameof(TorchRegressionOptions.ScaleTargets);

    /// <summary>The network, its objective, and the column that it reads.</summary>
    public required JsonNode Definition { get; init; }

    public required JsonNode Options { get; init; }

    public required int Seed { get; init; }

    public required long Rows { get; init; }

    /// <summary>A hash of the training data: of the rows in memory, and of all targets.</summary>
    public required string Data { get; init; }

    /// <summary>A hash of the validation data; null if there is none.</summary>
    public string? Validation { get; init; }

    /// <summary>
    /// Whether the rows do not fit into memory and are read in random order. Earlier versions never did this, and did not save the
    /// property.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ReadsShuffled { get; init; }

    /// <summary>
    /// The number of threads, the versions of the libraries, and the processor's instruction set, which determine the order of sums.
    /// </summary>
    public required JsonNode Machine { get; init; }

    /// <summary>Whether an earlier version, which did not scale targets, started the training.</summary>
    [JsonIgnore]
    public bool IsFromBeforeScales => Options is JsonObject options && !options.ContainsKey(ScaleOption);

    /// <summary>Whether the training has no minimum number of steps, as in earlier versions.</summary>
    [JsonIgnore]
    public bool HasNoLeastSteps => Options is JsonObject options && !options.ContainsKey(nameof(TrainingOptions.MinimumNumberOfSteps));

    /// <summary>The first dimension of the feature column; null if there is none.</summary>
    [JsonIgnore]
    public int? InputLength =>
        Definition["Input"] is JsonObject input && input["Shape"] is JsonArray and [JsonValue first, ..] && first.TryGetValue(out int length) ? length : null;

    /// <summary>Checks a fingerprint that comes from a file.</summary>
    /// <exception cref="ArgumentException">A part of the fingerprint is not a JSON object.</exception>
    public void Validate()
    {
        foreach (var (name, part) in (ReadOnlySpan<(string, JsonNode)>)[(nameof(Definition), Definition), (nameof(Options), Options), (nameof(Machine), Machine)])
        {
            if (part is not JsonObject)
                throw new ArgumentException($"Fingerprint.{name} is not a JSON object.");
        }
    }

    /// <summary>Describes this machine, for <see cref="Machine"/>.</summary>
    public static JsonNode MachineOf(TrainingRecord record) => JsonSerializer.SerializeToNode(new { record.Threads, record.Versions, Processor = Processor.Description })!;

    /// <summary>The first difference from a training that is to be resumed, as the end of a sentence; null if there is none.</summary>
    /// <param name="written">The fingerprint of the training that was started before.</param>
    /// <param name="property">The option that differs; null if it is none.</param>
    public string? DifferenceFrom(TrainingFingerprint written, out string? property)
    {
        property = null;
        if (Differ("Network", "another network") is { } network)
            return network;
        if (Differ("Objective", "another objective") is { } objective)
            return objective;
        if (Differ("Input", "another feature column") is { } input)
            return input;
        if (FirstDifference(FormerNames.Replace(written.Options), FormerNames.Replace(Options)) is { } option)
        {
            property = option.Path;
            return $"it was started with other options: {option.Text}";
        }

        if (written.Seed != Seed)
            return $"it was started with another seed: {written.Seed} there, {Seed} here";
        if (written.Rows != Rows)
            return $"it is trained on other data: {written.Rows} rows there, {Rows} here";
        if (written.Data != Data)
            return $"it is trained on other data: the same number of rows, {Rows}, but with other values";
        if (written.ReadsShuffled != ReadsShuffled)
            return $"the training data is read {Order(written.ReadsShuffled)} there and {Order(ReadsShuffled)} here";
        return written.Validation == Validation ? null : "it has other validation data";

        static string Order(bool isShuffled) => isShuffled ? "in random order" : "in its own order";
        string? Differ(string part, string what) => FirstDifference(FormerNames.Replace(written.Definition[part]), FormerNames.Replace(Definition[part])) is { } found ? $"it trains {what}: {found.Text}" : null;
    }

    /// <summary>The first difference between the machines; null if there is none.</summary>
    public string? MachineDifferenceFrom(TrainingFingerprint written) => FirstDifference(written.Machine, Machine)?.Text;

    /// <summary>The first property in which two values differ, with both.</summary>
    private static (string Path, string Text)? FirstDifference(JsonNode? there, JsonNode? here, string path = "")
    {
        if (there is JsonObject thereObject && here is JsonObject hereObject)
        {
            return thereObject.Concat(hereObject).Select(property => property.Key).Distinct()
                .Select(name => FirstDifference(thereObject[name], hereObject[name], path.Length == 0 ? name : $"{path}.{name}"))
                .FirstOrDefault(difference => difference is not null);
        }

        var (thereText, hereText) = (Text(there), Text(here));
        return thereText == hereText ? null : (path, $"{path} is {Shorten(thereText)} there and {Shorten(hereText)} here");

        static string Text(JsonNode? node) => node?.ToJsonString() ?? "null";
        static string Shorten(string text) => text.Length <= 80 ? text : $"{text[..77]}...";
    }
}
