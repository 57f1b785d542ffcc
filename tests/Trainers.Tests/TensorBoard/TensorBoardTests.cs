using Microsoft.ML;
using Microsoft.ML.Runtime;
using Sconce.Trainers.Interop;
using Sconce.Trainers.TensorBoardFiles;

namespace Sconce.Trainers.Tests.TensorBoard;

/// <summary>What a training writes, read back and compared with what a callback saw of it.</summary>
public sealed class TensorBoardTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);
    private readonly Points _points = new(rows: 60, features: 4, classes: 3, seed: 1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Curves_are_what_the_training_came_to()
    {
        var witness = new Witness();
        using var model = Fit(Options(new() { ScalarsEvery = 4, HistogramsEvery = null }) with { ValidationInterval = 3, Callbacks = [witness], GradientClipping = new NormClipping() });
        var events = EventRecord.ReadFolder(_folder.FullName);
        long[] steps = [1, 4, 8, 10];
        var seen = witness.Progress.Where(progress => steps.Contains(progress.Step)).ToList();
        Assert.Equal(seen.Select(progress => ((long)progress.Step, (float)progress.Loss)), events.Scalars("loss/train"));
        Assert.Equal(seen.Select(progress => ((long)progress.Step, (float)progress.Metric)), events.Scalars("accuracy/train"));
        Assert.Equal(seen.Select(progress => ((long)progress.Step, (float)progress.GradientNorm!.Value)), events.Scalars("gradient_norm"));
        Assert.Equal(steps.Select(step => (step, (float)witness.LearningRates[(int)step - 1])), events.Scalars("learning_rate"));
        var record = model.Model.Training;
        Assert.Equal(record.Validation.Select(measured => ((long)measured.Step, (float)measured.Loss)), events.Scalars("loss/validation"));
        Assert.Equal(record.Validation.Select(measured => ((long)measured.Step, (float)measured.Metric!.Value)), events.Scalars("accuracy/validation"));
        Assert.Equal(record.History.Select(epoch => (float)epoch.Loss), events.Scalars("loss/epoch").Select(point => point.Value));
        Assert.Equal(record.History.Select(epoch => (float)epoch.SamplesPerSecond), events.Scalars("samples_per_second").Select(point => point.Value));
        Assert.DoesNotContain(events.Tags(), tag => tag.StartsWith("weights", StringComparison.Ordinal));
    }

    [Fact]
    public void Histograms_are_those_of_the_weights_and_gradients_of_their_step()
    {
        var witness = new Witness();
        using var model = Fit(Options(new() { HistogramsEvery = 4 }) with { Callbacks = [witness] });
        var events = EventRecord.ReadFolder(_folder.FullName);
        foreach (var (tag, at) in witness.Weights.Keys.Select(key => (key.Name, key.Step)))
        {
            var written = events.Tagged(tag).Where(value => value.Step == at).ToList();
            if (at is not (4 or 8 or 10))
            {
                Assert.Empty(written);
                continue;
            }

            var histogram = Assert.Single(written).Value.Message(5)!;
            var values = witness.Weights[(tag, at)];
            Assert.Equal(values.Min(), histogram.Double(1));
            Assert.Equal(values.Max(), histogram.Double(2));
            Assert.Equal(values.Length, histogram.Double(3));
            Assert.Equal(values.Sum(value => (double)value), histogram.Double(4)!.Value, 1e-9);
            Assert.Equal(values.Sum(value => (double)value * value), histogram.Double(5)!.Value, 1e-9);
            Assert.Equal(values.Length, histogram.Doubles(7).Sum());
            Assert.Equal(histogram.Doubles(6).Length, histogram.Doubles(7).Length);
        }

        Assert.Equal(["gradients/output/bias", "gradients/output/weight", "weights/output/bias", "weights/output/weight"], events.Tags().Where(tag => tag.Contains("output/", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_training_that_is_written_gives_the_same_weights()
    {
        var options = Stripes.Quick with { Network = Stripes.Quick.Network with { Dropout = 0.5 }, NumberOfEpochs = 2, ValidationSet = null };
        var data = Keyed(Stripes.Load(_ml, rows: 100));
        using var plain = _ml.ConvolutionalNetwork(options with { LabelColumnName = "Label" }).Fit(data);
        using var written = _ml.ConvolutionalNetwork(options with
        {
            TensorBoard = new() { Folder = _folder.FullName, HistogramsEvery = 2, Examples = data },
        }).Fit(data);
        Assert.Equal(ModelZip.SavedWeights(_ml, plain), ModelZip.SavedWeights(_ml, written));
        Assert.NotEmpty(EventRecord.ReadFolder(_folder.FullName));
    }

    [Fact]
    public void Without_a_folder_nothing_is_written_and_nothing_is_saved_with_the_model()
    {
        using var model = Fit(Options(new()) with { TensorBoard = new() });
        Assert.Empty(Directory.GetFiles(_folder.FullName));
        Assert.Null(model.Model.Training.Options!["TensorBoard"]);
    }

    [Fact]
    public void The_hyper_parameters_and_the_end_are_told()
    {
        using var model = Fit(Options(new()) with { LearningRate = 0.25, LabelSmoothing = 0.1, Optimizer = new AdamW { WeightDecay = 0.5 } });
        var events = EventRecord.ReadFolder(_folder.FullName);
        var started = Started(events);
        var parameters = started.Map(1);
        Assert.Equal(0.25, parameters["LearningRate"].Double(2));
        Assert.Equal(10, parameters["NumberOfSteps"].Double(2));
        Assert.Equal("AdamW", parameters["Optimizer"].Text(3));
        Assert.Equal(0.5, parameters["Optimizer.WeightDecay"].Double(2));
        Assert.Equal("SoftmaxRegression", parameters["Network"].Text(3));
        Assert.DoesNotContain("GradientClipping", parameters.Keys);
        // The option is null: it was the MLContext's.
        Assert.Equal(1, parameters["Seed"].Double(2));
        var ended = Ended(events)!;
        Assert.Equal(1, ended.Integer(1));
        Assert.InRange(ended.Double(2)!.Value, started.Double(5)!.Value, started.Double(5)!.Value + 60);
    }

    [Fact]
    public void A_training_that_fails_is_told_to_have_failed()
    {
        var failing = new Witness { Throws = true };
        Assert.Throws<InvalidOperationException>(() => Fit(Options(new()) with { Callbacks = [failing] }));
        Assert.Equal(2, Ended(EventRecord.ReadRun(_folder.FullName))!.Integer(1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_training_that_was_broken_off_and_goes_on_ends_well(bool fails)
    {
        var options = Options(new()) with { TensorBoard = new(), RunFolder = _folder.PathOf("run"), Checkpoints = new() { EverySteps = 2 } };
        using var interrupter = new Runs.Interrupter(5) { Throws = fails };
        Assert.ThrowsAny<Exception>(() => Fit(options with { Callbacks = [interrupter], CancellationToken = interrupter.Token }));
        var end = Ended(EventRecord.ReadRun(options.RunFolder));
        if (fails)
            Assert.Equal(2, end!.Integer(1));
        else
            Assert.Null(end);
        Fit(options with { Resume = true }).Dispose();
        Assert.Equal(1, Ended(EventRecord.ReadRun(options.RunFolder))!.Integer(1));
    }

    [Fact]
    public void A_step_is_with_the_system_as_soon_as_it_is_told()
    {
        // A process that is killed leaves what was written so far, which is copied here.
        var reader = new Acting(5, _ => File.Copy(Directory.GetFiles(_folder.FullName, "events.*").Single(), _folder.PathOf("copy")));
        Fit(Options(new() { ScalarsEvery = 1 }) with { Callbacks = [reader] }).Dispose();
        Assert.Equal([1, 2, 3, 4, 5], EventRecord.ReadFile(_folder.PathOf("copy")).Scalars("loss/train").Select(point => point.Step));
    }

    [Fact]
    public void The_step_at_which_a_training_is_stopped_has_a_point()
    {
        using var model = Fit(Options(new() { ScalarsEvery = 4 }) with { Callbacks = [new Acting(6, session => session.Stop("enough"))] });
        var events = EventRecord.ReadFolder(_folder.FullName);
        foreach (var tag in (string[])["loss/train", "learning_rate"])
            Assert.Equal([1, 4, 6], events.Scalars(tag).Select(point => point.Step));
        Assert.Equal(1, Ended(events)!.Integer(1));
    }

    [Fact]
    public void A_disk_that_is_full_once_the_training_has_begun_costs_the_files_and_is_said_once()
    {
        var options = Options(new()) with { TensorBoard = null };
        using var plain = Fit(options);
        var warnings = Warnings();
        // Everything of the beginning is written, and some of what comes after it.
        using var writer = new TensorBoardWriter(
            new() { ScalarsEvery = 1, HistogramsEvery = 1 }, _folder.FullName, MLNetEnvironment.Of(_ml, "Test"), open: path => new FullDisk(File.Create(path), room: 4_000));
        using var model = Fit(options with { Callbacks = [writer] });
        Assert.Equal(ModelZip.SavedWeights(_ml, plain), ModelZip.SavedWeights(_ml, model));
        var warning = Assert.Single(warnings);
        foreach (var part in (string[])[$"TensorBoard's files in '{_folder.FullName}' can no longer be written", "the training goes on without them", "Cannot write the event file", "no space left"])
            Assert.Contains(part, warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Codes_that_cannot_be_written_cost_no_training()
    {
        Directory.CreateDirectory(_folder.PathOf("codes.tsv"));
        var warnings = Warnings();
        using var model = _ml.Transforms.Autoencoder("Code", "Features", new()
        {
            Network = new() { HiddenLayerSizes = [3], CodeSize = 2 },
            NumberOfSteps = 2,
            TensorBoard = new() { Folder = _folder.FullName, Examples = _points.View },
        }).Fit(_points.View);
        Assert.Equal(2, model.Model.Training.Steps);
        Assert.Contains("codes.tsv", Assert.Single(warnings), StringComparison.Ordinal);
        Assert.Equal(1, Ended(EventRecord.ReadFolder(_folder.FullName))!.Integer(1));
    }

    [Fact]
    public void A_network_that_cannot_be_run_on_noughts_is_trained_without_its_graph()
    {
        var warnings = Warnings();
        var options = Options(new());
        using var model = ProbeNetwork.Estimator(_ml, new ProbeNetwork { RefusesNoughts = true }, options).Fit(_points.View);
        Assert.Contains("noughts are refused", Assert.Single(warnings), StringComparison.Ordinal);
        var events = EventRecord.ReadFolder(_folder.FullName);
        Assert.DoesNotContain(events, record => record.Graph is not null);
        Assert.Equal(10, events.Scalars("loss/train")[^1].Step);
    }

    [Fact]
    public void A_run_folder_has_them_and_the_curves_of_a_resumed_training_join()
    {
        var options = Options(new()) with { TensorBoard = new() { ScalarsEvery = 1 }, RunFolder = _folder.PathOf("whole"), Checkpoints = new() { EverySteps = 4 } };
        Fit(options).Dispose();
        var whole = EventRecord.ReadFolder(options.RunFolder).Scalars("loss/train");
        Assert.Equal(10, whole.Count);

        // It fails in step 6, and goes on from step 4.
        options = options with { RunFolder = _folder.PathOf("resumed") };
        Assert.Throws<InvalidOperationException>(() => Fit(options with { Callbacks = [new Witness { Throws = true, From = 6 }] }));
        Fit(options with { Resume = true }).Dispose();
        Assert.Equal(whole, EventRecord.ReadRun(options.RunFolder).Scalars("loss/train"));
        Assert.Equal(2, Directory.GetFiles(options.RunFolder, "events.*").Length);
    }

    [Fact]
    public void A_second_training_in_a_folder_replaces_the_first_and_leaves_the_files_of_other_programs()
    {
        var other = _folder.Write("events.out.tfevents.0000000001.another", [1]);
        var options = Options(new());
        Fit(options with { LearningRate = 0.25 }).Dispose();
        Assert.Throws<InvalidOperationException>(() => Fit(options with { Callbacks = [new Witness { Throws = true }] }));
        Fit(options with { LearningRate = 0.5, NumberOfSteps = 3 }).Dispose();
        Assert.Equal([1], File.ReadAllBytes(other));
        File.Delete(other);
        var events = EventRecord.ReadRun(_folder.FullName);
        Assert.Equal(0.5, Started(events).Map(1)["LearningRate"].Double(2));
        Assert.Equal(1, Ended(events)!.Integer(1));
        Assert.Equal([1, 3], events.Scalars("loss/train").Select(point => point.Step));
    }

    [Fact]
    public void A_folder_to_which_another_training_is_writing_is_refused_and_its_files_stay()
    {
        // Of one that was resumed, which has more files than that which it writes to.
        var options = Options(new()) with { TensorBoard = new() { Folder = _folder.PathOf("board") }, RunFolder = _folder.PathOf("first"), Checkpoints = new() { EverySteps = 2 } };
        Assert.Throws<InvalidOperationException>(() => Fit(options with { Callbacks = [new Witness { Throws = true, From = 5 }] }));
        var refused = 0;
        var before = Directory.GetFiles(options.TensorBoard.Folder!, "events.*").Length;
        Fit(options with
        {
            Resume = true,
            Callbacks = [new Acting(7, _ =>
            {
                foreach (var run in (string?[])[null, _folder.PathOf("second")])
                {
                    Sentence.Has(Assert.Throws<IOException>(() => Fit(options with { RunFolder = run, Resume = false })), "another training is writing to", _folder.PathOf("board"), "TensorBoard.Folder");
                    refused++;
                }
            })],
        }).Dispose();
        Assert.Equal((2, 2), (before, refused));
        var events = EventRecord.ReadRun(options.TensorBoard.Folder!);
        Assert.Equal([1, 10], events.Scalars("loss/train").Select(point => point.Step));
        Assert.Equal(1, Ended(events)!.Integer(1));
        // It is free again.
        Fit(options with { RunFolder = null, NumberOfSteps = 3 }).Dispose();
        Assert.Equal([1, 3], EventRecord.ReadRun(options.TensorBoard.Folder!).Scalars("loss/train").Select(point => point.Step));
    }

    [Fact]
    public void Examples_that_the_network_cannot_read_cost_no_earlier_run()
    {
        var options = Options(new()) with { TensorBoard = new(), RunFolder = _folder.PathOf("run") };
        Fit(options).Dispose();
        var (events, metrics) = (EventRecord.ReadRun(options.RunFolder), RunFolder.Read(options.RunFolder).Metrics);
        Assert.ThrowsAny<ArgumentException>(() => Fit(options with { TensorBoard = new() { Examples = new Points(rows: 9, features: 5, classes: 3, seed: 1).View } }));
        Assert.Equal(events.Count, EventRecord.ReadRun(options.RunFolder).Count);
        Assert.Equal(metrics, RunFolder.Read(options.RunFolder).Metrics);
    }

    [Theory]
    [InlineData("ScalarsEvery")]
    [InlineData("HistogramsEvery")]
    [InlineData("Images")]
    [InlineData("NumberOfExamples")]
    [InlineData("Folder")]
    [InlineData("CodeLabelColumnName")]
    public void Options_that_make_no_sense_are_refused(string option)
    {
        var board = option switch
        {
            "ScalarsEvery" => new Trainers.TensorBoard { ScalarsEvery = 0 },
            "HistogramsEvery" => new() { HistogramsEvery = 0 },
            "Images" => new() { Images = -1 },
            "NumberOfExamples" => new() { NumberOfExamples = -1 },
            "Folder" => new() { Folder = "" },
            _ => new() { CodeLabelColumnName = "" },
        };
        Sentence.Has(Assert.ThrowsAny<ArgumentException>(() => _ml.SoftmaxRegression(new() { TensorBoard = board })), $"TensorBoard.{option}", "it has to be");
    }

    private static WireMessage Started(List<EventRecord> events) => events.PluginData("_hparams_/session_start_info", "hparams")!.Message(3)!;

    private static WireMessage? Ended(List<EventRecord> events) => events.PluginData("_hparams_/session_end_info", "hparams")?.Message(4);

    private List<string> Warnings()
    {
        var warnings = new List<string>();
        _ml.Log += (_, line) =>
        {
            if (line.Kind == ChannelMessageKind.Warning)
                warnings.Add(line.RawMessage);
        };
        return warnings;
    }

    private static IDataView Keyed(IDataView data)
    {
        var ml = new MLContext();
        return ml.Transforms.Conversion.MapValueToKey("Label", "Name").Fit(data).Transform(data);
    }

    private SoftmaxRegression.Options Options(Trainers.TensorBoard board) =>
        new() { BatchSize = 20, NumberOfSteps = 10, Schedule = new CosineSchedule(), ValidationSet = _points.View, TensorBoard = board with { Folder = _folder.FullName } };

    private TorchTransformer Fit(SoftmaxRegression.Options options) => _ml.SoftmaxRegression(options).Fit(_points.View);

    /// <summary>Does something after a step.</summary>
    private sealed class Acting(int step, Action<TrainingSession> act) : TrainingCallback
    {
        public override void StepEnded(TrainingProgress progress, TrainingSession session)
        {
            if (progress.Step == step)
                act(session);
        }
    }

    /// <summary>Takes so many bytes and no more.</summary>
    private sealed class FullDisk(Stream inner, int room) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            var fits = Math.Min(buffer.Length, room - (int)inner.Position);
            inner.Write(buffer[..fits]);
            if (fits < buffer.Length)
                throw new IOException("no space left on the device");
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        protected override void Dispose(bool disposing)
        {
            inner.Dispose();
            base.Dispose(disposing);
        }
    }

    /// <summary>Keeps what it sees of a training.</summary>
    private sealed class Witness : TrainingCallback
    {
        public bool Throws { get; init; }

        /// <summary>The step from which it does so.</summary>
        public int From { get; init; }

        public List<TrainingProgress> Progress { get; } = [];

        public List<double> LearningRates { get; } = [];

        public Dictionary<(string Name, long Step), float[]> Weights { get; } = [];

        public override void StepEnded(TrainingProgress progress, TrainingSession session)
        {
            if (Throws && progress.Step >= From)
                throw new InvalidOperationException("as asked");
            Progress.Add(progress);
            LearningRates.Add(session.LearningRate);
            foreach (var (name, values) in session.Weights())
                Weights[($"weights/{name.Replace('.', '/')}", progress.Step)] = values;
            foreach (var (name, values) in session.Gradients())
                Weights[($"gradients/{name.Replace('.', '/')}", progress.Step)] = values;
        }
    }
}
