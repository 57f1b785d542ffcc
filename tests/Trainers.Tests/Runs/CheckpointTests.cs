using Microsoft.ML;
using Microsoft.ML.Runtime;

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
            Network = new() { HiddenWidths = [8], Dropout = 0.2 },
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
        Assert.Contains("The one before it is used", warning, StringComparison.Ordinal);
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
            Sentence.Has(Assert.Throws<InvalidDataException>(() => Checkpoint.Read(file)), file, "is damaged", "SHA-256");
        }
    }

    [Fact]
    public void Where_none_is_whole_nothing_begins_anew_by_itself()
    {
        Stop(3);
        foreach (var file in Directory.GetFiles(Checkpoints))
            File.WriteAllBytes(file, [1, 2, 3]);
        Sentence.Has(Assert.Throws<InvalidDataException>(() => Train(_options)), "is damaged", "There is no other that is whole", "Begin a new training in another folder");
    }

    [Fact]
    public void An_unfinished_training_is_not_lost_to_one_that_does_not_resume_it()
    {
        Stop(5);
        Sentence.Has(Assert.Throws<IOException>(() => Train(_options with { Resume = false })), $"'{_options.RunFolder}'", "is not finished", "step-0000000005", "Resume it, choose another folder");
        using var resumed = Train(_options);
        using var replaced = Train(_options with { Resume = false });
    }

    [Fact]
    public void Another_training_s_is_refused_with_what_differs()
    {
        Stop(5);
        Refused(_options with { Network = _options.Network with { HiddenWidths = [9] } }, "it trains another network", "HiddenWidths is [8] there and [9] here");
        Refused(_options with { LearningRate = 0.5 }, "other options", "LearningRate is 0.002 there and 0.5 here");
        Refused(_options with { NumberOfEpochs = 3 }, "other options", "NumberOfEpochs is 2 there and 3 here");
        Refused(_options with { Seed = 5 }, "other options", "Seed is null there and 5 here");
        Refused(_options with { ValidationSet = new Points(rows: 60, features: 4, classes: 3, seed: 2).View }, "another validation set");
        Refused(_options with { ValidationSet = null }, "another validation set");
        Refused(_options, "another data set", "60 rows there, 61 here", new Points(rows: 61, features: 4, classes: 3, seed: 1));
        Refused(_options, "another data set", "with other values", new Points(rows: 60, features: 4, classes: 3, seed: 2));
        Refused(_options with { ValidationSet = null }, "another objective", "Classes", new Points(rows: 60, features: 4, classes: 2, seed: 1));
        var another = new MLContext(seed: 2);
        Sentence.Has(Assert.Throws<InvalidDataException>(() => another.MulticlassClassification.Trainers.DenseNetwork(_options).Fit(_points.View)), "another seed: 1 there, 2 here");

        // None of them harmed the one that is there.
        using var resumed = Train(_options);

        void Refused(DenseNetwork.Options options, string what, string values = "", Points? points = null) =>
            Sentence.Has(Assert.Throws<InvalidDataException>(() => Train(options, points)), $"The training in '{_options.RunFolder}' cannot be resumed by this one", what, values, "in another folder");
    }

    [Fact]
    public void One_that_cannot_be_written_costs_no_training_and_leaves_those_before()
    {
        using var whole = Train(_options with { RunFolder = null, Resume = false });
        Directory.CreateDirectory(Path.Combine(Checkpoints, "step-0000000006.checkpoint"));
        Stop(7);
        Assert.Contains("There is no checkpoint of step 6, and the training goes on", Assert.Single(_warnings), StringComparison.Ordinal);
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
