using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Pipelines.Catalog;
using Sconce.Trainers;
using Sconce.Trainers.Model;

namespace Sconce.Pipelines.Tests.Catalog;

/// <summary>Which columns of a file a network is given, and as what.</summary>
public class RowPipelineTests
{
    private readonly MLContext _ml = new(seed: 1);

    private sealed class Row
    {
        public float A { get; set; }

        public int B { get; set; }

        public bool C { get; set; }

        public string Note { get; set; } = "";

        [VectorType(4)]
        public byte[] Pixels { get; set; } = new byte[4];

        public string Kind { get; set; } = "";

        public double Price { get; set; }
    }

    [Fact]
    public void All_numbers_but_the_label_are_read_unless_columns_are_named()
    {
        Assert.Equal(["A", "B", "C", "Pixels"], Pipeline("Price", isRegression: true).FeatureColumns);
        Assert.Equal(["A", "B", "C", "Pixels", "Price"], Pipeline("Kind").FeatureColumns);
        Assert.Equal(["B", "A"], Pipeline("Kind", features: ["B", "A"]).FeatureColumns);
    }

    [Fact]
    public void A_vector_is_read_as_it_is_and_others_become_one()
    {
        Assert.Equal("Pixels", Pipeline("Kind", features: ["Pixels"]).Features);
        Assert.Equal("Note", Pipeline("Kind", features: ["Note"]).Features);
        var pipeline = Pipeline("Kind", features: ["A", "B", "C", "Pixels"]);
        Assert.Equal("Features", pipeline.Features);
        using var model = (IDisposable)pipeline.Create(Trainer(pipeline)).Fit(Data());
        var values = ((ITransformer)model).Transform(Data()).GetColumn<float[]>("Features").ToList();
        Assert.Equal(7, values[0].Length);
        Assert.All(values, row => Assert.All(row, value => Assert.True(float.IsFinite(value))));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(0, values.Average(row => row[i]), 1e-3);
            Assert.Equal(1, values.Average(row => row[i] * row[i]), 0.1);
        }
    }

    [Fact]
    public void A_shape_gives_a_flat_vector_its_dimensions_and_the_model_reads_flat_ones()
    {
        var pipeline = Pipeline("Kind", features: ["Pixels"], shape: [2, 2]);
        var convolution = _ml.MulticlassClassification.Trainers.ConvolutionalNetwork(new ConvolutionalNetwork.Options
        {
            LabelColumnName = "Kind",
            FeatureColumnName = "Pixels",
            Network = new() { Convolutions = [new(2, KernelSize: 1, Pooling: 1)], Augmentation = null },
            NumberOfSteps = 2,
        });
        using var model = (IDisposable)pipeline.Create(convolution).Fit(Data());
        Assert.Equal(60, ((ITransformer)model).Transform(Data()).GetColumn<float[]>("Score").Count());
        // Before any row is read.
        Assert.Throws<ArgumentException>("Shape", () => Pipeline("Kind", features: ["Pixels"], shape: [2, 3]));
        Assert.Throws<ArgumentException>("Shape", () => Pipeline("Kind", features: ["Note"], shape: [2, 2]));
    }

    [Theory]
    [InlineData("LabelColumn", "Knd", null, "Knd")]
    [InlineData("FeatureColumns", "Kind", "X", "X")]
    [InlineData("FeatureColumns", "Kind", "A,Note", "Note")]
    [InlineData("FeatureColumns", "Price", "A,Price", "Price")]
    public void A_column_that_cannot_be_used_is_named(string property, string label, string? features, string column)
    {
        var exception = Assert.Throws<ArgumentException>(property, () => Pipeline(label, features: features?.Split(',')));
        Assert.Equal(column, ErrorFacts.Of(exception).Column);
    }

    [Fact]
    public void A_label_to_be_predicted_is_a_number()
    {
        Assert.Equal("Kind", ErrorFacts.Of(Assert.Throws<ArgumentException>("LabelColumn", () => Pipeline("Kind", isRegression: true))).Column);
        var pipeline = Pipeline("Price", features: ["A", "B"], isRegression: true);
        using var model = (IDisposable)pipeline.Create(_ml.Regression.Trainers.Torch(new DenseNetwork(), new() { LabelColumnName = "Price", FeatureColumnName = pipeline.Features, NumberOfSteps = 2 })).Fit(Data());
        Assert.Equal(60, ((ITransformer)model).Transform(Data()).GetColumn<float>("Score").Count());
    }

    [Fact]
    public void Fractional_numbers_are_no_classes()
    {
        var pipeline = Pipeline("Price", features: ["A", "B"]);
        var facts = ErrorFacts.Of(Assert.Throws<ArgumentException>("Task", () => pipeline.Create(Trainer(pipeline)).Fit(Data())));
        Assert.Equal(("Task", "Price"), (facts.Property, facts.Column));
        var whole = Pipeline("A", features: ["B", "Price"]);
        using var model = (IDisposable)whole.Create(Trainer(whole)).Fit(Data());
        Assert.Equal(60, PipelineSteps.Network((ITransformer)model).Training.Rows);
    }

    [Fact]
    public void Setting_one_value_of_an_augmentation_that_is_off_leaves_the_others_off()
    {
        var off = new ConvolutionalNetwork { Augmentation = null };
        var shift = NetworkProperty.Of(new ConvolutionalNetwork()).Single(property => property.Path == "Augmentation.Shift");
        Assert.Equal(new Augmentation { Shift = 2, Rotation = 0, Scale = 0 }, ((ConvolutionalNetwork)shift.Set(off, 2.0)).Augmentation);
        Assert.Equal(new Augmentation { Shift = 2 }, ((ConvolutionalNetwork)shift.Set(new ConvolutionalNetwork(), 2.0)).Augmentation);
    }

    private RowPipeline Pipeline(string label, IReadOnlyList<string>? features = null, IReadOnlyList<int>? shape = null, bool isRegression = false) =>
        new(_ml, Data().Schema, label, features, shape, isRegression);

    private TorchEstimator Trainer(RowPipeline pipeline) =>
        _ml.MulticlassClassification.Trainers.SoftmaxRegression(new SoftmaxRegression.Options { LabelColumnName = pipeline.Label!, FeatureColumnName = pipeline.Features, NumberOfSteps = 2 });

    private IDataView Data() => _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 60).Select(i => new Row
    {
        A = i * 1000f,
        B = i % 7,
        C = i % 2 == 0,
        Note = $"row {i}",
        // One that is always the same has no deviation to be divided by.
        Pixels = [7, (byte)i, (byte)(i % 5), (byte)(i % 3)],
        Kind = i < 30 ? "few" : "many",
        Price = i * 2.5,
    }).ToList());
}
