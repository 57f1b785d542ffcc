using Microsoft.ML;
using Sconce.Host.Display;
using Sconce.Trainers;
using Sconce.Trainers.Model;

namespace Sconce.Host.Commands;

/// <summary>Fits a pipeline, shows its progress, and saves it.</summary>
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

    /// <summary>Fits the pipeline. If the training diverges, the last good network is saved beside the model's path.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="pipeline">The pipeline to fit.</param>
    /// <param name="train">The training data.</param>
    /// <param name="path">The path of the model.</param>
    /// <exception cref="InvalidOperationException">
    /// The training diverged; the message names the file of the last good network, if there was one.
    /// </exception>
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
                throw new InvalidOperationException($"{diverged.Message} The last good network, after step {PipelineSteps.Network(lastGood).Training.Steps}, was saved as '{beside}'.", diverged);
            }
        }
    }

    /// <summary>A name that no file has yet, so that the file of an earlier training is kept.</summary>
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
