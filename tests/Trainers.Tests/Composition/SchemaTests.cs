using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Composition;

/// <summary>What the estimator promises before training, the transformer promises before scoring, and the rows then have.</summary>
public class SchemaTests(TrainedStripes trained)
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void A_transformers_promised_schema_is_that_of_its_view()
    {
        var data = Stripes.Load(_ml);
        var input = ((IEnumerable<ITransformer>)trained.Chain).First().Transform(data);
        var network = trained.Network;
        AssertSame(network.Transform(input).Schema, network.GetOutputSchema(input.Schema));
        AssertSame(network.Transform(input).Schema, ((ITransformer)network).GetRowToRowMapper(input.Schema).OutputSchema);
        AssertSame(trained.Chain.Transform(data).Schema, trained.Chain.GetOutputSchema(data.Schema));
        Assert.Equal(["Name", "Image", "Label", "PredictedLabel", "Score"], network.GetOutputSchema(input.Schema).Select(column => column.Name));
    }

    [Fact]
    public void An_estimators_promised_shape_is_that_of_its_transformers_schema_for_text_labels() =>
        CheckShape(Stripes.Load(_ml), _ml.Transforms.Conversion.MapValueToKey("Label", "Name"), trainer: _ml.ConvolutionalNetwork(Stripes.Quick with { NumberOfSteps = 1 }));

    [Fact]
    public void An_estimators_promised_shape_is_that_of_its_transformers_schema_for_numeric_labels() =>
        CheckShape(
            _ml.Data.LoadFromEnumerable(Stripes.Create(30, 1).Select(row => new Numbered { Image = row.Image, Number = row.Name.Length })),
            _ml.Transforms.Conversion.MapValueToKey("Label", "Number"),
            _ml.SoftmaxRegression(new() { FeatureColumnName = "Image", NumberOfSteps = 1 }));

    [Fact]
    public void An_estimators_promised_shape_is_that_of_its_transformers_schema_for_keys_without_values()
    {
        var view = new Points(rows: 20, features: 3, classes: 2, seed: 1).View;
        CheckShape(view, null, _ml.SoftmaxRegression(new() { NumberOfSteps = 1 }));
    }

    [Fact]
    public void The_columns_that_a_trainer_adds_can_be_used_by_the_estimators_after_it()
    {
        // ML.NET checks the whole chain's shapes before it trains anything.
        var data = Stripes.Load(_ml);
        var chain = Stripes.Pipeline(_ml, Stripes.Quick with { NumberOfSteps = 1 })
            .Append(_ml.Transforms.CopyColumns("Probabilities", "Score"))
            .Append(_ml.Transforms.NormalizeMinMax("Probabilities"));
        using var model = (IDisposable)chain.Fit(data);
        Assert.NotNull(((ITransformer)model).Transform(data).Schema.GetColumnOrNull("Probabilities"));
    }

    private static void CheckShape<T>(IDataView data, IEstimator<T>? keys, TorchEstimator trainer)
        where T : class, ITransformer
    {
        var input = keys?.Fit(data).Transform(data) ?? data;
        using var model = trainer.Fit(input);

        // By reflection: SchemaShape.Create is ML.NET's own way from a schema to its shape, and internal.
        var create = typeof(SchemaShape).GetMethod("Create", BindingFlags.Static | BindingFlags.NonPublic)!.CreateDelegate<Func<DataViewSchema, SchemaShape>>();
        Assert.Equal(
            Describe(create(model.GetOutputSchema(input.Schema))),
            Describe(trainer.GetOutputSchema(create(input.Schema))));
    }

    private static void CheckShape(IDataView data, IEstimator<ITransformer>? keys, TorchEstimator trainer) => CheckShape<ITransformer>(data, keys, trainer);

    /// <summary>A shape's columns by name: their order is no part of it.</summary>
    private static IEnumerable<string> Describe(SchemaShape shape) =>
        shape.Select(column => $"{column.Name}: {column.Kind} of {column.ItemType}{(column.IsKey ? ", key" : "")} [{string.Join("; ", Describe(column.Annotations))}]")
            .Order(StringComparer.Ordinal);

    private static IEnumerable<string> Describe(DataViewSchema schema) =>
        schema.Select(column => $"{column.Name}: {column.Type}{(column.IsHidden ? ", hidden" : "")} [{string.Join("; ", column.Annotations.Schema.Select(annotation => $"{annotation.Name}: {annotation.Type}"))}]");

    private static void AssertSame(DataViewSchema wanted, DataViewSchema found) => Assert.Equal(Describe(wanted), Describe(found));

    private sealed class Numbered
    {
        public int Number { get; set; }

        [VectorType(Stripes.Size, Stripes.Size)]
        public byte[] Image { get; set; } = [];
    }
}
