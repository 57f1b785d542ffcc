using Microsoft.ML;
using TorchSharp;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(Sconce.Trainers.Tests.TrainedStripes))]

// Memory tests count the process's tensors, and two trainings at once on two cores take longer than one after the other.
[assembly: Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Sconce.Trainers.Tests;

/// <summary>One model of the stripes for all tests that need a trained one, and the zip it is saved as.</summary>
public sealed class TrainedStripes : IDisposable
{
    public TrainedStripes()
    {
        // The networks here are too small to gain from a second thread, and each waits for its slowest one where a
        // machine is busy. What depends on threads sets them itself.
        TorchRuntime.EnsureLoaded();
        torch.set_num_threads(1);

        var data = Stripes.Load(ML);
        Chain = Stripes.Pipeline(ML).Fit(data);
        Schema = data.Schema;
        Zip = ModelZip.Save(ML, Chain, Schema);
    }

    public MLContext ML { get; } = new(seed: 1);

    /// <summary>From the name to the name: keys, the network, and back.</summary>
    public ITransformer Chain { get; }

    /// <summary>The network alone.</summary>
    public TorchTransformer Network => Chain.Network();

    /// <summary>The schema of the training data.</summary>
    public DataViewSchema Schema { get; }

    public byte[] Zip { get; }

    public ITransformer Load() => new MLContext().Model.Load(new MemoryStream(Zip), out _);

    public void Dispose() => (Chain as IDisposable)?.Dispose();
}

internal static class TransformerExtensions
{
    /// <summary>The one network in a chain, or in a chain in it.</summary>
    public static TorchTransformer Network(this ITransformer model) => Assert.Single(Networks(model));

    private static IEnumerable<TorchTransformer> Networks(ITransformer model) => model switch
    {
        TorchTransformer network => [network],
        IEnumerable<ITransformer> chain => chain.SelectMany(Networks),
        _ => [],
    };
}
