using System.Text.Json.Nodes;
using Microsoft.ML;

namespace Sconce.Trainers.Tests.Runs;

/// <summary>Checkpoints whose checksums fit, and whose header is a forger's: one exception, with the file and what is wrong.</summary>
public sealed class ForgedCheckpointTests : IDisposable
{
    private static readonly string[] _values = ["null", "-1", "2147483647", "9223372036854775807", "1e400", "\"NaN\"", "\"x\"", "[]", "{}", "[null]", "true", "\"AAAA\""];

    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Trainers => ["dense, dropout, clipped, validated", "averaged, measured on a fraction, its best kept", "a state that is carried"];

    /// <summary>Each value of the header in turn is another one: it is refused in a sentence, or changes nothing that matters.</summary>
    [Theory]
    [MemberData(nameof(Trainers))]
    public void Whatever_stands_there_is_refused_by_the_file_s_name_or_taken(string trainer)
    {
        var file = Stop(trainer);
        var content = File.ReadAllBytes(file);
        List<string> paths = [];
        CheckpointFile.Rewrite(file, header => paths.AddRange(PathsOf(header, "$")));
        var random = new Random(1);
        var refusals = 0;
        for (var sample = 0; sample < 60; sample++)
        {
            var (path, value) = (paths[random.Next(paths.Count)], _values[random.Next(_values.Length)]);
            File.WriteAllBytes(file, content);
            CheckpointFile.Rewrite(file, header => Set(header, path, JsonNode.Parse(value)));
            var refused = Record.Exception(() => (Train(trainer) as IDisposable)?.Dispose());
            foreach (var other in Directory.GetFiles(Path.GetDirectoryName(file)!).Where(other => other != file))
                File.Delete(other);
            if (refused is null)
                continue;
            refusals++;
            Assert.True(refused is InvalidDataException, $"{path} = {value}: {refused}");
            Assert.True(refused.Message.Contains($"'{file}'", StringComparison.Ordinal) || refused.Message.Contains("cannot be resumed", StringComparison.Ordinal), $"{path} = {value}: {refused.Message}");
        }

        Assert.InRange(refusals, 20, 60);
    }

    [Theory]
    [InlineData("State.Step", "-1", "State.Step is -1")]
    [InlineData("State.Step", "1000", "State.Step is 1000")]
    [InlineData("State.Epoch", "5", "State.Epoch is 5")]
    [InlineData("State.Seconds", "\"NaN\"", "State.Seconds")]
    [InlineData("State.LearningRateFactor", "0", "State.LearningRateFactor is 0")]
    [InlineData("State.Sums.Rows", "100000", "Sums.Rows is 100000")]
    [InlineData("State.History", "[null]", "null")]
    [InlineData("State.Notified", "[null]", "null")]
    [InlineData("Callbacks", "[null]", "null")]
    [InlineData("Blocks", "[null]", "Blocks.Length")]
    [InlineData("Generator", "\"AAAA\"", "the state of the generator")]
    [InlineData("Fingerprint.Definition", "[]", "Fingerprint.Definition")]
    [InlineData("Fingerprint.Machine", "5", "Fingerprint.Machine")]
    public void A_value_out_of_range_is_named(string path, string value, string said)
    {
        var file = Stop("dense, dropout, clipped, validated");
        CheckpointFile.Rewrite(file, header => Set(header, $"$/{path.Replace('.', '/')}", JsonNode.Parse(value)));
        Sentence.Has(Assert.Throws<InvalidDataException>(() => Train("dense, dropout, clipped, validated")), $"'{file}'", "cannot be read", said);
    }

