using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Sconce.Pipelines.Tuning;
using Sconce.Trainers;
using Sconce.Trainers.Model;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Training;

namespace Sconce.Pipelines;

/// <summary>Searches for the options with the best result on held-out rows, by random search or successive halving.</summary>
/// <typeparam name="TOptions">The trainer's options.</typeparam>
/// <param name="ml">The context to train with.</param>
/// <param name="space">The search space.</param>
/// <param name="options">The options of the search.</param>
/// <param name="createPipeline">Creates the pipeline of a trial; trials are compared by its last network.</param>
/// <example>
/// <code>
/// var tuner = new Tuner&lt;ConvolutionalNetwork.Options&gt;(ml, SearchSpaces.ConvolutionalNetwork, new() { Folder = "models/runs/cnn-tune" }, options => DigitPipeline.Create(ml, options));
/// var best = tuner.Run(train).Trials[0];
/// </code>
/// </example>
public sealed class Tuner<TOptions>(MLContext ml, SearchSpace<TOptions> space, TuningOptions options, Func<TOptions, IEstimator<ITransformer>> createPipeline)
    where TOptions : TrainingOptions
{
    /// <summary>Runs the search, and resumes it if it was interrupted.</summary>
    /// <param name="train">The training data.</param>
    /// <returns>The trials, the best first.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="InvalidDataException">The folder holds another search, or the data cannot be trained on.</exception>
    /// <exception cref="OperationCanceledException">The search was canceled.</exception>
    public TuningResult Run(IDataView train)
    {
        options.Validate();
        space.Validate();
        train = RereadRows.Of(train, "The training data");
        var data = DataFingerprint.Of(train, options.CancellationToken);
        var trials = Enumerable.Range(1, options.Trials).Select(number => Prepare(number, data)).ToDictionary(trial => trial.Number);
        var rounds = options.Rounds(space.Start.NumberOfEpochs);
        IReadOnlyList<int> running = [.. trials.Keys];
        foreach (var (round, epochs) in rounds.Index())
        {
            if (round > 0)
                running = Survivors(running.Select(number => trials[number]), rounds[round - 1]);
            foreach (var number in running.Order())
            {
                trials[number] = trials[number].ResultOf(epochs) is null ? Train(trials[number], epochs, train) : trials[number];
                Result().SaveTable();
            }
        }

        return Result();

        TuningResult Result() => TuningResult.Of(options.Folder, [.. trials.Values.Select(trial => trial.Within(rounds))]);
    }

    /// <summary>The best trials of a round, without those that diverged.</summary>
    private IReadOnlyList<int> Survivors(IEnumerable<Trial> trials, int epochs)
    {
        var ranked = TuningResult.Ranked(trials, trial => trial.ResultOf(epochs)).ToList();
        return [.. ranked.Take(Math.Max(1, ranked.Count / options.Reduction!.Value)).Where(trial => trial.ResultOf(epochs) is { Diverged: false }).Select(trial => trial.Number)];
    }

    private Trial Prepare(int number, (string Hash, long Rows) data)
    {
        var (drawn, values) = space.Draw(options.Seed, number);
        return new Trial(number, values, Settings(drawn, values, data)).Continue(options.Folder);
    }

    private Dictionary<string, string> Settings(TOptions drawn, IReadOnlyDictionary<string, string> values, (string Hash, long Rows) data)
    {
        var settings = new Dictionary<string, string>(values)
        {
            ["trainer"] = typeof(TOptions).FullName!,
            ["number of training rows"] = data.Rows.ToString(CultureInfo.InvariantCulture),
            ["hash of the training data"] = data.Hash,
        };
        foreach (var (name, value) in OptionSettings.Flatten("", JsonSerializer.SerializeToNode(Complete(drawn, FullEpochs), drawn.GetType(), RecordJson.Options)))
            settings[name] = value;
        // A trial is trained for several numbers of epochs.
        settings.Remove(nameof(TrainingOptions.NumberOfEpochs));
        return settings;
    }

    private int FullEpochs => options.Epochs ?? space.Start.NumberOfEpochs;

    /// <summary>The share of the recipe's minimum number of steps, without which a small table would be learned in a few; 0 if the user has set the epochs.</summary>
    private int LeastSteps(int epochs) => options.Epochs is null ? (int)Math.Ceiling((double)space.Start.MinimumNumberOfSteps * epochs / FullEpochs) : 0;

    /// <summary>A trial's options, except for those that say where it is kept.</summary>
    private TOptions Complete(TOptions drawn, int epochs) => drawn with
    {
        NumberOfEpochs = epochs,
        MinimumNumberOfSteps = LeastSteps(epochs),
        NumberOfSteps = null,
        Seed = options.Seed,
        ValidationSet = null,
        ValidationFraction = options.ValidationFraction,
    };

    private Trial Train(Trial trial, int epochs, IDataView train)
    {
        options.CancellationToken.ThrowIfCancellationRequested();
        var folder = Trial.RunOf(options.Folder, trial.Number, epochs);
        trial.Save(options.Folder);
        var configured = Complete(space.Draw(options.Seed, trial.Number).Options, epochs) with
        {
            RunFolder = folder,
            // The folder can only hold this training.
            Resume = true,
            CancellationToken = options.CancellationToken,
            Progress = options.Watch?.Invoke($"trial {trial.Number}, {epochs} {(epochs == 1 ? "epoch" : "epochs")}"),
        };

        TrialResult result;
        try
        {
            var model = createPipeline(configured).Fit(train);
            using (model as IDisposable)
            {
                ml.Model.SaveAtomically(model, train.Schema, Path.Combine(folder, Trial.ModelFile));
                result = TrialResult.Of(epochs, PipelineSteps.Network(model));
            }
        }
        catch (TrainingDivergedException diverged)
        {
            using (diverged.LastGood as IDisposable)
                result = TrialResult.Divergence(epochs, diverged.LastGood is { } lastGood ? PipelineSteps.Network(lastGood).Training.Seconds : 0);
        }

        trial = trial.With(result);
        trial.Save(options.Folder);
        return trial;
    }
}
