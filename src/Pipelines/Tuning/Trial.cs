using System.Text.Json;
using System.Text.Json.Serialization;
using Sconce.Core.Storage;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Runs;

namespace Sconce.Pipelines;

/// <summary>One trial of a search, as the search's folder keeps it in <c>trial-001.json</c>.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Values">What was drawn for it, by the names of the dimensions.</param>
/// <param name="Settings">All of its options, and which data it learns from: a folder that has others is of another search.</param>
public sealed record Trial(int Number, IReadOnlyDictionary<string, string> Values, IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>The file of a trial's model in a run folder of its.</summary>
    public const string ModelFile = "model.zip";

    /// <summary>What it came to in each training, fewest passes first.</summary>
    public IReadOnlyList<TrialResult> Results { get; init; } = [];

    /// <summary>The result of the longest training; null before the first.</summary>
    [JsonIgnore]
    public TrialResult? Longest => Results.Count > 0 ? Results[^1] : null;

    /// <summary>The run folder of a trial's training for so many passes: each training has one of its own, so that none is lost to another.</summary>
    public static string RunOf(string searchFolder, int number, int epochs) => Path.Combine(searchFolder, $"trial-{number:D3}-epochs-{epochs}");

    /// <summary>The result of a training for so many passes; null where there was none.</summary>
    internal TrialResult? ResultOf(int epochs) => Results.FirstOrDefault(result => result.Epochs == epochs);

    /// <summary>Gives the trial with one more result.</summary>
    internal Trial With(TrialResult result) => this with { Results = [.. Results.Append(result).OrderBy(other => other.Epochs)] };

    /// <summary>Gives the trial with nothing but the results of these rounds, as an earlier search of other rounds may have left more.</summary>
    internal Trial Within(IReadOnlyList<int> rounds) => this with { Results = [.. Results.Where(result => rounds.Contains(result.Epochs))] };

    internal void Save(string searchFolder) => AtomicFile.Write(FileOf(searchFolder), stream => JsonSerializer.Serialize(stream, this, RunJson.Options));

    /// <summary>Gives what an earlier search has of this trial; the trial itself where there was none.</summary>
    /// <exception cref="InvalidDataException">The folder has a trial of another search, or something else; the message says which.</exception>
    internal Trial Continue(string searchFolder)
    {
        var path = FileOf(searchFolder);
        if (!File.Exists(path))
            return this;
        Trial earlier;
        try
        {
            earlier = JsonSerializer.Deserialize<Trial>(File.ReadAllBytes(path), RunJson.Options) ?? throw new JsonException("it is null");
            earlier = earlier with { Settings = earlier.Settings.ToDictionary(setting => Settings.ContainsKey(setting.Key) ? setting.Key : FormerNames.NewNameOf(setting.Key), setting => setting.Value) };
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"'{path}' is not a readable trial file: {exception.Message.TrimEnd('.')}. Delete the folder '{searchFolder}', or choose another name for the search.", exception);
        }

        // An option that an earlier version did not have is as where it is null.
        var other = Settings.Keys.Union(earlier.Settings.Keys).FirstOrDefault(name => Settings.GetValueOrDefault(name, "none") != earlier.Settings.GetValueOrDefault(name, "none"));
        return other is null
            ? earlier
            : throw new InvalidDataException($"'{path}' is a trial of another search: its {other} is {earlier.Settings.GetValueOrDefault(other, "none")}, and here it is {Settings.GetValueOrDefault(other, "none")}. Choose another name for the search, or delete the folder '{searchFolder}'.");
    }

    private string FileOf(string searchFolder) => Path.Combine(searchFolder, $"trial-{Number:D3}.json");

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
