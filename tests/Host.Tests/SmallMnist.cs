using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files;
using Sconce.Host.Tests;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(SmallMnist))]

// Every test keeps both cores busy by itself.
[assembly: Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Sconce.Host.Tests;

/// <summary>A folder in MNIST's layout with the first of its images, and models trained on it: made once for all tests.</summary>
public sealed class SmallMnist : IDisposable
{
    public const int TrainRows = 2_000;
    public const int TestRows = 500;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sconce-host-tests-");
    private readonly Lazy<string> _model;
    private readonly Lazy<string> _autoencoder;

    public SmallMnist()
    {
        var (train, test) = new MLContext().Data.LoadMnist();
        Save(train, TrainRows, "train");
        Save(test, TestRows, "t10k");
        _model = new(() => Train("model.zip", "cnn", "--epochs", "2", "--batch-size", "50"));
        _autoencoder = new(() => Train("autoencoder.zip", "autoencoder", "--epochs", "4", "--code-size", "6"));
    }

    /// <summary>The folder with the four files.</summary>
    public string Data => _folder.FullName;

    public string TestImages => Path("t10k-images-idx3-ubyte");

    /// <summary>A model trained by the command line.</summary>
    public string Model => _model.Value;

    /// <summary>An autoencoder with codes of 6, likewise.</summary>
    public string Autoencoder => _autoencoder.Value;

    /// <summary>A path for a test's own file.</summary>
    public string Path(string name) => System.IO.Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);

    private string Train(string name, params string[] arguments)
    {
        var run = Cli.Run(["train", .. arguments, "--data", Data, "--output", Path(name)]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return Path(name);
    }

    private void Save(IDataView data, int rows, string name)
    {
        var pixels = data.GetColumn<VBuffer<byte>>("Image").Take(rows).SelectMany(image => image.DenseValues()).ToArray();
        new IdxFile([rows, 28, 28], pixels).Save(Path($"{name}-images-idx3-ubyte"));
        new IdxFile([rows], data.GetColumn<uint>("Label").Take(rows).Select(label => (byte)label).ToArray()).Save(Path($"{name}-labels-idx1-ubyte"));
    }
}
