using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Autoencoders;

/// <summary>What no autoencoder can be made of, or be given.</summary>
public class RefusalTests
{
    private readonly MLContext _ml = new(seed: 1);

    public static TheoryData<string, Func<Autoencoder, Autoencoder>> BadNetworks => new()
    {
        { "CodeSize is 0; it has to be at least 1.", network => network with { CodeSize = 0 } },
        { "CodeSize is -3; it has to be at least 1.", network => network with { CodeSize = -3 } },
        { "HiddenLayerSizes is 0; it has to be at least 1.", network => network with { HiddenLayerSizes = [64, 0] } },
        { "Convolutions is 0; it has to be at least 1.", network => network with { Convolutions = [0] } },
        { "Noise is -0.1; it has to be 0 or more, and finite.", network => network with { Noise = -0.1 } },
        { "SparsityWeight is NaN; it has to be 0 or more, and finite.", network => network with { SparsityWeight = double.NaN } },
        { "VariationalWeight is -1; it has to be 0 or more, and finite.", network => network with { VariationalWeight = -1 } },
    };

    [Theory]
    [MemberData(nameof(BadNetworks))]
    public void A_network_that_makes_no_sense_is_refused_before_any_data_is_read(string sentence, Func<Autoencoder, Autoencoder> change) =>
        Sentence.Has(Assert.ThrowsAny<ArgumentException>(() => _ml.Transforms.Autoencoder("Code", "Image", new() { Network = change(new()) })), sentence);

    [Fact]
    public void A_code_larger_than_the_row_is_refused_with_both_sizes() =>
        Sentence.Has(Assert.ThrowsAny<ArgumentException>(() => Fit(new() { Network = new() { CodeSize = 785 } }, Digits.Load(_ml, 10))), "CodeSize", "for rows of 784 values", "785", "at most 784");

    [Fact]
    public void A_code_as_large_as_the_row_is_learned()
    {
        using var model = Fit(new() { Network = new() { HiddenLayerSizes = [], CodeSize = 784 }, NumberOfSteps = 1 }, Digits.Load(_ml, 10));
        Assert.All(model.Transform(Digits.Load(_ml, 10)).GetColumn<float[]>("Code"), code => Assert.Equal(784, code.Length));
    }

    [Fact]
    public void Names_and_activations_that_do_not_go_are_refused()
    {
        Sentence.Has(Assert.ThrowsAny<ArgumentException>(() => _ml.Transforms.Autoencoder("", "Image")), "outputColumnName is empty");
        Sentence.Has(Assert.ThrowsAny<ArgumentException>(() => _ml.Transforms.Autoencoder("Code", "")), "inputColumnName is empty");
        Sentence.Has(Assert.ThrowsAny<ArgumentException>(() => _ml.Transforms.Autoencoder("Code", "Image", new() { ReconstructionColumnName = "" })), "ReconstructionColumnName is empty");
        Sentence.Has(
            Assert.ThrowsAny<ArgumentException>(() => _ml.Transforms.Autoencoder("Code", "Image", new() { Loss = ReconstructionLoss.BinaryCrossEntropy, OutputActivation = Activation.Tanh })),
            "OutputActivation is Tanh", "BinaryCrossEntropy", "Sigmoid");
    }

    [Fact]
    public void Columns_that_are_missing_or_no_images_are_named()
    {
        Sentence.Has(Assert.ThrowsAny<ArgumentException>(() => _ml.Transforms.Autoencoder("Code", "Nope").Fit(Digits.Load(_ml, 10))), "'Nope' is not in the data", "Image");
        var flat = new GeneratedView<float>(10, [5], 2, (_, values) => values.Clear(), _ => 1);
        Sentence.Has(Assert.ThrowsAny<ArgumentException>(() => _ml.Transforms.Autoencoder("Code", "Features", new() { Network = Autoencoder.Convolutional with { CodeSize = 2 } }).Fit(flat)), "An autoencoder with convolutions", "[5]");
    }

    [Fact]
    public void A_column_of_another_length_than_the_fitted_one_is_refused_with_both()
    {
        using var model = Fit(new() { NumberOfSteps = 1 }, Digits.Load(_ml, 10));
        var other = _ml.Data.LoadFromEnumerable(new[] { new Small() });
        Sentence.Has(Assert.ThrowsAny<ArgumentException>(() => model.Transform(other)), "'Image'", "4 values a row", "trained on 784", "28, 28");
    }

    [Theory]
    [InlineData(1.5f, "1.5")]
    [InlineData(-0.25f, "-0.25")]
    public void A_value_outside_0_to_1_with_cross_entropy_is_refused_with_its_place(float value, string text)
    {
        var view = new GeneratedView<float>(20, [5], 2, (row, values) => { values.Fill(0.5f); if (row == 7) values[3] = value; }, _ => 1);
        var options = new Autoencoder.Options { Network = new() { HiddenLayerSizes = [], CodeSize = 2 }, NumberOfSteps = 1 };
        Sentence.Has(
            Assert.Throws<InvalidDataException>(() => _ml.Transforms.Autoencoder("Code", "Features", options with { Loss = ReconstructionLoss.BinaryCrossEntropy }).Fit(view)),
            "Column 'Features'", text, "index 3", "row 7", "[0, 1]", "NormalizeMinMax", "MeanSquaredError");
        _ml.Transforms.Autoencoder("Code", "Features", options).Fit(view).Dispose();
    }

    [Fact]
    public void A_decoder_is_taken_out_of_one_autoencoder_alone_and_reads_codes_of_its_size()
    {
        var data = Digits.Load(_ml, 10);
        using var first = Fit(new() { NumberOfSteps = 1 }, data);
        var scored = first.Transform(data);
        using var second = _ml.Transforms.Autoencoder("Shorter", "Code", new() { Network = new() { HiddenLayerSizes = [], CodeSize = 2 }, NumberOfSteps = 1 }).Fit(scored);
        Sentence.Has(Assert.ThrowsAny<ArgumentException>(() => new TransformerChain<ITransformer>(first, second).Decoder()), "2 autoencoders", "one");
        var labels = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(data);
        Sentence.Has(Assert.ThrowsAny<ArgumentException>(() => labels.Decoder()), "no autoencoder");
        using var decoder = first.Decoder("Shorter", "Image");
        Sentence.Has(Assert.ThrowsAny<ArgumentException>(() => decoder.Transform(second.Transform(scored))), "'Shorter'", "2 values a row", "32");
        Sentence.Has(Assert.ThrowsAny<ArgumentException>(() => first.Decoder("", "Image")), "inputColumnName is empty");
    }

    private TorchTransformer Fit(Autoencoder.Options options, IDataView data) => _ml.Transforms.Autoencoder("Code", "Image", options).Fit(data);

    private sealed class Small
    {
        [VectorType(2, 2)]
        public byte[] Image { get; set; } = [1, 2, 3, 4];
    }
}
