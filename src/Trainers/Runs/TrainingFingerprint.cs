using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Sconce.Trainers.Native;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers.Runs;

/// <summary>All that has to be the same for a training to be resumed; and what may differ, but changes the last bits of the weights.</summary>
internal sealed record TrainingFingerprint
{
    /// <summary>The name of the option of regression trainers.</summary>
    public const string ScaleOption = nameof(TorchRegressionOptions.ScaleTargets);

    /// <summary>The network, what it learns, and the column that it reads.</summary>
    public required JsonNode Definition { get; init; }

    /// <summary>The options of the training.</summary>
    public required JsonNode Options { get; init; }

    public required int Seed { get; init; }

    public required long Rows { get; init; }

    /// <summary>A hash of the training data: of the rows that were held, and of all targets.</summary>
    public required string Data { get; init; }

    /// <summary>A hash of the validation set; null where there is none.</summary>
    public string? Validation { get; init; }

    /// <summary>Whether the rows do not fit and are read in a random order. Trainings that were begun before there was such reading do not say so.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ReadsShuffled { get; init; }

    /// <summary>The number of threads, the versions of the libraries, and the processor's instructions: they decide in which order sums are made.</summary>
    public required JsonNode Machine { get; init; }

    /// <summary>Whether the training was begun before targets could be scaled: it learns them as they are, and its options do not say so.</summary>
    [JsonIgnore]
    public bool IsFromBeforeScales => Options is JsonObject options && !options.ContainsKey(ScaleOption);

    /// <summary>Whether the training has no least number of steps, as any that was begun before there was one: it ends after its epochs.</summary>
    [JsonIgnore]
    public bool HasNoLeastSteps => Options is JsonObject options && !options.ContainsKey(nameof(TrainingOptions.MinimumNumberOfSteps));

    /// <summary>The first number of the feature column's shape; null where there is none.</summary>
    [JsonIgnore]
    public int? InputLength =>
        Definition["Input"] is JsonObject input && input["Shape"] is JsonArray and [JsonValue first, ..] && first.TryGetValue(out int length) ? length : null;

    /// <summary>Checks a fingerprint that comes from a file.</summary>
    /// <exception cref="ArgumentException">A part of it is no JSON object.</exception>
    public void Validate()
    {
        foreach (var (name, part) in (ReadOnlySpan<(string, JsonNode)>)[(nameof(Definition), Definition), (nameof(Options), Options), (nameof(Machine), Machine)])
        {
            if (part is not JsonObject)
                throw new ArgumentException($"Fingerprint.{name} is no JSON object.");
        }
    }

    /// <summary>Describes this machine, for <see cref="Machine"/>.</summary>
    public static JsonNode MachineOf(TrainingRecord record) => JsonSerializer.SerializeToNode(new { record.Threads, record.Versions, Processor = Processor.Description })!;

    /// <summary>Says what of a written training is not as it is here; null where all is.</summary>
    public string? DifferenceFrom(TrainingFingerprint written)
    {
        if (Differ("Network", "another network") is { } network)
            return network;
        if (Differ("Objective", "another objective") is { } objective)
            return objective;
        if (Differ("Input", "another feature column") is { } input)
            return input;
        if (FirstDifference(written.Options, Options) is { } option)
            return $"it was begun with other options: {option}";
        if (written.Seed != Seed)
            return $"it was begun with another seed: {written.Seed} there, {Seed} here";
        if (written.Rows != Rows)
            return $"it learns from another data set: {written.Rows} rows there, {Rows} here";
        if (written.Data != Data)
            return $"it learns from another data set: of as many rows, {Rows}, but with other values";
        if (written.ReadsShuffled != ReadsShuffled)
            return $"it reads the training data {Order(ReadsShuffled)}, and began to read it {Order(written.ReadsShuffled)}";
        return written.Validation == Validation ? null : "it is measured on another validation set";

        static string Order(bool isShuffled) => isShuffled ? "in a random order" : "in its own order";
        string? Differ(string part, string what) => FirstDifference(FormerNames.Replace(written.Definition[part]), FormerNames.Replace(Definition[part])) is { } found ? $"it trains {what}: {found}" : null;
    }

    /// <summary>Says what of the machine is not as it was; null where all is.</summary>
    public string? MachineDifferenceFrom(TrainingFingerprint written) => FirstDifference(written.Machine, Machine);

    /// <summary>Names the first property in which two values differ, with both.</summary>
    private static string? FirstDifference(JsonNode? there, JsonNode? here, string path = "")
    {
        if (there is JsonObject thereObject && here is JsonObject hereObject)
        {
            return thereObject.Concat(hereObject).Select(property => property.Key).Distinct()
                .Select(name => FirstDifference(thereObject[name], hereObject[name], path.Length == 0 ? name : $"{path}.{name}"))
                .FirstOrDefault(difference => difference is not null);
        }

        var (thereText, hereText) = (Text(there), Text(here));
        return thereText == hereText ? null : $"{path} is {Shorten(thereText)} there and {Shorten(hereText)} here";

        static string Text(JsonNode? node) => node?.ToJsonString() ?? "null";
        static string Shorten(string text) => text.Length <= 80 ? text : $"{text[..77]}...";
    }
}
