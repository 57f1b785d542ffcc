using Microsoft.ML;
using Sconce.Host.Display;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary>Fits a pipeline before the user's eyes and saves it.</summary>
internal static class Trained
{
    public static TrainingRecord Fit(
        Terminal terminal, MLContext ml, string name, Func<IProgress<TrainingProgress>, IEstimator<ITransformer>> createPipeline, IDataView train, string path)
    {
        var model = TrainingDisplay.Run(terminal, name, progress => createPipeline(progress).Fit(train));
        using (model as IDisposable)
        {
            ml.Model.SaveAtomically(model, train.Schema, path);
            return PipelineSteps.Of(model).OfType<TorchTransformer>().Last().Model.Training;
        }
    }
}
