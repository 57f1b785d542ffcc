using System.Text.Json;
using System.Text.Json.Serialization;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>One trial of a search, as its folder keeps it in <c>trial.json</c>.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Values">What was drawn for it, by the names of the dimensions.</param>
/// <param name="Settings">All of its options: a folder that has others is of another search.</param>
public sealed record Trial(int Number, IReadOnlyDictionary<string, string> Values, IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>The file of a trial's model in its folder.</summary>
    public const string ModelFile = "model.zip";

    private const string FileName = "trial.json";

    private static readonly JsonSerializerOptions _json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true };

    /// <summary>What it came to in each round that it took part in, fewest passes first.</summary>
    public IReadOnlyList<TrialResult> Results { get; init; } = [];

    /// <summary>The passes of the training that is under way; null where none is.</summary>
    public int? UnderWay { get; init; }

    /// <summary>The result of the longest training; null before the first.</summary>
    [JsonIgnore]
    public TrialResult? Longest => Results.Count > 0 ? Results[^1] : null;

    /// <summary>The folder of a trial.</summary>
    public static string FolderOf(string searchFolder, int number) => Path.Combine(searchFolder, $"trial-{number:D3}");

    internal TrialResult? ResultOf(int epochs) => Results.FirstOrDefault(result => result.Epochs == epochs);

    /// <summary>Gives the trial with one more result.</summary>
    internal Trial With(TrialResult result) => this with { UnderWay = null, Results = [.. Results.Append(result).OrderBy(other => other.Epochs)] };

    internal void Save(string folder) => AtomicFile.Write(Path.Combine(folder, FileName), stream => JsonSerializer.Serialize(stream, this, _json));

    /// <summary>Gives what an earlier search has of this trial; the trial itself where there was none.</summary>
    /// <exception cref="InvalidDataException">The folder has a trial of another search, or something else; the message says which.</exception>
    internal Trial Continue(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return this;
        Trial earlier;
        try
        {
            earlier = JsonSerializer.Deserialize<Trial>(File.ReadAllBytes(path), _json) ?? throw new JsonException("it is null");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"'{path}' is no trial that can be read: {exception.Message.TrimEnd('.')}. Delete the folder '{folder}', or choose another name for the search.", exception);
        }

        var other = Settings.Keys.Union(earlier.Settings.Keys).FirstOrDefault(name => Settings.GetValueOrDefault(name) != earlier.Settings.GetValueOrDefault(name));
        return other is null
            ? earlier
            : throw new InvalidDataException($"'{folder}' has a trial of another search: its {other} is {earlier.Settings.GetValueOrDefault(other, "not set")}, and here it is {Settings.GetValueOrDefault(other, "not set")}. Choose another name for the search, or delete the folder.");
    }
}

/// <summary>What a trial came to when it was trained for so many passes.</summary>
/// <param name="Epochs">The passes.</param>
/// <param name="Loss">The loss on the validation rows; null where the training diverged.</param>
/// <param name="Metric">The metric on them; null where there is none, or the training diverged.</param>
/// <param name="MetricName">The metric's name; null likewise.</param>
/// <param name="Seconds">How long the training took.</param>
public sealed record TrialResult(int Epochs, double? Loss, double? Metric, string? MetricName, double Seconds)
{
    /// <summary>Whether the training diverged.</summary>
    [JsonIgnore]
    public bool Diverged => Loss is null;
}
