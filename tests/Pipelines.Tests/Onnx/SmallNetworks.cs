using Microsoft.ML;
using Sconce.Pipelines.Tests.Onnx;
using Sconce.Trainers;

[assembly: AssemblyFixture(typeof(SmallNetworks))]

namespace Sconce.Pipelines.Tests.Onnx;

/// <summary>Small networks that are trained for a moment on MNIST, and their ONNX files: made once for all tests.</summary>
public sealed class SmallNetworks : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sconce-onnx-tests-");
    private readonly Lazy<(ITransformer, string)> _classifier;
    private readonly Lazy<(ITransformer, string)> _autoencoder;

    public SmallNetworks()
    {
        (Train, Test) = Ml.Data.LoadMnist();
        Test = Ml.Data.TakeRows(Test, 600);
        _classifier = new(() => Fit("classifier.onnx", DigitPipeline.Create(Ml, new ConvolutionalNetwork.Options
        {
            Network = new() { Convolutions = [new(8), new(16)], DenseLayerSizes = [32] },
            NumberOfSteps = 30,
            BatchSize = 50,
        })));
        _autoencoder = new(() => Fit("autoencoder.onnx", Ml.Transforms.Autoencoder("Code", "Image", new Autoencoder.Options
        {
            Network = new() { HiddenLayerSizes = [32], CodeSize = 4 },
            ReconstructionColumnName = "Reconstruction",
            ReconstructionErrorColumnName = "Error",
            NumberOfSteps = 20,
        })));
    }

    public MLContext Ml { get; } = new(seed: 1);

    public IDataView Train { get; }

    /// <summary>The first 600 test images: two batches of 256, and one that is not full.</summary>
    public IDataView Test { get; }

    /// <summary>Labels to keys, then a convolutional network; and its ONNX file.</summary>
    public (ITransformer Model, string Onnx) Classifier => _classifier.Value;

    /// <summary>An autoencoder that gives all its columns; and its ONNX file.</summary>
    public (ITransformer Model, string Onnx) Autoencoder => _autoencoder.Value;

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    public void Dispose()
    {
        foreach (var network in (IEnumerable<Lazy<(ITransformer Model, string)>>)[_classifier, _autoencoder])
        {
            if (network.IsValueCreated)
                (network.Value.Model as IDisposable)?.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private (ITransformer, string) Fit(string name, IEstimator<ITransformer> pipeline)
    {
        var model = pipeline.Fit(Ml.Data.TakeRows(Train, 1_500));
        Ml.Model.ExportToOnnx(model, Train.Schema, PathOf(name));
        return (model, PathOf(name));
    }
}
