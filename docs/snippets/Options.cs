using Microsoft.ML;
using Sconce.Trainers;

var ml = new MLContext(seed: 1);
var (train, test) = ml.Data.LoadMnist();
using var stop = new CancellationTokenSource();

#region options
var progress = new Progress<TrainingProgress>(p => Console.WriteLine($"{p.Step}/{p.TotalSteps}  loss {p.Loss:F4}"));
var trainer = ml.MulticlassClassification.Trainers.ConvolutionalNetwork(new ConvolutionalNetwork.Options
{
    FeatureColumnName = "Image",
    Network = new() { Convolutions = [new(32), new(64)], DenseLayerSizes = [128], Dropout = 0.4 },
    Optimizer = new AdamW { WeightDecay = 0.05 },
    LearningRate = 5e-3,
    Schedule = new OneCycleSchedule(),
    BatchSize = 256,
    NumberOfEpochs = 5,
    Progress = progress,
    CancellationToken = stop.Token,
});
#endregion

#region preset
var preset = ConvolutionalNetwork.Options.Classic with { FeatureColumnName = "Image", NumberOfSteps = 20 };
#endregion

var model = ml.Transforms.Conversion.MapValueToKey("Label").Append(trainer).Fit(train);
Console.WriteLine(ml.MulticlassClassification.Evaluate(model.Transform(test)).MicroAccuracy);
ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.ConvolutionalNetwork(preset)).Fit(ml.Data.TakeRows(train, 100));
