using Microsoft.ML;
using Sconce.Pipelines.Tests.Data;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests.Tuning;

/// <summary>Searches of softmax regression on a few digits: which trials go on, what is kept, and what a search goes on with.</summary>
public sealed class TunerTests : IDisposable
{
    private static readonly SearchSpace<SoftmaxRegression.Options> _space = new(new() { NumberOfSteps = null },
    [
        new NumberDimension<SoftmaxRegression.Options>("learning rate", 1e-4, 1, (options, value) => options with { LearningRate = value }) { Logarithmic = true },
        new ChoiceDimension<SoftmaxRegression.Options, int>("batch size", [50, 100], (options, size) => options with { BatchSize = size }),
    ]);

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _trained = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Halving_trains_all_for_few_passes_and_the_better_ones_for_more()
    {
        var result = Run(Options());
        Assert.Equal([1, 2, 4], Options().Rounds);
        Assert.Equal(4 + 2 + 1, _trained.Count);
        Assert.Equal([4, 2, 1, 1], result.Trials.Select(trial => trial.Longest!.Epochs));
        // Those that went on were the best of their round.
        foreach (var (round, survivors) in (IEnumerable<(int, int)>)[(1, 2), (2, 1)])
        {
            var ranked = result.Trials.Where(trial => trial.Results.Any(entry => entry.Epochs == round)).OrderByDescending(trial => trial.Results.Single(entry => entry.Epochs == round).Metric).ToList();
            var (wentOn, left) = (ranked.Where(trial => trial.Longest!.Epochs > round).ToList(), ranked.Where(trial => trial.Longest!.Epochs == round).ToList());
            Assert.Equal(survivors, wentOn.Count);
            Assert.True(wentOn.Min(trial => trial.Results.Single(entry => entry.Epochs == round).Metric) >= left.Max(trial => trial.Longest!.Metric));
        }

        using var model = ModelFile.Load(new MLContext(), result.BestModel);
        Assert.Equal(result.Best.Longest!.Metric!.Value, model.Network.Model.Training.Validation[^1].Metric!.Value, 9);
        Assert.Equal(4, ReportRun.FromFolder(Trial.FolderOf(result.Folder, result.Best.Number)).Training.History.Count);
    }

    [Fact]
    public void A_random_search_trains_each_in_full()
    {
        var result = Run(Options() with { Reduction = null, Trials = 3, Epochs = 1 });
        Assert.Equal(3, _trained.Count);
        Assert.Equal(result.Trials.Select(trial => trial.Longest!.Metric).OrderDescending(), result.Trials.Select(trial => trial.Longest!.Metric));
    }

