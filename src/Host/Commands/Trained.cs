using Microsoft.ML;
using Sconce.Host.Display;
using Sconce.Trainers;
using Sconce.Trainers.Model;

namespace Sconce.Host.Commands;

/// <summary>Fits a pipeline before the user's eyes and saves it.</summary>
internal static class Trained
{
    public static TrainingRecord Fit(
        Terminal terminal, MLContext ml, string name, Func<IProgress<TrainingProgress>, IEstimator<ITransformer>> createPipeline, IDataView train, string path, int? reportEvery = null)
    {
        terminal.Follow(ml);
        var model = TrainingDisplay.Run(terminal, name, reportEvery, progress => FitOrKeepGood(ml, createPipeline(progress), train, path));
        using (model as IDisposable)
        {
            ml.Model.SaveAtomically(model, train.Schema, path);
            var training = PipelineSteps.Network(model).Training;
            if (training.StopReason is { } reason)
                terminal.Line($"{name}: stopped after step {training.Steps:N0}: {reason}");
            return training;
        }
    }

    /// <summary>Fits; of a training that diverges, what was good is saved beside where the model would have been.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="pipeline">What is fitted.</param>
    /// <param name="train">What it is fitted on.</param>
    /// <param name="path">The file of the model, were it good.</param>
    /// <exception cref="InvalidOperationException">The training diverged; the message names the file of what was good, if anything was.</exception>
    public static TTransformer FitOrKeepGood<TTransformer>(MLContext ml, IEstimator<TTransformer> pipeline, IDataView train, string path)
        where TTransformer : class, ITransformer
    {
        try
        {
            return pipeline.Fit(train);
        }
        catch (TrainingDivergedException diverged) when (diverged.LastGood is { } lastGood)
        {
            using (lastGood as IDisposable)
            {
                var beside = LastGoodPath(path);
                ml.Model.SaveAtomically(lastGood, train.Schema, beside);
                throw new InvalidOperationException($"{diverged.Message} The network as it was after step {PipelineSteps.Network(lastGood).Training.Steps}, the last that was known to be good, was saved as '{beside}'.", diverged);
            }
        }
    }

    /// <summary>A name that no file has yet: what an earlier training has left may be wanted too.</summary>
    private static string LastGoodPath(string path)
    {
        for (var number = 1; ; number++)
        {
            var candidate = Path.ChangeExtension(path, number == 1 ? ".last-good.zip" : $".last-good-{number}.zip");
            if (!File.Exists(candidate))
                return candidate;
        }
    }
}
