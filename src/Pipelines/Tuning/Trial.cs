using System.Text.Json;
using System.Text.Json.Serialization;
using Sconce.Core.Storage;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Runs;

namespace Sconce.Pipelines;

/// <summary>A trial of a search. The search's folder keeps it in <c>trial-001.json</c>.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Values">The drawn values, by the names of the dimensions.</param>
/// <param name="Settings">All of its options, and a description of the data: they identify the search that a folder belongs to.</param>
public sealed record Trial(int Number, IReadOnlyDictionary<string, string> Values, IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>The name of the model file in a trial's run folder.</summary>
    public const string ModelFile = "model.zip";

    /// <summary>The results of its trainings, the fewest epochs first.</summary>
    public IReadOnlyList<TrialResult> Results { get; init; } = [];

    /// <summary>The result of the longest training; null if there is none yet.</summary>
    [JsonIgnore]
    public TrialResult? Longest => Results.Count > 0 ? Results[^1] : null;

    /// <summary>The run folder of a trial's training for a number of epochs; each training has its own.</summary>
    public static string RunOf(string searchFolder, int number, int epochs) => Path.Combine(searchFolder, $"trial-{number:D3}-epochs-{epochs}");

    /// <summary>The result of the training for a number of epochs; null if there is none.</summary>
    internal TrialResult? ResultOf(int epochs) => Results.FirstOrDefault(result => result.Epochs == epochs);

    /// <summary>Returns the trial with one more result.</summary>
    internal Trial With(TrialResult result) => this with { Results = [.. Results.Append(result).OrderBy(other => other.Epochs)] };

    /// <summary>Returns the trial with only the results of these rounds; an earlier search with other rounds may have left more.</summary>
    internal Trial Within(IReadOnlyList<int> rounds) => this with { Results = [.. Results.Where(result => rounds.Contains(result.Epochs))] };

    internal void Save(string searchFolder) => AtomicFile.Write(FileOf(searchFolder), stream => JsonSerializer.Serialize(stream, this, RunJson.Options));

    /// <summary>Reads this trial from the folder of an earlier search; returns the trial itself if there is none.</summary>
    /// <exception cref="InvalidDataException">The folder's file belongs to another search, or cannot be read.</exception>
    internal Trial Continue(string searchFolder)
    {
        var path = FileOf(searchFolder);
        if (!File.Exists(path))
            return this;
        var remedy = $"Delete the folder '{searchFolder}', or choose another name for the search";
        var earlier = RunJson.Read<Trial>(File.ReadAllBytes(path), RunJson.Options, path, remedy: remedy);
        earlier = earlier with
        {
            Settings = earlier.Settings.ToDictionary(
                setting => Settings.ContainsKey(setting.Key) ? setting.Key : FormerNames.NewNameOf(setting.Key), setting => setting.Value),
        };
        // An option that an earlier version did not have counts as null.
        var other = Settings.Keys.Union(earlier.Settings.Keys).FirstOrDefault(name => ValueOf(this, name) != ValueOf(earlier, name));
        return other is null
            ? earlier
            : throw new InvalidDataException($"'{path}' is a trial of another search: its {other} is {ValueOf(earlier, other)}, but here it is {ValueOf(this, other)}. {remedy}.");

        static string ValueOf(Trial trial, string name) => trial.Settings.GetValueOrDefault(name, "none");
    }

    private string FileOf(string searchFolder) => Path.Combine(searchFolder, $"trial-{Number:D3}.json");

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
