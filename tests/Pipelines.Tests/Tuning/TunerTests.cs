using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Pipelines.Tutorials.Dates;
using Sconce.Tests;
using Sconce.Trainers;
using Sconce.Trainers.Training;

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
        Assert.Equal([1, 2, 4], Options().Rounds(4));
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
        Assert.Equal(4, ReportRun.FromFolder(result.BestRun).Training.History.Count);
    }

    [Fact]
    public void A_random_search_trains_each_in_full()
    {
        var result = Run(Options() with { Reduction = null, Trials = 3, Epochs = 1 });
        Assert.Equal(3, _trained.Count);
        Assert.Equal(result.Trials.Select(trial => trial.Longest!.Metric).OrderDescending(), result.Trials.Select(trial => trial.Longest!.Metric));
    }

    [Fact]
    public void Without_epochs_trials_take_the_recipe_s_and_their_share_of_its_least_steps()
    {
        var space = _space with { Start = new() { NumberOfSteps = null, NumberOfEpochs = 2, MinimumNumberOfSteps = 41 } };
        HashSet<(int, int)> lengths = [];
        var result = Run(Options() with { Epochs = null, Trials = 2 }, space, change: Note);
        Assert.Equal([(1, 21), (2, 41)], lengths.Order());
        // The full training of 600 rows takes no fewer than its least steps.
        using (var model = ModelFile.Load(new MLContext(), result.BestModel))
            Assert.InRange(model.Network.Model.Training.Steps, 41, 60);
        lengths.Clear();
        Run(Options() with { Epochs = 2, Trials = 2, Folder = _folder.PathOf("other") }, space, change: Note);
        Assert.Equal([(1, 0), (2, 0)], lengths.Order());

        SoftmaxRegression.Options Note(SoftmaxRegression.Options trial)
        {
            lengths.Add((trial.NumberOfEpochs, trial.MinimumNumberOfSteps));
            return trial;
        }
    }

    [Fact]
    public void A_table_s_network_is_searched_by_its_own_space()
    {
        Assert.Same(SearchSpaces.TabularNetwork, SearchSpaces.Of<TabularNetwork, TabularNetwork.Options>());
        for (var number = 1; number <= 20; number++)
        {
            var (options, values) = SearchSpaces.TabularNetwork.Draw(1, number);
            options.Validate();
            Assert.Equal(8, values.Count);
        }
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
    public void One_that_ends_just_before_a_round_s_training_goes_on()
    {
        var whole = Run(Options()).Trials.Select(Figures).ToList();
        _trained.Clear();
        var broken = Options() with { Folder = _folder.PathOf("broken") };
        Assert.Throws<NotSupportedException>(() => Run(broken with
        {
            Watch = name =>
            {
                _trained.Add(name);
                return _trained.Count < 5 ? new Steps(_ => { }) : throw new NotSupportedException("the power is gone");
            },
        }));
        _trained.Clear();
        Assert.Equal(whole, Run(broken).Trials.Select(Figures));
        Assert.Equal(3, _trained.Count);
    }

    [Fact]
    public void One_that_is_broken_off_and_gone_on_with_in_another_way_loses_nothing()
    {
        var whole = Run(Options()).Trials.Select(Figures).ToList();
        using var stop = new CancellationTokenSource();
        var broken = Options() with { Folder = _folder.PathOf("broken") };
        var reached = 0;
        Assert.ThrowsAny<OperationCanceledException>(() => Run(broken with
        {
            CancellationToken = stop.Token,
            Watch = Watch(progress =>
            {
                if ((reached = progress.Step) == 4)
                    stop.Cancel();
            }),
        }));
        Assert.Equal(4, reached);

        // Another length, and another way to search.
        var random = Run(broken with { Trials = 2, Epochs = 3, Reduction = null });
        Assert.Equal([3, 3], random.Trials.Select(trial => trial.Longest!.Epochs));

        var first = 0;
        var resumed = Run(broken with { Watch = Watch(progress => first = first == 0 ? progress.Step : first) });
        Assert.Equal(5, first);
        Assert.Equal(whole, resumed.Trials.Select(Figures));
    }

    [Fact]
    public void A_longer_search_ranks_each_round_by_itself_and_keeps_the_models_of_the_earlier_one()
    {
        Assert.Equal([2, 4], (Options() with { Trials = 2 }).Rounds(4));
        var shorter = Run(Options() with { Trials = 2 });
        Assert.Equal([4, 2], shorter.Trials.Select(trial => trial.Longest!.Epochs));
        var longer = Run(Options());
        var first = longer.Trials.OrderByDescending(trial => trial.ResultOf(1)!.Metric).ThenBy(trial => trial.ResultOf(1)!.Loss).ToList();
        // The two best of the first round are in the second, whatever the earlier search has of the others.
        Assert.All(first.Take(2), trial => Assert.NotNull(trial.ResultOf(2)));
        Assert.All(first.Skip(2).Where(trial => trial.Number > 2), trial => Assert.Null(trial.ResultOf(2)));
        AssertBestIsTheBestOf(longer, 4);
    }

    [Fact]
    public void Halving_after_a_random_search_gives_the_best_that_was_trained_in_full()
    {
        var random = Run(Options() with { Epochs = 2, Reduction = null });
        var halving = Run(Options() with { Epochs = 2 });
        Assert.All(halving.Trials, trial => Assert.Equal([1, 2], trial.Results.Select(result => result.Epochs)));
        Assert.Equal(random.Trials.Select(Figures), halving.Trials.Select(Figures));
        AssertBestIsTheBestOf(halving, 2);
    }

    [Fact]
    public void A_shorter_search_is_about_its_own_length()
    {
        Run(Options() with { Trials = 2, Reduction = null, Epochs = 2 });
        var result = Run(Options() with { Trials = 2, Reduction = null, Epochs = 1 });
        Assert.All(result.Trials, trial => Assert.Equal([1], trial.Results.Select(each => each.Epochs)));
        AssertBestIsTheBestOf(result, 1);
        _trained.Clear();
        Run(Options() with { Trials = 2, Reduction = null, Epochs = 2 });
        Assert.Empty(_trained);
    }

    [Fact]
    public void Where_the_last_to_go_on_diverges_the_best_of_the_others_is_the_result()
    {
        var result = Run(Options(), change: options => options.NumberOfEpochs == 4 ? options with { LearningRate = 1e38 } : options);
        Assert.Equal([2, 1, 1, 4], result.Trials.Select(trial => trial.Longest!.Epochs));
        Assert.Equal([false, false, false, true], result.Trials.Select(trial => trial.Longest!.Diverged));
        AssertBestIsTheBestOf(result, 2);
    }

    [Fact]
    public void What_diverges_does_not_go_on()
    {
        var result = Run(Options(), change: options => options with { LearningRate = 1e38 });
        Assert.All(result.Trials, trial => Assert.Equal((1, true), (trial.Longest!.Epochs, trial.Longest.Diverged)));
        Assert.Equal(4, _trained.Count);
    }

    [Fact]
    public void A_loss_that_is_not_finite_on_the_validation_rows_counts_as_a_divergence()
    {
        var ml = new MLContext(seed: 1);
        var options = Options() with { Trials = 2, Epochs = 1 };
        var points = Enumerable.Range(0, 200).Select(i => new Point { Features = [i, i % 3], Label = (uint)(i % 3) }).ToList();
        var (_, heldOut) = HeldOutRows.Split(ml.Data.LoadFromEnumerable(points), new SoftmaxRegression.Options { ValidationFraction = options.ValidationFraction }, inOrder: false, new SeedSequence(options.Seed).Validation);
        foreach (var point in ml.Data.CreateEnumerable<Point>(heldOut, reuseRowObject: false).ToList())
            points[(int)point.Features[0]].Features = [float.MaxValue, -float.MaxValue];
        foreach (var point in points.Where(point => float.IsFinite(point.Features[0] * 2)))
            point.Features[0] = 0;

        var tuner = new Tuner<SoftmaxRegression.Options>(ml, _space with { Start = _space.Start with { Optimizer = new Sgd() } }, options, trial => ml.MulticlassClassification.Trainers.SoftmaxRegression(trial with { LearningRate = 10 }));
        var result = tuner.Run(ml.Data.LoadFromEnumerable(points));
        Assert.All(result.Trials, trial =>
        {
            Assert.True(trial.Longest!.Diverged);
            // The training itself went to its end.
            Assert.Equal(RunStatus.Finished, RunFolder.Read(Trial.RunOf(result.Folder, trial.Number, 1)).Info.Status);
        });
        Assert.Equal(result.Trials.Select(Figures), tuner.Run(ml.Data.LoadFromEnumerable(points)).Trials.Select(Figures));
    }

    [Fact]
    public void Of_exact_matches_the_more_is_the_better()
    {
        var ml = new MLContext(seed: 1);
        var years = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 100).Select(year => new DateExample { Date = $"19{year:D2}", IsoDate = $"{year:D2}" }));
        var space = new SearchSpace<EncoderDecoder.Options>(
            new() { Network = new() { Layers = new() { Cell = RecurrentCell.Gru, HiddenSize = 16 }, EmbeddingSize = 8 }, BatchSize = 25 },
            [new ChoiceDimension<EncoderDecoder.Options, double>("learning rate", [1e-6, 2e-2], (options, value) => options with { LearningRate = value })]);
        Assert.Equal(["0.02", "1E-06"], Enumerable.Range(1, 2).Select(number => space.Draw(Options().Seed, number).Values["learning rate"]).Order());
        var result = new Tuner<EncoderDecoder.Options>(ml, space, Options() with { Trials = 2, Epochs = 60, Reduction = null }, options => DatePipeline.Create(ml, options)).Run(years);
        Assert.Equal("exact match", result.Metric);
        Assert.Equal(["0.02", "1E-06"], result.Trials.Select(trial => trial.Values["learning rate"]));
        Assert.True(result.Trials[0].Longest!.Metric > result.Trials[1].Longest!.Metric, "the one that learns has to have more matches");
    }

    [Fact]
    public void With_early_stopping_the_result_is_that_of_the_weights_that_are_kept()
    {
        var space = _space with
        {
            Start = _space.Start with { EarlyStopping = new() { Patience = 100 } },
            // So large that the loss rises now and then.
            Dimensions = [new NumberDimension<SoftmaxRegression.Options>("learning rate", 1, 5, (options, value) => options with { LearningRate = value })],
        };
        var result = Run(Options() with { Reduction = null, Epochs = 6 }, space);
        var bestIsLast = new List<bool>();
        foreach (var trial in result.Trials)
        {
            using var model = ModelFile.Load(new MLContext(), Path.Combine(Trial.RunOf(result.Folder, trial.Number, 6), Trial.ModelFile));
            var training = model.Network.Model.Training;
            var kept = training.Validation.MinBy(measured => measured.Loss)!;
            Assert.Equal((kept.Step, kept.Loss, kept.Metric), (training.BestStep, trial.Longest!.Loss, trial.Longest.Metric));
            bestIsLast.Add(kept == training.Validation[^1]);
        }

        // Otherwise the last measurement would have done.
        Assert.Contains(false, bestIsLast);
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
            using var model = ModelFile.Load(new MLContext(), Path.Combine(Trial.RunOf(result.Folder, int.Parse(row[0], CultureInfo.InvariantCulture), 1), Trial.ModelFile));
            Assert.Equal(row[1], model.Network.Model.Training.Options!["LearningRate"]!.GetValue<double>().ToString("G3", CultureInfo.InvariantCulture));
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
        Assert.Contains("its ValidationFraction is 0.25, but here it is 0.2", message, StringComparison.Ordinal);
        var ml = new MLContext(seed: 1);
        var other = Assert.Throws<InvalidDataException>(() => Run(Options() with { Trials = 1, Epochs = 1 }, data: ml.Data.TakeRows(ml.Data.SkipRows(ml.Data.LoadMnist().Train, 800), 800))).Message;
        Assert.Matches("trial-001.*its hash of the training data is [0-9a-f]{32}, but here it is [0-9a-f]{32}", other);
        Assert.Contains("its number of training rows is 800, but here it is 799", Assert.Throws<InvalidDataException>(() => Run(Options() with { Trials = 1 }, data: ml.Data.TakeRows(ml.Data.LoadMnist().Train, 799))).Message, StringComparison.Ordinal);
        File.WriteAllText(_folder.PathOf("search/trial-001.json"), "{");
        Assert.Contains("trial-001.json", Assert.Throws<InvalidDataException>(() => Run(Options() with { Trials = 1 })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(9, 9, 3, new[] { 1, 3, 9 })]
    [InlineData(8, 9, 3, new[] { 3, 9 })]
    [InlineData(100, 2, 2, new[] { 1, 2 })]
    [InlineData(1, 5, 3, new[] { 5 })]
    public void Rounds_have_as_many_trials_as_they_leave_out(int trials, int epochs, int reduction, int[] rounds) =>
        Assert.Equal(rounds, (Options() with { Trials = trials, Epochs = epochs, Reduction = reduction }).Rounds(4));

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

    private TuningResult Run(TuningOptions options, SearchSpace<SoftmaxRegression.Options>? space = null, IDataView? data = null, Func<SoftmaxRegression.Options, SoftmaxRegression.Options>? change = null)
    {
        var ml = new MLContext(seed: 1);
        var watched = options.Watch is null ? options with { Watch = Watch(_ => { }) } : options;
        return new Tuner<SoftmaxRegression.Options>(ml, space ?? _space, watched, trial => DigitPipeline.Create(ml, change?.Invoke(trial) ?? trial)).Run(data ?? ml.Data.TakeRows(ml.Data.LoadMnist().Train, 800));
    }

    /// <summary>The best trial is the best of all that were trained so long and did not diverge, and its model is the one of that training.</summary>
    private static void AssertBestIsTheBestOf(TuningResult result, int epochs)
    {
        var best = result.Trials.Select(trial => trial.Longest!).Where(longest => longest.Epochs == epochs && !longest.Diverged).Max(longest => longest.Metric);
        Assert.Equal((epochs, best), (result.Best.Longest!.Epochs, result.Best.Longest.Metric));
        using var model = ModelFile.Load(new MLContext(), result.BestModel);
        Assert.Equal(epochs, model.Network.Model.Training.History.Count);
        Assert.Equal(best, model.Network.Model.Training.Validation[^1].Metric);
    }

    /// <summary>Notes each training once, by its name, and passes on every step.</summary>
    private Func<string, IProgress<TrainingProgress>> Watch(Action<TrainingProgress> step) => name =>
    {
        _trained.Add(name);
        return new Steps(step);
    };

    private sealed class Point
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        [KeyType(3)]
        public uint Label { get; set; }
    }

    private sealed class Steps(Action<TrainingProgress> step) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => step(value);
    }
}
