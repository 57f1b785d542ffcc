using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers;
using static TorchSharp.torch;

namespace Sconce.Bench;

/// <summary>What a TorchSharp user writes by hand: scaled float images and labels as two tensors in memory, a loop, nothing else.</summary>
internal sealed class BareLoop : IDisposable
{
    private readonly Generator _random = new(1);
    private readonly nn.Module<Tensor, Tensor> _network;
    private readonly Tensor _images;
    private readonly Tensor _labels;

    public BareLoop(Network network, IDataView data, int outputSize = 10)
    {
        _network = network.Build([28, 28], outputSize, _random);
        var images = data.GetColumn<VBuffer<byte>>("Image").Select(image => image.DenseValues().ToArray()).ToList();
        var pixels = images.SelectMany(image => image).ToArray();
        using var bytes = tensor(pixels, ScalarType.Byte);
        _images = bytes.reshape(images.Count, 28, 28).to(ScalarType.Float32).div_(255);
        _labels = tensor(data.GetColumn<uint>("Label").Select(label => (long)label).ToArray());
    }

    /// <summary>Trains on every image once, with TorchSharp's Adam.</summary>
    public double TrainEpoch(int batchSize, double learningRate)
    {
        _network.train();
        using var optimizer = optim.Adam(_network.parameters(), learningRate);
        using var order = randperm(_images.shape[0]);
        for (long start = 0; start < _images.shape[0]; start += batchSize)
        {
            using var scope = NewDisposeScope();
            var rows = order.narrow(0, start, Math.Min(batchSize, _images.shape[0] - start));
            optimizer.zero_grad();
            var loss = nn.functional.cross_entropy(_network.forward(_images.index_select(0, rows)), _labels.index_select(0, rows));
            loss.backward();
            optimizer.step();
        }

        return _images.shape[0];
    }

    /// <summary>Scores every image once.</summary>
    public double Score(int batchSize) => Forward(batchSize, output => nn.functional.softmax(output, 1));

    /// <summary>Runs every image through the network once.</summary>
    public double Forward(int batchSize) => Forward(batchSize, output => output);

    private double Forward(int batchSize, Func<Tensor, Tensor> finish)
    {
        _network.eval();
        using var noGradient = inference_mode();
        for (long start = 0; start < _images.shape[0]; start += batchSize)
        {
            using var scope = NewDisposeScope();
            var rows = _images.narrow(0, start, Math.Min(batchSize, _images.shape[0] - start));
            finish(_network.forward(rows));
        }

        return _images.shape[0];
    }

    public void Dispose()
    {
        _network.Dispose();
        _random.Dispose();
        _images.Dispose();
        _labels.Dispose();
    }
}
