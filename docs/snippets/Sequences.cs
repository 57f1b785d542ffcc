#region train
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers;

var ml = new MLContext(seed: 1);
var (train, test) = ml.Data.LoadMnist();  // Vector<Byte, 28, 28>: 28 steps of 28 values

var trainer = ml.MulticlassClassification.Trainers.RecurrentNetwork(new RecurrentNetwork.Options
{
    FeatureColumnName = "Image",
    NumberOfEpochs = 2,
    Network = new()
    {
        Layers = new()
        {
            Cell = RecurrentCell.Lstm,  // or Elman, PeepholeLstm, CoupledLstm, Gru
            HiddenSize = 64,
            NumberOfLayers = 2,
            Bidirectional = true,
            Dropout = 0.2,
        },
    },
    GradientClipping = new NormClipping { MaxNorm = 1 },
});
var model = ml.Transforms.Conversion.MapValueToKey("Label").Append(trainer).Fit(train);
Console.WriteLine(ml.MulticlassClassification.Evaluate(model.Transform(test)).MicroAccuracy);
#endregion

#region regression
// Each row is a window of 20 readings of 1 sensor; the label is the reading that follows.
var readings = Enumerable.Range(0, 400).Select(i => MathF.Sin(i / 5f)).ToArray();
var windows = Enumerable.Range(0, 380).Select(i => new Window { Readings = readings[i..(i + 20)], Next = readings[i + 20] });
var data = ml.Data.LoadFromEnumerable(windows);

var regression = ml.Regression.Trainers.RecurrentNetwork(labelColumnName: nameof(Window.Next), featureColumnName: nameof(Window.Readings)).Fit(data);
var errors = ml.Regression.Evaluate(regression.Transform(data), labelColumnName: nameof(Window.Next));
Console.WriteLine($"mean absolute error {errors.MeanAbsoluteError:F3}");
#endregion

#region window
internal sealed class Window
{
    [VectorType(20, 1)]
    public float[] Readings { get; set; } = [];

    public float Next { get; set; }
}
#endregion
