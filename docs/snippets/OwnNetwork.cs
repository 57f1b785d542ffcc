#region train
using Microsoft.ML;
using Sconce.Trainers;
using static TorchSharp.torch;

var ml = new MLContext(seed: 1);
var (train, test) = ml.Data.LoadMnist();

var trainer = ml.MulticlassClassification.Trainers.Torch<DigitModule>(
    new() { FeatureColumnName = "Image", NumberOfEpochs = 3, Optimizer = new AdamW() },
    new DigitSettings(Filters: 8, Dropout: 0.2));

var model = ml.Transforms.Conversion.MapValueToKey("Label").Append(trainer).Fit(train);
ml.Model.Save(model, train.Schema, "own.zip");  // the type's name, the settings and the weights
Console.WriteLine(ml.MulticlassClassification.Evaluate(model.Transform(test)).MicroAccuracy);
#endregion

#region record
var perceptron = ml.MulticlassClassification.Trainers.Torch(
    new TwoLayers { Width = 32 },
    new() { FeatureColumnName = "Image", NumberOfEpochs = 3, Loss = new PolyLoss(Epsilon: 1) });
#endregion

Console.WriteLine(ml.Transforms.Conversion.MapValueToKey("Label").Append(perceptron).Fit(train).LastTransformer.Model.NumberOfParameters);
var residual = ml.MulticlassClassification.Trainers.Torch<ResidualModule>(new() { FeatureColumnName = "Image", NumberOfEpochs = 1 });
ml.Model.ExportToOnnx(ml.Transforms.Conversion.MapValueToKey("Label").Append(residual).Fit(train), train.Schema, "residual.onnx");

#region module
/// <summary>What the module is made from; saved with the model.</summary>
internal sealed record DigitSettings(int Filters, double Dropout);

/// <summary>A module as one would write it with TorchSharp alone.</summary>
internal sealed class DigitModule : nn.Module<Tensor, Tensor>
{
    private readonly nn.Module<Tensor, Tensor> _layers;

    public DigitModule(DigitSettings settings, int outputs)
        : base(nameof(DigitModule))
    {
        _layers = nn.Sequential(
            nn.Conv2d(1, settings.Filters, 5, padding: 2), nn.ReLU(), nn.MaxPool2d(4),
            nn.Flatten(), nn.Dropout(settings.Dropout), nn.Linear(settings.Filters * 7 * 7, outputs));
        register_module("layers", _layers);
    }

    /// <summary>Reads [rows, 28, 28] in [0, 1] and gives a logit for each class.</summary>
    public override Tensor forward(Tensor input) => _layers.call(input.unsqueeze(1));
}
#endregion

#region network
internal sealed record TwoLayers : Network
{
    public int Width { get; init; } = 64;

    public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random) =>
        nn.Sequential(
            nn.Flatten(), nn.Linear(inputShape.Aggregate((product, size) => product * size), Width), nn.ReLU(),
            nn.Linear(Width, outputSize));
}
#endregion

#region loss
internal sealed record PolyLoss(double Epsilon) : Loss
{
    public override Tensor Evaluate(Tensor output, Tensor target)
    {
        var losses = nn.functional.cross_entropy(output, target, reduction: nn.Reduction.None);
        return (losses + (Epsilon * (1 - (-losses).exp()))).mean();
    }
}
#endregion

#region export
internal sealed class ResidualModule : nn.Module<Tensor, Tensor>, IOnnxLayer
{
    private readonly nn.Module<Tensor, Tensor> _flatten = nn.Flatten();
    private readonly nn.Module<Tensor, Tensor> _inner = nn.Linear(784, 784);
    private readonly nn.Module<Tensor, Tensor> _output;

    public ResidualModule(int outputs)
        : base(nameof(ResidualModule))
    {
        _output = nn.Linear(784, outputs);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        var pixels = _flatten.call(input);
        return _output.call(pixels + _inner.call(pixels).relu());
    }

    public OnnxValue Export(OnnxGraph graph, OnnxValue input)
    {
        var pixels = graph.Export(_flatten, input);
        return graph.Export(_output, graph.Add("Add", [pixels, graph.Add("Relu", [graph.Export(_inner, pixels)])]));
    }
}
#endregion
