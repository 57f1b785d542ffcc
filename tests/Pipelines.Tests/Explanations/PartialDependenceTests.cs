using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Tests;

namespace Sconce.Pipelines.Tests.Explanations;

public sealed class PartialDependenceTests
{
    private readonly MLContext _ml = new(seed: 1);

    /// <summary>The model is the function a² + 10 b + (20 if "far"), missing numbers counting as 0.</summary>
    private readonly ITransformer _model;
    private readonly List<Place> _places;
    private readonly IDataView _data;

    public PartialDependenceTests()
    {
        var random = new Random(1);
        _places = [.. Enumerable.Range(0, 500).Select(i => new Place
        {
            A = i % 50 == 7 ? float.NaN : random.NextSingle(), B = i % 3, Kind = i % 4 == 0 ? "far" : "near",
        })];
        _data = _ml.Data.LoadFromEnumerable(_places);
        _model = _ml.Transforms.CustomMapping<Place, Scored>((place, scored) =>
            scored.Score = (float.IsNaN(place.A) ? 0 : place.A * place.A) + (10 * place.B) + (place.Kind == "far" ? 20 : 0), null).Fit(_data);
    }

    [Fact]
    public void The_curves_of_an_additive_function_are_its_terms()
    {
        var found = PartialDependence.Of(_ml, _model, _data, new() { Points = 11 });
        Assert.Equal(("Score", 500L), (found.Output, found.Rows));
        Assert.Equal(["A", "B", "Kind"], found.Curves.Select(curve => curve.Column));
        var (others, kinds) = (_places.Average(place => 10 * place.B), _places.Average(place => place.Kind == "far" ? 20 : 0));

        var numbers = found.Curves[0].Points;
        Assert.True(found.Curves[0].IsNumber);
        Assert.Equal(12, numbers.Count);
        Assert.Equal(500, numbers.Sum(point => point.Rows));
        Assert.Equal(numbers.Take(11).Select(point => point.Number).Order(), numbers.Take(11).Select(point => point.Number));
        Assert.All(numbers.Take(11), point => Assert.Equal((point.Number!.Value * point.Number.Value) + others + kinds, point.Mean, 1e-3));
        // The missing value comes last.
        Assert.Equal(("", null, 10L), (numbers[^1].Value, numbers[^1].Number, numbers[^1].Rows));
        Assert.Equal(others + kinds, numbers[^1].Mean, 1e-3);

        var categories = found.Curves[2].Points;
        Assert.False(found.Curves[2].IsNumber);
        Assert.Equal(["near", "far"], categories.Select(point => point.Value));
        Assert.Equal([375L, 125], categories.Select(point => point.Rows));
        Assert.Equal(20, categories[1].Mean - categories[0].Mean, 1e-3);
        // Of the rows' own curves: b is 0, 1 or 2.
        Assert.InRange(categories[0].Low, 0, 1);
        Assert.InRange(categories[0].High, 20, 21);
        Assert.Equal(["0", "1", "2"], found.Curves[1].Points.Select(point => point.Value));
    }

    [Fact]
    public void Classes_and_columns_can_be_chosen()
    {
        var data = _ml.Data.LoadFromEnumerable(_places.Where(place => !float.IsNaN(place.A))
            .Select(place => new Labeled { A = place.A, B = place.B, Label = place.A > 0.5 ? "high" : "low" }).ToList());
        using var model = _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.Transforms.Concatenate("Features", "A", "B"))
            .Append(_ml.MulticlassClassification.Trainers.SoftmaxRegression()).Fit(data);
        var high = PartialDependence.Of(_ml, model, data, new() { Columns = ["A"], ClassName = "high" });
        var low = PartialDependence.Of(_ml, model, data, new() { Columns = ["A"], ClassName = "low", MaximumRows = null });
        Assert.Equal("high", high.Output);
        Assert.True(high.Curves.Single().Points[0].Mean < high.Curves[0].Points[^1].Mean);
        Assert.All(high.Curves[0].Points.Zip(low.Curves[0].Points), pair => Assert.Equal(1, pair.First.Mean + pair.Second.Mean, 1e-4));

        var refused = Assert.Throws<ArgumentException>(() => PartialDependence.Of(_ml, model, data, new() { ClassName = "hihg" }));
        Assert.Contains("did you mean 'high'?", refused.Message, StringComparison.Ordinal);
        refused = Assert.Throws<ArgumentException>(() => PartialDependence.Of(_ml, model, data, new() { Columns = ["AA"] }));
        Assert.Equal((nameof(PartialDependenceOptions.Columns), "AA"), (ErrorFacts.Of(refused).Property, ErrorFacts.Of(refused).Column));
        Assert.Throws<InvalidDataException>(() => PartialDependence.Of(_ml, model, _ml.Data.LoadFromEnumerable(new List<Labeled>())));
        Assert.Throws<ArgumentOutOfRangeException>(() => PartialDependence.Of(_ml, model, data, new() { Points = 1 }));
    }

    [Fact]
    public void A_run_folder_keeps_it()
    {
        using var folder = new TemporaryFolder();
        Assert.Null(PartialDependence.Load(folder.FullName));
        var found = PartialDependence.Of(_ml, _model, _data);
        found.Save(folder.FullName);
        Assert.Equal(found.ToString(), PartialDependence.Load(folder.FullName)!.ToString());
    }

    private sealed class Place
    {
        public float A { get; set; }

        public float B { get; set; }

        public string Kind { get; set; } = "";
    }

    private sealed class Labeled
    {
        public float A { get; set; }

        public float B { get; set; }

        public string Label { get; set; } = "";
    }

    private sealed class Scored
    {
        public float Score { get; set; }
    }
}
