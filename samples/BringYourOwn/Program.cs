using Microsoft.ML;
using Sconce.Trainers;
using static TorchSharp.torch;

// A network of this program's own as an ML.NET trainer. BringYourOwn MODEL trains it on some of MNIST, saves it as MODEL, loads
// that and evaluates it on digits that it has not seen; where MODEL is there already it is only evaluated.
var ml = new MLContext(seed: 1);
var (train, test) = ml.Data.LoadMnist();
if (!File.Exists(args[0]))
{
    var trainer = ml.MulticlassClassification.Trainers.Torch<DigitModule>(
        new()
        {
            FeatureColumnName = "Image",
            NumberOfEpochs = 3,
            Optimizer = new AdamW(),
            LearningRate = 5e-3,
            Schedule = new OneCycleSchedule(),
            Loss = new CrossEntropy { LabelSmoothing = 0.05 },
        },
        new DigitSettings(Filters: 8, Dropout: 0.2));
    var pipeline = ml.Transforms.Conversion.MapValueToKey("Label").Append(trainer);
    var model = pipeline.Fit(ml.Data.TakeRows(train, 5_000));
    ml.Model.Save(model, train.Schema, args[0]);
}

var loaded = ml.Model.Load(args[0], out _);
var metrics = ml.MulticlassClassification.Evaluate(loaded.Transform(ml.Data.TakeRows(test, 2_000)));
Console.WriteLine($"accuracy {metrics.MicroAccuracy:F4}, log-loss {metrics.LogLoss:F4}");

/// <summary>What the module is made with: it is saved with the model.</summary>
internal sealed record DigitSettings(int Filters, double Dropout);

/// <summary>Two convolutions and a dense layer, as one would write them with TorchSharp alone.</summary>
internal sealed class DigitModule : nn.Module<Tensor, Tensor>
{
    private readonly nn.Module<Tensor, Tensor> _layers;

    public DigitModule(DigitSettings settings, int outputs)
        : base(nameof(DigitModule))
    {
        var filters = settings.Filters;
        _layers = nn.Sequential(
            nn.Conv2d(1, filters, 5, padding: 2), nn.BatchNorm2d(filters), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(filters, 2 * filters, 5, padding: 2), nn.BatchNorm2d(2 * filters), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Dropout(settings.Dropout), nn.Linear(2 * filters * 7 * 7, outputs));
        register_module("layers", _layers);
    }

    /// <summary>Reads [rows, 28, 28], shares of 255; gives a logit for each class.</summary>
    public override Tensor forward(Tensor input) => _layers.call(input.unsqueeze(1));
}
