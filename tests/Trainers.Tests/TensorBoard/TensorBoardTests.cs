using Microsoft.ML;

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
        var started = Plugin(events, "_hparams_/session_start_info").Message(3)!;
        var parameters = started.Map(1);
        Assert.Equal(0.25, parameters["LearningRate"].Double(2));
        Assert.Equal(10, parameters["NumberOfSteps"].Double(2));
        Assert.Equal("AdamW", parameters["Optimizer"].Text(3));
        Assert.Equal(0.5, parameters["Optimizer.WeightDecay"].Double(2));
        Assert.Equal("SoftmaxRegression", parameters["Network"].Text(3));
        Assert.DoesNotContain("GradientClipping", parameters.Keys);
        var ended = Plugin(events, "_hparams_/session_end_info").Message(4)!;
        Assert.Equal(1, ended.Integer(1));
        Assert.InRange(ended.Double(2)!.Value, started.Double(5)!.Value, started.Double(5)!.Value + 60);
    }

    [Fact]
    public void A_training_that_fails_is_told_to_have_failed()
    {
        var failing = new Witness { Throws = true };
        Assert.Throws<InvalidOperationException>(() => Fit(Options(new()) with { Callbacks = [failing] }));
        Assert.Equal(2, Plugin(EventRecord.ReadFolder(_folder.FullName), "_hparams_/session_end_info").Message(4)!.Integer(1));
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
        var read = new List<EventRecord>();
        foreach (var file in Directory.GetFiles(options.RunFolder, "events.*").Order(StringComparer.Ordinal))
        {
            // As TensorBoard reads a folder: what begins at a step takes away what was told of it and of later ones.
            var events = EventRecord.ReadFile(file);
            var start = events.Single(record => record.SessionStatus == 1).Step;
            read.RemoveAll(record => record.Step >= start);
            read.AddRange(events);
        }

        Assert.Equal(whole, read.Scalars("loss/train"));
        Assert.Equal(2, Directory.GetFiles(options.RunFolder, "events.*").Length);
    }

    [Fact]
    public void A_trainer_may_be_fitted_twice()
    {
        var trainer = _ml.SoftmaxRegression(Options(new()));
        trainer.Fit(_points.View).Dispose();
        trainer.Fit(_points.View).Dispose();
        Assert.Equal(2, Directory.GetFiles(_folder.FullName).Length);
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

    private static WireMessage Plugin(List<EventRecord> events, string tag)
    {
        var metadata = Assert.Single(events.Tagged(tag)).Value.Message(9)!.Message(1)!;
        Assert.Equal("hparams", metadata.Text(1));
        return metadata.Message(2)!;
    }

    private static IDataView Keyed(IDataView data)
    {
        var ml = new MLContext();
        return ml.Transforms.Conversion.MapValueToKey("Label", "Name").Fit(data).Transform(data);
    }

    private SoftmaxRegression.Options Options(Trainers.TensorBoard board) =>
        new() { BatchSize = 20, NumberOfSteps = 10, Schedule = new CosineSchedule(), ValidationSet = _points.View, TensorBoard = board with { Folder = _folder.FullName } };

    private TorchTransformer Fit(SoftmaxRegression.Options options) => _ml.SoftmaxRegression(options).Fit(_points.View);

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
