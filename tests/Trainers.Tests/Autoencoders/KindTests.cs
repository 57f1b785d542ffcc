using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Autoencoders;

/// <summary>Every kind of autoencoder learns real digits, and comes back from its zip as it was.</summary>
public class KindTests
{
    private const int Rows = 1_000;

    private readonly MLContext _ml = new(seed: 1);

    public static TheoryData<string, Autoencoder.Options> Kinds
    {
        get
        {
            var data = new TheoryData<string, Autoencoder.Options>
            {
                { "default", new() },
                { "convolutional", new() { Network = Autoencoder.Convolutional } },
                { "plane", new() { Network = Autoencoder.Plane } },
                { "classic", Autoencoder.Options.Classic },
                { "tied", new() { Network = new() { TiedWeights = true } } },
                { "tied convolutional", new() { Network = Autoencoder.Convolutional with { TiedWeights = true } } },
                { "convolutional, then dense", new() { Network = new() { Convolutions = [8], HiddenLayerSizes = [64], CodeSize = 16 } } },
                { "denoising", new() { Network = new() { Noise = 0.2 } } },
                { "sparse", new() { Network = new() { SparsityWeight = 1e-3 } } },
                { "variational", new() { Network = new() { VariationalWeight = 0.1 } } },
                { "variational, cross-entropy", new() { Network = new() { VariationalWeight = 1 }, Loss = ReconstructionLoss.BinaryCrossEntropy } },
                { "denoising, sparse, variational, tied", new() { Network = new() { Noise = 0.1, SparsityWeight = 1e-4, VariationalWeight = 0.01, TiedWeights = true } } },
                { "cross-entropy", new() { Loss = ReconstructionLoss.BinaryCrossEntropy } },
                { "linear", new() { Network = new() { Activation = Activation.Identity }, OutputActivation = Activation.Identity, LearningRate = 1e-3 } },
                { "no hidden layer", new() { Network = new() { HiddenLayerSizes = [] } } },
            };
            foreach (var activation in Enum.GetValues<Activation>())
                data.Add($"{activation}", new() { Network = new() { HiddenLayerSizes = [64], Activation = activation, Initialization = WeightInitialization.TruncatedNormal }, LearningRate = 1e-2, Schedule = new ConstantSchedule() });
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_kind_learns_more_than_the_mean_image_and_is_reloaded_bit_by_bit(string kind, Autoencoder.Options options)
    {
        var data = Digits.Load(_ml, Rows);
        using var model = _ml.Transforms.Autoencoder("Code", "Image", options with
        {
            ReconstructionColumnName = "Reconstruction",
            ReconstructionErrorColumnName = "Error",
            BatchSize = 50,
            NumberOfSteps = 300,
        }).Fit(data);
        var scored = model.Transform(data);
        var error = scored.GetColumn<float>("Error").Average(value => (double)value);
        var least = Digits.ErrorOfMeanImage(Digits.Create(Rows));
        Assert.True(error < 0.9 * least, $"{kind}: error {error:F4}, of the mean image {least:F4}");

        using var stream = new MemoryStream();
        _ml.Model.Save(model, data.Schema, stream);
        stream.Position = 0;
        var loaded = new MLContext().Model.Load(stream, out _);
        using var disposable = (IDisposable)loaded;
        var reloaded = loaded.Transform(data);
        Assert.Equal(scored.GetColumn<float[]>("Code"), reloaded.GetColumn<float[]>("Code"));
        Assert.Equal(scored.GetColumn<byte[]>("Reconstruction"), reloaded.GetColumn<byte[]>("Reconstruction"));
        Assert.Equal(scored.GetColumn<float>("Error"), reloaded.GetColumn<float>("Error"));

        using var decoder = loaded.Decoder("Code", "Decoded");
        Assert.Equal(scored.GetColumn<byte[]>("Reconstruction"), decoder.Transform(reloaded).GetColumn<byte[]>("Decoded"));
    }

    [Fact]
    public void Images_of_odd_sizes_are_made_again_in_their_own_size()
    {
        var random = new Random(1);
        var view = new GeneratedView<float>(40, [3, 13, 10], 2, (_, values) => { foreach (ref var value in values) value = random.NextSingle(); }, _ => 1);
        using var model = _ml.Transforms.Autoencoder("Code", "Features", new()
        {
            Network = new() { Convolutions = [4, 6, 8], HiddenLayerSizes = [], CodeSize = 5, TiedWeights = true },
            ReconstructionColumnName = "Again",
            NumberOfSteps = 2,
        }).Fit(view);
        var type = Assert.IsType<VectorDataViewType>(model.Transform(view).Schema["Again"].Type);
        Assert.Equal([3, 13, 10], type.Dimensions);
        Assert.All(model.Transform(view).GetColumn<float[]>("Again"), row => Assert.Equal(3 * 13 * 10, row.Length));
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_and_another_one_others()
    {
        Assert.Equal(Weights(3), Weights(3));
        Assert.NotEqual(Weights(3), Weights(4));

        byte[] Weights(int seed)
        {
            using var model = _ml.Transforms.Autoencoder("Code", "Image", new() { Network = new() { Noise = 0.1, VariationalWeight = 0.1 }, Seed = seed, NumberOfSteps = 5 }).Fit(Digits.Load(_ml, 300));
            return ModelZip.SavedWeights(_ml, model);
        }
    }
}