    [Fact]
    public void A_search_that_is_broken_off_goes_on_and_ends_as_if_it_had_not_been()
    {
        var whole = Run(Options()).Trials.Select(Figures).ToList();
        _trained.Clear();

        using var stop = new CancellationTokenSource();
        var broken = Options() with { Folder = _folder.PathOf("broken") };
        var watch = Watch(_ =>
        {
            if (_trained.Count == 3)
                stop.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() => Run(broken with { CancellationToken = stop.Token, Watch = watch }));
        Assert.Equal(3, _trained.Count);
        _trained.Clear();

        var resumed = Run(broken);
        // The third of seven was under way.
        Assert.Equal(5, _trained.Count);
        Assert.Equal(whole, resumed.Trials.Select(Figures));
        _trained.Clear();
        Assert.Equal(whole, Run(broken).Trials.Select(Figures));
        Assert.Empty(_trained);
    }

    [Fact]
    public void More_trials_and_a_table_that_says_what_was_tried()
    {
        Run(Options() with { Trials = 1, Epochs = 1 });
        var result = Run(Options() with { Trials = 2, Epochs = 1 });
        Assert.Equal(2, _trained.Count);
        var table = File.ReadAllLines(result.TablePath).Select(line => line.Split(',')).ToList();
        Assert.Equal(["trial", "learning rate", "batch size", "epochs", "validation accuracy", "validation loss", "seconds"], table[0]);
        foreach (var row in table.Skip(1))
        {
            using var model = ModelFile.Load(new MLContext(), Path.Combine(Trial.FolderOf(result.Folder, int.Parse(row[0], System.Globalization.CultureInfo.InvariantCulture)), Trial.ModelFile));
            Assert.Equal(row[1], model.Network.Model.Training.Options!["LearningRate"]!.GetValue<double>().ToString("G3", System.Globalization.CultureInfo.InvariantCulture));
            Assert.Equal(row[2], $"{model.Network.Model.Training.Options!["BatchSize"]}");
        }
    }

    [Fact]
    public void A_trial_that_diverges_is_the_last_and_does_not_end_the_search()
    {
        var space = _space with { Dimensions = [new ChoiceDimension<SoftmaxRegression.Options, double>("learning rate", [1e38, 0.1], (options, value) => options with { LearningRate = value })] };
        var result = Run(Options() with { Trials = 6, Epochs = 1, Reduction = null }, space);
        var diverged = result.Trials.Select(trial => trial.Longest!.Diverged).ToList();
        Assert.Contains(true, diverged);
        Assert.Contains(false, diverged);
        Assert.Equal(diverged.Order(), diverged);
        Assert.All(result.Trials, trial => Assert.Equal(trial.Values["learning rate"] == "1E+38", trial.Longest!.Diverged));
    }

    [Fact]
    public void Another_search_in_the_same_folder_is_refused_by_what_differs()
    {
        Run(Options() with { Trials = 1, Epochs = 1 });
        var message = Assert.Throws<InvalidDataException>(() => Run(Options() with { Trials = 1, Epochs = 1, ValidationFraction = 0.2 })).Message;
        Assert.Contains("trial-001", message, StringComparison.Ordinal);
        Assert.Contains("its ValidationFraction is 0.25, and here it is 0.2", message, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(Trial.FolderOf(_folder.PathOf("search"), 1), "trial.json"), "{");
        Assert.Contains("is no trial that can be read", Assert.Throws<InvalidDataException>(() => Run(Options() with { Trials = 1 })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(9, 9, 3, new[] { 1, 3, 9 })]
    [InlineData(8, 9, 3, new[] { 3, 9 })]
    [InlineData(100, 2, 2, new[] { 1, 2 })]
    [InlineData(1, 5, 3, new[] { 5 })]
    public void Rounds_have_as_many_trials_as_they_leave_out(int trials, int epochs, int reduction, int[] rounds) =>
        Assert.Equal(rounds, (Options() with { Trials = trials, Epochs = epochs, Reduction = reduction }).Rounds);

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        Assert.Contains("Trials is 0", Assert.Throws<ArgumentOutOfRangeException>(() => Run(Options() with { Trials = 0 })).Message, StringComparison.Ordinal);
        Assert.Contains("Reduction is 1", Assert.Throws<ArgumentOutOfRangeException>(() => Run(Options() with { Reduction = 1 })).Message, StringComparison.Ordinal);
        Assert.Contains("'batch size'", Assert.Throws<ArgumentException>(() => Run(Options(), _space with { Dimensions = [_space.Dimensions[1], _space.Dimensions[1]] })).Message, StringComparison.Ordinal);
        Assert.Contains("learning rate.Low is 0", Assert.Throws<ArgumentOutOfRangeException>(() => Run(Options(), _space with { Dimensions = [(NumberDimension<SoftmaxRegression.Options>)_space.Dimensions[0] with { Low = 0 }] })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Draws_stay_within_their_ranges_and_depend_on_seed_and_number_alone()
    {
        var drawn = Enumerable.Range(1, 300).Select(number => _space.Draw(5, number)).ToList();
        Assert.All(drawn, trial => Assert.InRange(trial.Options.LearningRate, 1e-4, 1));
        Assert.Equal([50, 100], drawn.Select(trial => trial.Options.BatchSize).Distinct().Order());
        // Even in the logarithm: a quarter in each of four decades, within four standard deviations.
        var decades = drawn.CountBy(trial => (int)Math.Floor(Math.Log10(trial.Options.LearningRate))).Where(decade => decade.Key < 0).ToList();
        Assert.All(decades, decade => Assert.InRange(decade.Value, 45, 105));
        Assert.Equal(_space.Draw(5, 7).Options.LearningRate, drawn[6].Options.LearningRate);
        Assert.NotEqual(_space.Draw(6, 7).Options.LearningRate, drawn[6].Options.LearningRate);
    }

    private static (int Number, int Epochs, double? Metric, double? Loss) Figures(Trial trial) => (trial.Number, trial.Longest!.Epochs, trial.Longest.Metric, trial.Longest.Loss);

    private TuningOptions Options() => new() { Folder = _folder.PathOf("search"), Trials = 4, Epochs = 4, Reduction = 2, ValidationFraction = 0.25, Seed = 3 };

    private TuningResult Run(TuningOptions options, SearchSpace<SoftmaxRegression.Options>? space = null)
    {
        var ml = new MLContext(seed: 1);
        return new Tuner<SoftmaxRegression.Options>(ml, space ?? _space, options.Watch is null ? options with { Watch = Watch(_ => { }) } : options, trial => DigitPipeline.Create(ml, trial)).Run(ml.Data.TakeRows(ml.Data.LoadMnist().Train, 800));
    }

    /// <summary>Notes each training once, by its name, and passes on every step.</summary>
    private Func<string, IProgress<TrainingProgress>> Watch(Action<TrainingProgress> step) => name =>
    {
        _trained.Add(name);
        return new Steps(step);
    };

    private sealed class Steps(Action<TrainingProgress> step) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => step(value);
    }
}
