using Microsoft.ML;
using Sconce.Trainers;
using static TorchSharp.torch;

var ml = new MLContext(seed: 1);
var (train, test) = ml.Data.LoadMnist();

#region fit
// net = NeuralNetClassifier(MyModule, module__hidden=64, max_epochs=5, lr=0.1, optimizer=torch.optim.SGD, batch_size=128)
// net.fit(x, y)
var net = ml.MulticlassClassification.Trainers.Torch<MyModule>(
    new() { FeatureColumnName = "Image", NumberOfEpochs = 5, LearningRate = 0.1, Optimizer = new Sgd(), BatchSize = 128 },
    new MySettings(Hidden: 64));
var model = ml.Transforms.Conversion.MapValueToKey("Label").Append(net).Fit(train);
#endregion

Console.WriteLine(ml.MulticlassClassification.Evaluate(model.Transform(test)).MicroAccuracy);

#region module
internal sealed record MySettings(int Hidden);

internal sealed class MyModule : nn.Module<Tensor, Tensor>
{
    private readonly nn.Module<Tensor, Tensor> _layers;

    public MyModule(MySettings settings, int outputs)
        : base(nameof(MyModule))
    {
        _layers = nn.Sequential(nn.Flatten(), nn.Linear(784, settings.Hidden), nn.ReLU(), nn.Linear(settings.Hidden, outputs));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => _layers.call(input);
}
#endregion
