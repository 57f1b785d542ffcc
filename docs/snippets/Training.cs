#region train
using Microsoft.ML;
using Sconce.Trainers;

var ml = new MLContext(seed: 1);
var (train, test) = ml.Data.LoadMnist();

var trainer = ml.MulticlassClassification.Trainers.ConvolutionalNetwork(new ConvolutionalNetwork.Options
{
    FeatureColumnName = "Image",
    NumberOfEpochs = 3,
    ValidationFraction = 0.1,                // or ValidationSet, a data view
    EarlyStopping = new() { Patience = 5 },  // on the validation loss; the best weights are restored
    Schedule = new WarmUpSchedule { Then = new CosineSchedule() },
    WeightAveraging = new() { Decay = 0.999 },
    RunFolder = "models/runs/mine",          // record, metrics, TensorBoard files, checkpoints
    Checkpoints = new() { EveryMinutes = 1, Keep = 3 },
    Resume = true,                           // continue where a killed run stopped
    Callbacks = [new StopWhenGood(0.995)],
});
var model = ml.Transforms.Conversion.MapValueToKey("Label").Append(trainer).Fit(train);
Console.WriteLine(ml.MulticlassClassification.Evaluate(model.Transform(test)).MicroAccuracy);
#endregion

#region finetune
var keys = ml.Transforms.Conversion.MapValueToKey("Label").Fit(train);
var tuner = ml.MulticlassClassification.Trainers.ConvolutionalNetwork(new ConvolutionalNetwork.Options
{
    FeatureColumnName = "Image",
    NumberOfEpochs = 1,
    FrozenParameters = ["convolution*"],                    // leave these weights as they are
});
var tuned = tuner.Fit(keys.Transform(train), model.LastTransformer);
#endregion

#region weights
var balanced = new ConvolutionalNetwork.Options { FeatureColumnName = "Image", ClassWeights = ClassWeights.Balanced };
#endregion

#region measure
var stopping = new EarlyStopping
{
    Measure = ValidationMeasure.Of("macro accuracy", scored => ml.MulticlassClassification.Evaluate(scored).MacroAccuracy, isHigherBetter: true),
};
#endregion

Console.WriteLine($"{tuned.Model.NumberOfParameters} {balanced.ClassWeights} {stopping.Patience}");

#region callback
internal sealed class StopWhenGood(double accuracy) : TrainingCallback
{
    public override void Validated(ValidationSummary summary, TrainingSession session)
    {
        if (summary.Metric >= accuracy)
            session.Stop($"the validation accuracy is {summary.Metric:P2}");
    }
}
#endregion
