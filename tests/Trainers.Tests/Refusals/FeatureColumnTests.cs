using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Refusals;

/// <summary>Feature columns that a network cannot read: alone, in a chain (whose shapes ML.NET checks before it trains), and when scoring.</summary>
public class FeatureColumnTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void A_missing_column_is_named_with_those_that_are_there()
    {
        foreach (var refused in Refusals("Nope"))
            Sentence.Has(refused, "Feature column 'Nope' is not in the data", "The columns are: ", "Floats", "Text", "Label");
    }

    [Theory]
    [InlineData("Text", "String", "ml.Transforms.Text.FeaturizeText")]
    [InlineData("Doubles", "Double", "ml.Transforms.Conversion.ConvertType to Single")]
    [InlineData("Texts", "String", "ml.Transforms.Categorical.OneHotEncoding")]
    [InlineData("Number", "Single", "ml.Transforms.Concatenate")]
    [InlineData("Keys", "UInt32", "ml.Transforms.Conversion.MapKeyToVector")]
    public void A_column_of_another_type_is_named_with_what_is_expected_and_what_mends_it(string column, string type, string mend)
    {
        foreach (var refused in Refusals(column))
            Sentence.Has(refused, $"Feature column '{column}'", type, "a vector of Byte or Single of known size is expected", mend);
    }

    /// <summary>Each step by itself is what its sentence says.</summary>
    [Fact]
    public void What_is_said_of_each_type_makes_it_train()
    {
        Train("Doubles", refused => refused.Contains("ConvertType to Single converts it", StringComparison.Ordinal), _ml.Transforms.Conversion.ConvertType("X", "Doubles", DataKind.Single));
        Train("Wholes", refused => refused.Contains("ConvertType to Single converts it", StringComparison.Ordinal), _ml.Transforms.Conversion.ConvertType("X", "Wholes", DataKind.Single));
        Train("Flags", refused => refused.Contains("ConvertType to Single converts it", StringComparison.Ordinal), _ml.Transforms.Conversion.ConvertType("X", "Flags", DataKind.Single));
        Train("Number", refused => refused.Contains("ml.Transforms.Concatenate converts it", StringComparison.Ordinal) && !refused.Contains("ConvertType", StringComparison.Ordinal), _ml.Transforms.Concatenate("X", "Number"));
        Train("Double", refused => refused.Contains("ConvertType to Single, and then ml.Transforms.Concatenate", StringComparison.Ordinal), _ml.Transforms.Conversion.ConvertType("Y", "Double", DataKind.Single).Append(_ml.Transforms.Concatenate("X", "Y")));
        foreach (var column in (string[])["Dates", "Spans", "Offsets"])
            Train(column, refused => refused.Contains("ConvertType to Single converts it", StringComparison.Ordinal), _ml.Transforms.Conversion.ConvertType("X", column, DataKind.Single));
        Train("Date", refused => refused.Contains("ConvertType to Single, and then ml.Transforms.Concatenate", StringComparison.Ordinal), _ml.Transforms.Conversion.ConvertType("Y", "Date", DataKind.Single).Append(_ml.Transforms.Concatenate("X", "Y")));
        Train("Keys", refused => refused.Contains("MapKeyToVector", StringComparison.Ordinal), _ml.Transforms.Conversion.MapKeyToVector("X", "Keys"));
        Train("Text", refused => refused.Contains("OneHotEncoding", StringComparison.Ordinal), _ml.Transforms.Categorical.OneHotEncoding("X", "Text"));

        void Train(string column, Func<string, bool> says, IEstimator<ITransformer> mend)
        {
            Assert.All(Refusals(column), refused => Assert.True(says(refused.Message), refused.Message));
            var model = mend.Append(Trainer("X")).Fit(Data());
            (model as IDisposable)?.Dispose();
        }
    }

    /// <summary>ML.NET converts nothing to Byte, so that no step is advised.</summary>
    [Theory]
    [InlineData("Floats")]
    [InlineData("Doubles")]
    [InlineData("Flags")]
    [InlineData("Texts")]
    [InlineData("Keys")]
    [InlineData("Dates")]
    public void Of_a_model_of_bytes_the_bytes_are_asked_for(string column)
    {
        using var model = Trainer("Bytes").Fit(Data());
        var data = _ml.Transforms.DropColumns("Bytes").Fit(Data()).Transform(Data());
        data = _ml.Transforms.CopyColumns("Bytes", column).Fit(data).Transform(data);
        var refused = Assert.Throws<ArgumentException>(() => model.Transform(data));
        Sentence.Has(refused, "Feature column 'Bytes'", "the network was trained on Vector<Byte, 5>", "Pass the bytes that the network was trained on.");
        Assert.DoesNotContain("ml.Transforms", refused.Message, StringComparison.Ordinal);
        if (column is "Floats" or "Doubles" or "Flags")
            Assert.ThrowsAny<Exception>(() => _ml.Transforms.Conversion.ConvertType("X", column, DataKind.Byte).Fit(Data()));
    }

    [Fact]
    public void What_is_said_to_mend_a_column_mends_it()
    {
        var data = Data();
        var mended = _ml.Transforms.Conversion.ConvertType("Converted", "Doubles", DataKind.Single)
            .Append(_ml.Transforms.Concatenate("Features", "Converted", "Number"))
            .Append(Trainer("Features"));
        using var model = mended.Fit(data);
        Assert.Equal(data.GetRowCount(), model.Transform(data).GetColumn<float[]>("Score").Count());
    }

    [Fact]
    public void A_vector_of_unknown_size_is_refused()
    {
        Sentence.Has(Assert.Throws<ArgumentException>(() => Trainer("Variable").Fit(Data())), "Feature column 'Variable'", "a vector of unknown size", "known size is expected", "[VectorType(n)]", "SchemaDefinition", "NumberDataViewType.Single");
        Sentence.Has(Assert.Throws<ArgumentException>(() => Chain("Variable").Fit(Data())), "Feature column 'Variable'", "a vector of unknown size", "[VectorType(n)]");
        var definition = SchemaDefinition.Create(typeof(Row));
        definition["Variable"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 5);
        Trainer("Variable").Fit(_ml.Data.LoadFromEnumerable(Enumerable.Range(0, 8).Select(i => new Row { Label = (uint)i % 2 }), definition)).Dispose();

        // Its type is called what C# calls it.
        definition["VariableDates"].ColumnType = new VectorDataViewType(DateTimeDataViewType.Instance, 2);
        Sentence.Has(Assert.Throws<ArgumentException>(() => Trainer("VariableDates").Fit(Data())), "new VectorDataViewType(DateTimeDataViewType.Instance, n)", "Then ml.Transforms.Conversion.ConvertType to Single converts it");
        var sized = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 8).Select(i => new Row { Label = (uint)i % 2 }), definition);
        _ml.Transforms.Conversion.ConvertType("X", "VariableDates", DataKind.Single).Append(Trainer("X")).Fit(sized).LastTransformer.Dispose();
    }

    [Theory]
    [InlineData("Fewer", "3", "5")]
    [InlineData("Variable", "unknown number", "5")]
    public void Rows_of_another_size_are_refused_when_scoring(string column, string found, string expected)
    {
        using var model = Trainer("Floats").Fit(Data());
        var data = Renamed(column);
        foreach (var refused in (Exception[])[
            Assert.Throws<ArgumentException>(() => model.Transform(data)),
            Assert.Throws<ArgumentException>(() => model.GetOutputSchema(data.Schema)),
            Assert.Throws<ArgumentException>(() => ((ITransformer)model).GetRowToRowMapper(data.Schema))])
        {
            Sentence.Has(refused, "Feature column 'Floats'", found, "values a row", $"the network was trained on {expected}", "Vector<Single, 5>");
        }
    }

    [Theory]
    [InlineData("Bytes", "Vector<Byte, 5>")]
    [InlineData("Doubles", "Vector<Double, 5>")]
    public void Rows_of_another_type_are_refused_when_scoring(string column, string type)
    {
        using var model = Trainer("Floats").Fit(Data());
        var refused = Assert.Throws<ArgumentException>(() => model.Transform(Renamed(column)));
        Sentence.Has(refused, "Feature column 'Floats'", $"has the type {type}", "the network was trained on Vector<Single, 5>", "ml.Transforms.Conversion.ConvertType");
    }

    [Fact]
    public void A_missing_column_is_refused_when_scoring()
    {
        using var model = Trainer("Floats").Fit(Data());
        var refused = Assert.Throws<ArgumentException>(() => model.Transform(_ml.Transforms.DropColumns("Floats").Fit(Data()).Transform(Data())));
        Sentence.Has(refused, "Feature column 'Floats' is not in the data", "The columns are: ", "Fewer");
    }

    [Fact]
    public void Images_of_another_shape_are_refused_though_they_have_as_many_values()
    {
        using var model = _ml.Transforms.Conversion.MapValueToKey("Label", "Name").Append(_ml.ConvolutionalNetwork(Stripes.Quick with { NumberOfSteps = 2 })).Fit(Stripes.Load(_ml));
        var wide = _ml.Data.LoadFromEnumerable(Stripes.Create(5, seed: 1).Select(row => new Wide { Image = row.Image }));
        var refused = Assert.Throws<ArgumentException>(() => model.Network().Transform(wide));
        Sentence.Has(refused, "Feature column 'Image'", "Vector<Byte, 4, 16>", "the network was trained on 64 (Vector<Byte, 8, 8>)");
    }

    [Fact]
    public void A_flat_vector_of_as_many_values_is_scored()
    {
        // A flat vector of as many values as the image has holds the same bytes.
        var rows = Stripes.Create(50, seed: 1);
        using var model = _ml.Transforms.Conversion.MapValueToKey("Label", "Name").Append(_ml.ConvolutionalNetwork(Stripes.Quick with { NumberOfSteps = 2 })).Fit(_ml.Data.LoadFromEnumerable(rows));
        var shaped = model.Network().Transform(_ml.Data.LoadFromEnumerable(rows)).GetColumn<float[]>("Score");
        var flat = model.Network().Transform(_ml.Data.LoadFromEnumerable(rows.Select(row => new Flat { Image = row.Image }))).GetColumn<float[]>("Score");
        Assert.Equal(shaped, flat);
    }

    private IEnumerable<Exception> Refusals(string column) =>
    [
        Assert.Throws<ArgumentException>(() => Trainer(column).Fit(Data())),
        Assert.Throws<ArgumentException>(() => Chain(column).Fit(Data())),
    ];

    private TorchEstimator Trainer(string column) => _ml.SoftmaxRegression(new() { FeatureColumnName = column, NumberOfSteps = 1 });

    private EstimatorChain<TorchTransformer> Chain(string column) => _ml.Transforms.CopyColumns("Copy", "Label").Append(Trainer(column));

    private IDataView Renamed(string column)
    {
        var data = _ml.Transforms.DropColumns("Floats").Fit(Data()).Transform(Data());
        return _ml.Transforms.CopyColumns("Floats", column).Fit(data).Transform(data);
    }

    private IDataView Data() => _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 8).Select(i => new Row { Label = (uint)i % 2, Number = i }).ToList());

    private sealed class Row
    {
        [VectorType(5)]
        public float[] Floats { get; set; } = new float[5];

        [VectorType(3)]
        public float[] Fewer { get; set; } = new float[3];

        public float[] Variable { get; set; } = new float[5];

        [VectorType(5)]
        public int[] Wholes { get; set; } = new int[5];

        [VectorType(5)]
        public bool[] Flags { get; set; } = new bool[5];

        public double Double { get; set; }

        [VectorType(5)]
        public double[] Doubles { get; set; } = new double[5];

        [VectorType(2)]
        public DateTime[] Dates { get; set; } = new DateTime[2];

        [VectorType(2)]
        public TimeSpan[] Spans { get; set; } = new TimeSpan[2];

        [VectorType(2)]
        public DateTimeOffset[] Offsets { get; set; } = new DateTimeOffset[2];

        public DateTime Date { get; set; }

        public DateTime[] VariableDates { get; set; } = new DateTime[2];

        [VectorType(5)]
        public byte[] Bytes { get; set; } = new byte[5];

        [VectorType(2)]
        public string[] Texts { get; set; } = ["a", "b"];

        [VectorType(5), KeyType(4)]
        public uint[] Keys { get; set; } = new uint[5];

        public string Text { get; set; } = "";

        public float Number { get; set; }

        [KeyType(2)]
        public uint Label { get; set; }
    }

    private sealed class Wide
    {
        [VectorType(4, 16)]
        public byte[] Image { get; set; } = [];
    }

    private sealed class Flat
    {
        [VectorType(Stripes.Size * Stripes.Size)]
        public byte[] Image { get; set; } = [];
    }
}
