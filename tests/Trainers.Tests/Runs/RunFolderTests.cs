using System.Text.Json.Nodes;
using Microsoft.ML;

namespace Sconce.Trainers.Tests.Runs;

/// <summary>What a training leaves in its run folder, and who may have the folder.</summary>
public sealed class RunFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);
    private readonly Points _points = new(rows: 60, features: 4, classes: 3, seed: 1);
    private readonly SoftmaxRegression.Options _options;

    public RunFolderTests() => _options = new() { BatchSize = 10, NumberOfEpochs = 2, NumberOfSteps = null, ValidationSet = _points.View, RunFolder = _folder.PathOf("runs/first") };

    [Fact]
    public void It_says_what_was_trained_and_how_it_went()
    {
        using var model = Train(_options);
        var training = model.Model.Training;
        var run = RunFolder.Read(_options.RunFolder!);
        Assert.Equal(("first", RunStatus.Finished, null), (run.Info.Name, run.Info.Status, run.Info.StopReason));
        Assert.Equal((training.Seed, training.Threads, 60L, 15L, 12), (run.Info.Seed, run.Info.Threads, run.Info.Rows, run.Info.Parameters, run.Info.Steps));
        Assert.Equal("accuracy", run.Info.Metric);
        Assert.InRange(run.Info.Finished!.Value, run.Info.Started, DateTimeOffset.UtcNow);
        Assert.Equal(training.Seconds, run.Info.Seconds);
        Assert.Equal(12 * 10 / training.Seconds, run.Info.SamplesPerSecond, 1e-6);
        Assert.IsType<SoftmaxRegression>(run.Info.Definition!.Network);
        Assert.True(JsonNode.DeepEquals(training.Options, run.Info.Options));
        Assert.Equal("finished", (string?)JsonNode.Parse(File.ReadAllText(Path.Combine(_options.RunFolder!, "run.json")))!["status"]);
    }

    [Fact]
    public void Its_curves_are_those_of_the_model()
    {
        using var model = Train(_options);
        var training = model.Model.Training;
        var metrics = RunFolder.Read(_options.RunFolder!).Metrics;
        Assert.Equal(
            training.History.Select(epoch => (epoch.Epoch, epoch.Epoch * 6, epoch.Loss, epoch.Metric, epoch.Seconds)),
            metrics.Where(line => line.Split == RunMetric.WholeEpoch).Select(line => (line.Epoch!.Value, line.Step, line.Loss, line.Metric, line.Seconds)));
        Assert.Equal(
            training.Validation.Select(measured => (measured.Step, measured.Loss, measured.Metric)),
            metrics.Where(line => line.Split == RunMetric.Validation).Select(line => (line.Step, line.Loss, line.Metric)));

        // However fast it is there is a line for each pass; the rows of all batches are as many, so that the means are the pass's.
        var steps = metrics.Where(line => line.Split == RunMetric.Train).ToList();
        Assert.Equal([6, 12], steps.Select(line => line.Step).Where(step => step % 6 == 0));
        Assert.All(steps, line => Assert.Equal(training.Options!["LearningRate"]!.GetValue<double>(), line.LearningRate));
        if (steps.Count == 2)
            Assert.All(steps.Zip(training.History), pair => Assert.Equal(pair.Second.Loss, pair.First.Loss, 1e-9));
    }

    [Fact]
    public void A_training_that_a_callback_stops_or_fails_in_says_why()
    {
        using var stopped = Train(_options with { Callbacks = [new Acting(session => session.Stop("enough"))] });
        var info = RunFolder.Read(_options.RunFolder!).Info;
        Assert.Equal((RunStatus.Finished, "enough", 3), (info.Status, info.StopReason, info.Steps));

        Assert.Throws<NotSupportedException>(() => Train(_options with { Callbacks = [new Acting(_ => throw new NotSupportedException("no such thing"))] }));
        info = RunFolder.Read(_options.RunFolder!).Info;
        Assert.Equal((RunStatus.Failed, "no such thing", 3), (info.Status, info.StopReason, info.Steps));
    }

    [Fact]
    public void One_in_use_is_refused_and_is_free_when_the_training_is_over()
    {
        Exception? refused = null;
        using var model = Train(_options with
        {
            Callbacks = [new Acting(session =>
            {
                Assert.Equal(RunStatus.Running, RunFolder.Read(session.RunFolder!.Path).Info.Status);
                refused = Assert.Throws<IOException>(() => Train(_options));
            })],
        });
        Sentence.Has(refused!, $"'{_options.RunFolder}'", "is in use by another training", "choose another folder");
        Assert.Equal(RunStatus.Finished, RunFolder.Read(_options.RunFolder!).Info.Status);
        using var again = Train(_options);
    }

    [Fact]
    public void A_finished_run_is_replaced_and_strange_files_stay()
    {
        using var first = Train(_options);
        string[] files = [Path.Combine(_options.RunFolder!, "notes.txt"), Path.Combine(_options.RunFolder!, RunFolder.EvaluationFile)];
        foreach (var file in files)
            File.WriteAllText(file, "{}");
        using var second = Train(_options with { NumberOfEpochs = 1 });
        Assert.Single(RunFolder.Read(_options.RunFolder!).Metrics, line => line.Split == RunMetric.WholeEpoch);
        Assert.Equal([true, false], files.Select(File.Exists));
    }

    [Fact]
    public void What_is_no_run_folder_or_is_damaged_is_said()
    {
        Sentence.Has(Assert.Throws<FileNotFoundException>(() => RunFolder.Read(_folder.FullName)), _folder.FullName, "run.json");
        using var model = Train(_options);
        var metrics = Path.Combine(_options.RunFolder!, RunFolder.MetricsFile);
        var lines = RunFolder.Read(_options.RunFolder!).Metrics;
        File.AppendAllText(metrics, "{\"split\":\"tra");
        Assert.Equal(lines, RunFolder.Read(_options.RunFolder!).Metrics);
        File.AppendAllText(metrics, "\n");
        Sentence.Has(Assert.Throws<InvalidDataException>(() => RunFolder.Read(_options.RunFolder!)), $"Line {lines.Count + 1} of '{metrics}'");
        File.WriteAllText(Path.Combine(_options.RunFolder!, RunFolder.InfoFile), "[]");
        Sentence.Has(Assert.Throws<InvalidDataException>(() => RunFolder.Read(_options.RunFolder!)), "run.json", "cannot be read");
    }

    [Fact]
    public void Half_a_line_is_cut_off_before_a_resumed_training_writes_the_next()
    {
        using var interrupter = new Interrupter(7);
        Assert.Throws<OperationCanceledException>(() => Train(_options with { Callbacks = [interrupter], CancellationToken = interrupter.Token }));
        File.AppendAllText(Path.Combine(_options.RunFolder!, RunFolder.MetricsFile), "{\"split\":\"tra");
        // As of a recorder that had given up: the length is not known.
        CheckpointFile.Rewrite(Directory.GetFiles(Path.Combine(_options.RunFolder!, RunFolder.CheckpointsName)).Single(), header => header["Callbacks"] = new JsonArray());
        using var model = Train(_options with { Resume = true });
        Assert.Equal([1, 2], RunFolder.Read(_options.RunFolder!).Metrics.Where(line => line.Split == RunMetric.WholeEpoch).Select(line => line.Epoch!.Value));
    }

    [Fact]
    public void A_folder_that_cannot_be_is_refused()
    {
        var file = _folder.Write("file", []);
        Sentence.Has(Assert.Throws<IOException>(() => Train(_options with { RunFolder = Path.Combine(file, "run") })), "Cannot write the run folder", file);
        Sentence.Has(Assert.Throws<ArgumentException>(() => Train(_options with { RunFolder = " " })), "RunFolder is empty");
        Sentence.Has(Assert.Throws<ArgumentException>(() => Train(_options with { RunFolder = null, Resume = true })), "Resume needs RunFolder");
        Sentence.Has(Assert.Throws<ArgumentOutOfRangeException>(() => Train(_options with { Checkpoints = new() { Keep = 0 } })), "Checkpoints.Keep is 0", "at least 1");
    }

    public void Dispose() => _folder.Dispose();

    private TorchTransformer Train(SoftmaxRegression.Options options) => _ml.SoftmaxRegression(options).Fit(_points.View);

    /// <summary>Does something after the third step.</summary>
    private sealed class Acting(Action<TrainingSession> act) : TrainingCallback
    {
        public override void StepEnded(TrainingProgress progress, TrainingSession session)
        {
            if (progress.Step == 3)
                act(session);
        }
    }
}
