using Microsoft.ML;
using Sconce.Pipelines.Tests.Compression;
using Sconce.Tests;
using Sconce.Trainers;

[assembly: AssemblyFixture(typeof(SmallAutoencoder))]

namespace Sconce.Pipelines.Tests.Compression;

/// <summary>Autoencoders trained on some of MNIST's images and saved, once for all tests.</summary>
public sealed class SmallAutoencoder : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<string> _default;
    private readonly Lazy<string> _plane;
    private readonly Lazy<string> _variational;

    public SmallAutoencoder()
    {
        _default = new(() => Train("default.zip", new() { CodeSize = 8 }));
        _plane = new(() => Train("plane.zip", Autoencoder.Plane));
        _variational = new(() => Train("variational.zip", Autoencoder.Plane with { VariationalWeight = 0.1 }));
    }

    /// <summary>A context of its own for each use: they are not safe to share.</summary>
    public static IDataView Train(MLContext ml) => ml.Data.TakeRows(ml.Data.LoadMnist().Train, 1_000);

    public static IDataView Test(MLContext ml) => ml.Data.TakeRows(ml.Data.LoadMnistTest(), 300);

    /// <summary>Codes of 8.</summary>
    public ModelFile Default(MLContext ml) => ModelFile.Load(ml, _default.Value);

    /// <summary>Codes of 2.</summary>
    public ModelFile Plane(MLContext ml) => ModelFile.Load(ml, _plane.Value);

    /// <summary>Codes of 2, and a plane without gaps.</summary>
    public ModelFile Variational(MLContext ml) => ModelFile.Load(ml, _variational.Value);

    public void Dispose() => _folder.Dispose();

    private string Train(string name, Autoencoder network)
    {
        var ml = new MLContext(seed: 1);
        var train = Train(ml);
        var model = CompressionPipeline.Create(ml, new() { Network = network, NumberOfEpochs = 4 }).Fit(train);
        ml.Model.SaveAtomically(model, train.Schema, _folder.PathOf(name));
        ((IDisposable)model).Dispose();
        return _folder.PathOf(name);
    }
}
