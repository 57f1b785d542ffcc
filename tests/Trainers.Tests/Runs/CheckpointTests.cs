using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Sconce.Trainers.Runs;

namespace Sconce.Trainers.Tests.Runs;

/// <summary>Checkpoints that are damaged, cannot be written, or are another training's.</summary>
public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);
    private readonly List<string> _warnings = [];
    private readonly Points _points = new(rows: 60, features: 4, classes: 3, seed: 1);
    private readonly DenseNetwork.Options _options;

    public CheckpointTests()
    {
        _ml.Log += (_, line) => { if (line.Kind == ChannelMessageKind.Warning) _warnings.Add(line.RawMessage); };
        _options = new()
        {
            Network = new() { HiddenLayerSizes = [8], Dropout = 0.2 },
            BatchSize = 10,
            NumberOfEpochs = 2,
            ValidationSet = _points.View,
            RunFolder = _folder.PathOf("run"),
            Resume = true,
            Checkpoints = new() { EverySteps = 2 },
        };
    }

    private string Checkpoints => Path.Combine(_options.RunFolder!, RunFolder.CheckpointsName);

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    [InlineData(-1)]
    public void Of_a_truncated_one_the_user_is_told_and_the_one_before_is_used(int length)
    {
        using var whole = Train(_options with { RunFolder = null, Resume = false });
        Stop(7);
        var file = Newest();
        Assert.EndsWith("step-0000000007.checkpoint", file, StringComparison.Ordinal);
        using (var stream = File.OpenWrite(file))
            stream.SetLength(length < 0 ? stream.Length + length : length);

        using var resumed = Train(_options);
        Assert.Equal(ModelZip.SavedWeights(_ml, whole), ModelZip.SavedWeights(_ml, resumed));
        var warning = Assert.Single(_warnings);
        Assert.Contains($"'{file}' is damaged", warning, StringComparison.Ordinal);
        Assert.Contains("Resuming from the one before it", warning, StringComparison.Ordinal);
        Assert.Contains("step-0000000006.checkpoint", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_changed_byte_is_noticed()
    {
        Stop(3);
        var file = Newest();
        var content = File.ReadAllBytes(file);
        var random = new Random(1);
        for (var i = 0; i < 50; i++)
        {
            var changed = content.ToArray();
            changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(file, changed);
            Assert.Null(Checkpoint.Read(file));
        }
    }

    [Fact]
    public void Where_none_is_whole_nothing_begins_anew_by_itself()
    {
        Stop(3);
        foreach (var file in Directory.GetFiles(Checkpoints))
            File.WriteAllBytes(file, [1, 2, 3]);
        Sentence.Has(Assert.Throws<InvalidDataException>(() => Train(_options)), "is damaged", "SHA-256", "There is no undamaged checkpoint", "Start a new training in another folder");
    }

    [Fact]
    public void One_of_another_version_is_refused_and_kept()
    {
        Stop(7);
        var files = Directory.GetFiles(Checkpoints).Order().ToList();
        CheckpointFile.Rewrite(Newest(), header => header["FormatVersion"] = 2);
        Sentence.Has(Assert.Throws<InvalidDataException>(() => Train(_options)), $"'{Newest()}' cannot be read", "format version 2, but this program reads version 1", "Resume with the version that wrote it");
        Assert.Equal(files, Directory.GetFiles(Checkpoints).Order());
    }

    [Fact]
    public void One_that_is_whole_and_not_what_it_should_be_is_refused_by_what_it_has()
    {
        Stop(3);
        var content = File.ReadAllBytes(Newest());
        Refused(file => CheckpointFile.Write(file, 1_000, [1, 2, 3]), "its header claims 1000 bytes of 11");
        Refused(file => CheckpointFile.Write(file, -1, [1, 2, 3]), "its header claims -1 bytes");
        Refused(file => CheckpointFile.Write(file, 3, [1, 2, 3]), "cannot be read");
        Refused(file => CheckpointFile.Rewrite(file, header => header.AsObject().Remove("State")), "State");
        Refused(file => CheckpointFile.Rewrite(file, header => header["Blocks"]![0]!["Name"] = "another"), "is not where the network's order requires it");
        Refused(file => CheckpointFile.Rewrite(file, header => header["Blocks"]![1]!["Length"] = 1), "is not where the network's order requires it");
        Refused(file => CheckpointFile.Rewrite(file, header => header["Blocks"]!.AsArray().Add(new JsonObject { ["Name"] = "one more", ["Length"] = 0 })), "it has 'one more', which the network does not have");
        File.WriteAllBytes(Newest(), content);
        using var resumed = Train(_options);

        void Refused(Action<string> forge, params string[] parts)
        {
            File.WriteAllBytes(Newest(), content);
            forge(Newest());
            Sentence.Has(Assert.Throws<InvalidDataException>(() => Train(_options)), [$"'{Newest()}'", "start a new training in another folder", .. parts]);
        }
    }

    [Fact]
    public void A_damaged_one_stays_until_it_is_known_that_the_training_goes_on()
    {
        using var whole = Train(_options with { RunFolder = null, Resume = false });
        Stop(7);
        var file = Newest();
        File.WriteAllBytes(file, [1, 2, 3]);
        Assert.Throws<InvalidDataException>(() => Train(_options with { LearningRate = 0.5 }));
        Assert.True(File.Exists(file));
        using var resumed = Train(_options);
        Assert.False(File.Exists(file));
        Assert.Equal(ModelZip.SavedWeights(_ml, whole), ModelZip.SavedWeights(_ml, resumed));
    }

    [Fact]
    public void A_damaged_record_does_not_hide_what_is_different()
    {
        Stop(7);
        File.WriteAllText(Path.Combine(_options.RunFolder!, RunFolder.InfoFile), "{");
        Sentence.Has(Assert.Throws<InvalidDataException>(() => Train(_options with { LearningRate = 0.5 })), $"'{_options.RunFolder}' cannot be resumed", "LearningRate");
    }

    [Fact]
    public void What_others_keep_among_them_is_no_checkpoint_and_stays()
    {
        Stop(7);
        string[] strange = [Path.Combine(Checkpoints, "zzz.checkpoint"), Path.Combine(Checkpoints, "step-best.checkpoint"), Path.Combine(Checkpoints, "step-best-of-10.checkpoint")];
        foreach (var file in strange)
            File.WriteAllText(file, "mine");
        using var resumed = Train(_options);
        Assert.Empty(_warnings);
        using var replaced = Train(_options with { Resume = false });
        Assert.All(strange, file => Assert.Equal("mine", File.ReadAllText(file)));
    }

    [Theory]
    [InlineData("Processor", "\"Z80\"")]
    [InlineData("Threads", "4711")]
    [InlineData("Versions.TorchSharp", "\"0.1\"")]
    public void Of_another_machine_the_user_is_warned(string path, string value)
    {
        Stop(7);
        CheckpointFile.Rewrite(Newest(), header =>
        {
            string[] names = path.Split('.');
            var parent = names[..^1].Aggregate(header["Fingerprint"]!["Machine"]!, (node, name) => node[name]!);
            Assert.NotNull(parent[names[^1]]);
            parent[names[^1]] = JsonNode.Parse(value);
        });
        using var resumed = Train(_options);
        var warning = Assert.Single(_warnings);
        foreach (var part in (string[])[$"'{_options.RunFolder}'", "a different machine", $"{path} is {value} there and", "last bits"])
            Assert.Contains(part, warning, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unfinished_training_is_not_lost_to_one_that_does_not_resume_it()
    {
        Stop(5);
        Sentence.Has(Assert.Throws<IOException>(() => Train(_options with { Resume = false })), $"'{_options.RunFolder}'", "has an unfinished training", "step-0000000005", "Resume it, choose another folder");
        using var resumed = Train(_options);
        using var replaced = Train(_options with { Resume = false });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nor_is_one_that_failed_or_whose_run_file_is_gone(bool isGone)
    {
        using var whole = Train(_options with { RunFolder = null, Resume = false });
        using var interrupter = new Interrupter(5) { Throws = true };
        Assert.Throws<NotSupportedException>(() => Train(_options with { Callbacks = [interrupter] }));
        Assert.Equal(RunStatus.Failed, RunFolder.Read(_options.RunFolder!).Info.Status);
        if (isGone)
            File.Delete(Path.Combine(_options.RunFolder!, RunFolder.InfoFile));
        Sentence.Has(Assert.Throws<IOException>(() => Train(_options with { Resume = false })), $"'{_options.RunFolder}'", "has an unfinished training", "step-0000000004", "Resume it, choose another folder");
        using var resumed = Train(_options);
        Assert.Equal(ModelZip.SavedWeights(_ml, whole), ModelZip.SavedWeights(_ml, resumed));
    }

    [Fact]
    public void Another_training_s_is_refused_with_what_differs()
    {
        Stop(5);
        Refused(_options with { Network = _options.Network with { HiddenLayerSizes = [9] } }, "it trains another network", "HiddenLayerSizes is [8] there and [9] here");
        Refused(_options with { LearningRate = 0.5 }, "other options", "LearningRate is 0.002 there and 0.5 here");
        Refused(_options with { NumberOfEpochs = 3 }, "other options", "NumberOfEpochs is 2 there and 3 here");
        Refused(_options with { Seed = 5 }, "other options", "Seed is null there and 5 here");
        Refused(_options with { ValidationSet = new Points(rows: 60, features: 4, classes: 3, seed: 2).View }, "other validation data");
        Refused(_options with { ValidationSet = null }, "other validation data");
        Refused(_options, "other data", "60 rows there, 61 here", new Points(rows: 61, features: 4, classes: 3, seed: 1));
        Refused(_options, "other data", "with other values", new Points(rows: 60, features: 4, classes: 3, seed: 2));
        Refused(_options with { ValidationSet = null }, "another objective", "Classes", new Points(rows: 60, features: 4, classes: 2, seed: 1));
        var another = new MLContext(seed: 2);
        Sentence.Has(Assert.Throws<InvalidDataException>(() => another.MulticlassClassification.Trainers.DenseNetwork(_options).Fit(_points.View)), "another seed: 1 there, 2 here");

        // None of them harmed the one that is there.
        using var resumed = Train(_options);

        void Refused(DenseNetwork.Options options, string what, string values = "", Points? points = null) =>
            Sentence.Has(Assert.Throws<InvalidDataException>(() => Train(options, points)), $"The training in '{_options.RunFolder}' cannot be resumed by this one", what, values, "in another folder");
    }

    [Fact]
    public void A_finished_training_is_no_reason_to_begin_from_scratch()
    {
        using var model = Train(_options with { Resume = false });
        Sentence.Has(
            Assert.Throws<InvalidDataException>(() => Train(_options with { NumberOfEpochs = 4 })),
            "NumberOfEpochs is 2 there and 4 here", "The training is finished", "start from that model", "another folder");
        using var further = Train(_options with { RunFolder = _options.RunFolder + "-2", Resume = false, PreviousModel = model });
        Assert.NotEqual(ModelZip.SavedWeights(_ml, model), ModelZip.SavedWeights(_ml, further));
    }

    [Fact]
    public void A_finished_training_is_replaced_with_a_warning()
    {
        using var first = Train(_options with { Resume = false });
        Assert.Empty(_warnings);
        using var second = Train(_options with { Resume = false });
        Assert.Contains($"'{_options.RunFolder}' has an earlier training, whose record and checkpoints are replaced", Assert.Single(_warnings), StringComparison.Ordinal);
        using var resumed = Train(_options);
        Assert.Single(_warnings);
    }

    [Fact]
    public void One_that_cannot_be_written_costs_no_training_and_leaves_those_before()
    {
        using var whole = Train(_options with { RunFolder = null, Resume = false });
        Directory.CreateDirectory(Path.Combine(Checkpoints, "step-0000000006.checkpoint"));
        Stop(7);
        Assert.Contains("The training continues without a checkpoint of step 6", Assert.Single(_warnings), StringComparison.Ordinal);
        Directory.Delete(Path.Combine(Checkpoints, "step-0000000006.checkpoint"));
        using var resumed = Train(_options);
        Assert.Equal(ModelZip.SavedWeights(_ml, whole), ModelZip.SavedWeights(_ml, resumed));
    }

    [Fact]
    public void A_disk_that_is_full_at_any_byte_leaves_the_checkpoint_before()
    {
        Stop(4);
        var folder = new CheckpointFolder(Checkpoints);
        var before = File.ReadAllBytes(Newest());
        for (var room = 0; room < before.Length; room += 1 + before.Length / 20)
        {
            var full = Assert.Throws<IOException>(() => folder.Write(4, keep: 1, stream => new FullDisk(stream, room).Write(before)));
            Sentence.Has(full, "Cannot write", "no space left");
            Assert.Equal(before, File.ReadAllBytes(Newest()));
        }

        Assert.Equal(["step-0000000002.checkpoint", "step-0000000004.checkpoint"], Directory.GetFiles(Checkpoints).Select(Path.GetFileName).Order());
    }

    public void Dispose() => _folder.Dispose();

    private string Newest() => Directory.GetFiles(Checkpoints).Order(StringComparer.Ordinal).Last();

    private void Stop(int step)
    {
        using var interrupter = new Interrupter(step);
        Assert.Throws<OperationCanceledException>(() => Train(_options with { Callbacks = [interrupter], CancellationToken = interrupter.Token }));
    }

    private TorchTransformer Train(DenseNetwork.Options options, Points? points = null) => _ml.MulticlassClassification.Trainers.DenseNetwork(options).Fit((points ?? _points).View);

    /// <summary>Takes so many bytes and no more.</summary>
    private sealed class FullDisk(Stream inner, int room)
    {
        public void Write(byte[] content)
        {
            inner.Write(content.AsSpan(0, room));
            throw new IOException("no space left on the device");
        }
    }
}