    [Theory]
    [InlineData(8, 0)]
    [InlineData(8, 625)]
    [InlineData(8, -1)]
    [InlineData(12, 0)]
    [InlineData(16, 625)]
    [InlineData(20, -1)]
    public void A_state_of_the_generator_that_would_end_the_process_is_refused(int at, int value)
    {
        var file = Stop("dense, dropout, clipped, validated");
        CheckpointFile.Rewrite(file, header =>
        {
            var state = Convert.FromBase64String((string)header["Generator"]!);
            BitConverter.TryWriteBytes(state.AsSpan(at), value);
            header["Generator"] = Convert.ToBase64String(state);
        });
        Sentence.Has(Assert.Throws<InvalidDataException>(() => Train("dense, dropout, clipped, validated")), $"'{file}'", "the state of the generator");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"Name\":5}")]
    public void A_damaged_record_of_the_run_does_not_block_its_checkpoints(string content)
    {
        const string Trainer = "dense, dropout, clipped, validated";
        using var whole = (IDisposable)Interrupted.Trainers[Trainer](_ml, options => options);
        Stop(Trainer);
        var record = Path.Combine(_folder.PathOf("run"), RunFolder.InfoFile);
        File.WriteAllText(record, content);
        Sentence.Has(Assert.Throws<IOException>(() => Train(Trainer, resume: false)), "has an unfinished training", "Resume it");
        Assert.Throws<InvalidDataException>(() => RunFolder.Read(_folder.PathOf("run")));
        using var resumed = (IDisposable)Train(Trainer);
        Assert.Equal(ModelZip.SavedWeights(_ml, (ITransformer)whole), ModelZip.SavedWeights(_ml, (ITransformer)resumed));
        Assert.Equal(RunStatus.Finished, RunFolder.Read(_folder.PathOf("run")).Info.Status);
    }

    [Theory]
    [InlineData("run.json", false)]
    [InlineData("metrics.jsonl", false)]
    [InlineData("run.lock", false)]
    [InlineData("run.json", true)]
    [InlineData("metrics.jsonl", true)]
    [InlineData("checkpoints", true)]
    [InlineData("", true)]
    public void A_link_that_leads_nowhere_or_a_folder_in_a_file_s_place_is_found_before_the_training(string name, bool isLink)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links are for administrators alone there.");
        var place = Path.Combine(_folder.PathOf("run"), name).TrimEnd('/');
        Directory.CreateDirectory(isLink ? Path.GetDirectoryName(place)! : place);
        if (isLink)
            File.CreateSymbolicLink(place, _folder.PathOf("nowhere"));
        var refused = Assert.Throws<IOException>(() => RunFolder.Open(_folder.PathOf("run")));
        Sentence.Has(refused, _folder.PathOf("run"), name);
        Assert.False(Path.Exists(_folder.PathOf("nowhere")));
    }

    private string Stop(string trainer)
    {
        using var interrupter = new Interrupter(7);
        Assert.ThrowsAny<OperationCanceledException>(() => Train(trainer, resume: false, interrupter));
        return Directory.GetFiles(Path.Combine(_folder.PathOf("run"), RunFolder.CheckpointsName)).Max(StringComparer.Ordinal)!;
    }

    private ITransformer Train(string trainer, bool resume = true, Interrupter? interrupter = null) => Interrupted.Trainers[trainer](_ml, options => options with
    {
        RunFolder = _folder.PathOf("run"),
        Resume = resume,
        Callbacks = interrupter is null ? [] : [interrupter],
        CancellationToken = interrupter?.Token ?? default,
    });

    private static IEnumerable<string> PathsOf(JsonNode? node, string path) => node switch
    {
        JsonObject parent => parent.SelectMany(child => PathsOf(child.Value, $"{path}/{child.Key}")).Prepend(path),
        JsonArray items => items.Take(2).SelectMany((child, i) => PathsOf(child, $"{path}/{i}")).Prepend(path),
        _ => [path],
    };

    private static void Set(JsonNode header, string path, JsonNode? value)
    {
        string[] names = path.Split('/')[1..];
        if (names is [])
            return;
        var parent = names[..^1].Aggregate(header, (node, name) => node is JsonArray items ? items[int.Parse(name, System.Globalization.CultureInfo.InvariantCulture)]! : node[name]!);
        if (parent is JsonArray array)
            array[int.Parse(names[^1], System.Globalization.CultureInfo.InvariantCulture)] = value;
        else
            parent[names[^1]] = value;
    }
}
