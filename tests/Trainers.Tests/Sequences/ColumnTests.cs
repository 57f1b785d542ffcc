using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Sequences;

/// <summary>Which columns are read as sequences, of which symbols, and which come out.</summary>
public class ColumnTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Texts_come_out_as_text_beside_what_was_there()
    {
        var data = Reversals.Load(_ml, 100, seed: 1);
        using var model = Reversals.Estimator(_ml, Reversals.Quick).Fit(data);
        var scored = model.Transform(data);
        Assert.Equal(["Text", "Reversed", "Output"], scored.Schema.Select(column => column.Name));
        Assert.Equal(TextDataViewType.Instance, scored.Schema["Output"].Type);
        Assert.Equal(scored.Schema.Select(column => $"{column.Name} {column.Type}"), model.GetOutputSchema(data.Schema).Select(column => $"{column.Name} {column.Type}"));
        Assert.All(scored.GetColumn<string>("Output"), text => Assert.All(text, character => Assert.True(char.IsAsciiDigit(character))));
        Assert.All(scored.GetColumn<string>("Output"), text => Assert.InRange(text.Length, 0, 4));
    }

    [Fact]
    public void A_character_is_a_symbol_also_where_it_takes_two_code_units()
    {
        Reversals.Row[] rows = [new() { Text = "a😀b", Reversed = "😀" }, new() { Text = "ba", Reversed = "é😀" }];
        using var model = Reversals.Estimator(_ml, Reversals.Quick with { NumberOfSteps = 60 }).Fit(_ml.Data.LoadFromEnumerable(rows));
        var (input, label) = (model.Model.Definition.Input, ((SequenceTranslation)model.Model.Definition.Objective).Label);
        Assert.Equal(["a", "b", "😀"], input.Symbols!.Values);
        Assert.Equal((FeatureType.Text, 3), (input.Type, input.Shape.Single()));
        Assert.Equal(["é", "😀"], label.Symbols!.Values);
        Assert.Equal(2, label.Shape.Single());
        Assert.Equal(["😀", "é😀"], model.Transform(_ml.Data.LoadFromEnumerable(rows)).GetColumn<string>("Output"));
    }

    [Fact]
    public void Characters_that_are_not_known_are_all_the_same_symbol()
    {
        using var model = Reversals.Estimator(_ml, Reversals.Quick with { NumberOfSteps = 50 }).Fit(Reversals.Load(_ml, 500, seed: 1));
        string[] outputs = [.. Translate(model, "1x2"), .. Translate(model, "1☂2"), .. Translate(model, "122")];
        Assert.Equal(outputs[0], outputs[1]);
        Assert.NotEqual(outputs[0], outputs[2]);
    }

    [Fact]
    public void MaximumOutputLength_is_the_longest_output()
    {
        using var model = Reversals.Estimator(_ml, Reversals.Quick with { MaximumOutputLength = 9 }).Fit(Reversals.Load(_ml, 100, seed: 1));
        Assert.Equal(9, ((SequenceTranslation)model.Model.Definition.Objective).Label.Shape.Single());
        Assert.All(model.Transform(Reversals.Load(_ml, 100, seed: 2)).GetColumn<string>("Output"), text => Assert.InRange(text.Length, 0, 9));
    }

    [Fact]
    public void The_shape_of_the_output_is_known_before_the_fit()
    {
        var data = Reversals.Load(_ml, 50, seed: 1);
        var keys = _ml.Transforms.Text.TokenizeIntoCharactersAsKeys("Keys", "Text").Append(_ml.Transforms.Text.TokenizeIntoWords("Words", "Reversed")).Append(_ml.Transforms.Conversion.MapValueToKey("Words"));
        var text = Reversals.Estimator(_ml, Reversals.Quick);
        var words = keys.Append(_ml.Transforms.SequenceToSequence("Output", "Text", "Words", Reversals.Quick));
        foreach (var estimator in (IEstimator<ITransformer>[])[text, words])
        {
            var shape = estimator.GetOutputSchema(Shape(data.Schema)).Single(column => column.Name == "Output");
            var model = estimator.Fit(data);
            using (model as IDisposable)
            {
                var type = model.Transform(data).Schema["Output"].Type;
                Assert.Equal((type as VectorDataViewType)?.ItemType.RawType ?? type.RawType, shape.ItemType.RawType);
                Assert.Equal(type is VectorDataViewType, shape.Kind == SchemaShape.Column.VectorKind.VariableVector);
                Assert.Equal(type is VectorDataViewType { ItemType: KeyDataViewType }, shape.IsKey);
            }
        }
    }

    /// <summary>Numbers in, text out: each number's sign.</summary>
    [Fact]
    public void Vectors_of_unknown_size_are_read()
    {
        var random = new Random(1);
        var rows = Enumerable.Range(0, 1_000).Select(_ =>
        {
            var values = Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.NextSingle() * 2 - 1).ToArray();
            return new NumberRow { Values = values, Label = string.Concat(values.Select(value => value < 0 ? '-' : '+')) };
        }).ToList();
        var data = _ml.Data.LoadFromEnumerable(rows);
        using var model = _ml.Transforms.SequenceToSequence("Output", "Values", "Label", Reversals.Quick with { NumberOfSteps = 200 }).Fit(data);
        Assert.True(model.Model.Definition.Input is { IsSequence: true, Symbols: null, Shape: [4, 1] });
        var outputs = model.Transform(data).GetColumn<string>("Output").ToList();
        Assert.True(outputs.Zip(rows).Count(pair => pair.First == pair.Second.Label) > 900);
    }

    private IEnumerable<string> Translate(TorchTransformer model, string text) =>
        model.Transform(_ml.Data.LoadFromEnumerable([new Reversals.Row { Text = text }])).GetColumn<string>("Output");

    private static SchemaShape Shape(DataViewSchema schema)
    {
        // SchemaShape.Create is ML.NET's own; a list of plain text columns is all that is needed here.
        Assert.All(schema, column => Assert.Equal(TextDataViewType.Instance, column.Type));
        return new SchemaShape(schema.Select(column => Interop.ScoreAnnotations.PlainShape(column.Name, SchemaShape.Column.VectorKind.Scalar, column.Type)));
    }

    private sealed class NumberRow
    {
        public string Label { get; set; } = "";

        public float[] Values { get; set; } = [];
    }
}
