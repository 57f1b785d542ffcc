using Microsoft.ML;

namespace Sconce.Trainers.Tests.Runs;

/// <summary>A training that is interrupted, however and wherever, and resumed gives the weights, byte for byte, of one that was not.</summary>
public sealed class ResumeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public static TheoryData<string> Names => [.. Interrupted.Trainers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Cancelled_after_every_single_step_it_ends_as_if_it_never_was(string name)
    {
        var told = new Adder();
        var whole = Interrupted.Trainers[name](_ml, options => options with { Callbacks = [told] });
        var steps = Interrupted.Record(whole).Steps;
        Assert.Equal(12, steps);

        var resumed = new Adder();
        for (var step = 1; step < steps; step++)
        {
            using var interrupter = new Interrupter(step);
            Assert.Throws<OperationCanceledException>(() => Train(name, options => options with { Callbacks = [resumed, interrupter], CancellationToken = interrupter.Token }));
            Assert.Equal((RunStatus.Stopped, step), (RunFolder.Read(Run(name)).Info.Status, RunFolder.Read(Run(name)).Info.Steps));
        }

        AssertSame(whole, Train(name, options => options with { Callbacks = [resumed] }));
        Assert.Equal(told.Told, resumed.Told);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void After_a_crash_it_goes_on_from_the_newest_checkpoint(string name)
    {
        var told = new Adder();
        var whole = Interrupted.Trainers[name](_ml, options => options with { Callbacks = [told], RunFolder = Run("whole") });
        var resumed = new Adder();
        var begun = new List<int>();
        foreach (var step in (int[])[2, 7, 8, 11])
        {
            using var interrupter = new Interrupter(step) { Throws = true };
            Assert.Throws<NotSupportedException>(() => Train(name, options => options with { Checkpoints = new() { EverySteps = 3 }, Callbacks = [resumed, new Beginning(begun), interrupter] }));
        }

        AssertSame(whole, Train(name, options => options with { Callbacks = [resumed, new Beginning(begun)], Checkpoints = new() { EverySteps = 3 } }));
        Assert.Equal([0, 0, 6, 6, 9], begun);
        Assert.Equal(told.Told, resumed.Told);

        // No line is missing, and none is there twice.
        Assert.Equal(Lines(Run("whole")), Lines(Run(name)));

        static IEnumerable<(string, int, double, double?)> Lines(string run) =>
            RunFolder.Read(run).Metrics.Where(line => line.Split != RunMetric.Train).Select(line => (line.Split, line.Step, line.Loss, line.Metric));
    }

    [Fact]
    public void A_finished_training_is_given_again_without_a_step()
    {
        var name = Names.First().Data;
        var begun = new List<int>();
        var first = Train(name, options => options);
        AssertSame(first, Train(name, options => options with { Callbacks = [new Beginning(begun)] }));
        Assert.Equal([12], begun);
    }

    [Fact]
    public void One_that_is_cancelled_in_a_validation_tells_of_its_step_later()
    {
        var name = Names.First().Data;
        var told = new Adder();
        var whole = Interrupted.Trainers[name](_ml, options => options with { Callbacks = [told] });
        var resumed = new Adder();
        using var source = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => Train(name, options => options with { Callbacks = [resumed, new Cancelling(source)], CancellationToken = source.Token }));
        AssertSame(whole, Train(name, options => options with { Callbacks = [resumed] }));
        Assert.Equal(told.Told, resumed.Told);
    }

    [Fact]
    public void Only_so_many_checkpoints_are_kept()
    {
        var name = Names.First().Data;
        Train(name, options => options with { Checkpoints = new() { EverySteps = 2, Keep = 2 } });
        Assert.Equal(["step-0000000010.checkpoint", "step-0000000012.checkpoint"], Directory.GetFiles(Path.Combine(Run(name), RunFolder.CheckpointsName)).Select(Path.GetFileName).Order());
        Train(name, options => options with { Resume = false, Checkpoints = null });
        Assert.Empty(Directory.GetFiles(Path.Combine(Run(name), RunFolder.CheckpointsName)));
    }

    [Fact]
    public void A_random_seed_is_the_run_s()
    {
        var ml = new MLContext();
        var name = Names.First().Data;
        using var interrupter = new Interrupter(5);
        Assert.Throws<OperationCanceledException>(() => Interrupted.Trainers[name](ml, options => options with { RunFolder = Run(name), Callbacks = [interrupter], CancellationToken = interrupter.Token }));
        var seed = RunFolder.Read(Run(name)).Info.Seed;
        var resumed = Interrupted.Trainers[name](new MLContext(), options => options with { RunFolder = Run(name), Resume = true });
        AssertSame(Interrupted.Trainers[name](ml, options => options with { Seed = seed }), resumed, options: false);
    }

    public void Dispose() => _folder.Dispose();

    private string Run(string name) => _folder.PathOf(name);

    private ITransformer Train(string name, Func<TrainingOptions, TrainingOptions> change) =>
        Interrupted.Trainers[name](_ml, options => change(options with { RunFolder = Run(name), Resume = true }));

    private void AssertSame(ITransformer expected, ITransformer actual, bool options = true)
    {
        Assert.Equal(ModelZip.SavedWeights(_ml, Interrupted.Network(expected)), ModelZip.SavedWeights(_ml, Interrupted.Network(actual)));
        var (first, second) = (Interrupted.Record(expected), Interrupted.Record(actual));
        Assert.Equal(first.Steps, second.Steps);
        Assert.Equal(first.History.Select(epoch => (epoch.Epoch, epoch.Steps, epoch.Loss, epoch.Metric)), second.History.Select(epoch => (epoch.Epoch, epoch.Steps, epoch.Loss, epoch.Metric)));
        Assert.Equal(first.Validation.Select(measured => (measured.Step, measured.Loss, measured.Metric)), second.Validation.Select(measured => (measured.Step, measured.Loss, measured.Metric)));
        if (options)
            Assert.Equal(first.Options!.ToJsonString(), second.Options!.ToJsonString());
        (expected as IDisposable)?.Dispose();
        (actual as IDisposable)?.Dispose();
    }

    private sealed class Beginning(List<int> steps) : TrainingCallback
    {
        public override void TrainingBegan(TrainingSession session) => steps.Add(session.Step);
    }

    /// <summary>Cancels in the first validation, before anybody is told of its step.</summary>
    private sealed class Cancelling(CancellationTokenSource source) : TrainingCallback
    {
        public override void Validated(ValidationSummary summary, TrainingSession session)
        {
            source.Cancel();
            source.Token.ThrowIfCancellationRequested();
        }
    }
}
