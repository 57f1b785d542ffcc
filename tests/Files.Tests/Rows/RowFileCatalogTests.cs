using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Rows;
using Sconce.Tests;

namespace Sconce.Files.Tests.Rows;

/// <summary>Data views as files, and their keys as the values that they stand for.</summary>
public sealed class RowFileCatalogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void All_columns_are_written_unless_some_are_named()
    {
        var data = _ml.Data.LoadFromEnumerable([new Row { Word = "a", Whole = 3, Pair = [1, 2] }, new Row { Word = "b,c", Whole = 4, Pair = [3, 4.5f] }]);
        Assert.Equal(2, _ml.Data.SaveAsCsv(data, _folder.PathOf("all.csv")));
        Assert.Equal(["Word,Whole,Pair.0,Pair.1", "a,3,1,2", "\"b,c\",4,3,4.5"], File.ReadAllLines(_folder.PathOf("all.csv")));
        Assert.Equal(2, _ml.Data.SaveAsParquet(data, _folder.PathOf("all.parquet")));
        Assert.Equal(["a | 3 | 1 | 2", "b,c | 4 | 3 | 4.5"], Print("all.parquet"));
        Assert.Equal(2, _ml.Data.SaveAsArrow(data, _folder.PathOf("some.of.it"), ["Pair", "Whole"]));
        Assert.Equal(["1 2 | 3", "3 4.5 | 4"], Print("some.of.it"));
        Assert.Equal(2, _ml.Data.SaveAsJsonLines(data, _folder.PathOf("all.jsonl")));
        Assert.Equal(["{\"Word\":\"a\",\"Whole\":3,\"Pair\":[1,2]}", "{\"Word\":\"b,c\",\"Whole\":4,\"Pair\":[3,4.5]}"], File.ReadAllLines(_folder.PathOf("all.jsonl")));
    }

    /// <summary>Hidden columns are those that a later one of the same name stands for.</summary>
    [Fact]
    public void A_column_that_was_replaced_is_not_written()
    {
        var data = _ml.Data.LoadFromEnumerable([new Row { Word = "a", Whole = 3, Pair = [1, 2] }]);
        var replaced = _ml.Transforms.Conversion.ConvertType("Whole", outputKind: DataKind.Single).Fit(data).Transform(data);
        _ml.Data.SaveAsParquet(replaced, _folder.PathOf("replaced.parquet"));
        using var reader = RowFiles.Open(_folder.PathOf("replaced.parquet"));
        Assert.Equal(["Word String", "Whole Single", "Pair.0 Single", "Pair.1 Single"], reader.Schema.Select(column => $"{column.Name} {column.Type}"));
    }

    [Fact]
    public void What_a_format_cannot_hold_is_refused_by_name()
    {
        var data = _ml.Transforms.Text.TokenizeIntoWords("Words", "Word").Fit(_ml.Data.LoadFromEnumerable([new Row { Word = "a b" }])).Transform(_ml.Data.LoadFromEnumerable([new Row { Word = "a b" }]));
        Assert.Contains("Column 'Words' has the type Vector<String", Assert.Throws<ArgumentException>(() => _ml.Data.SaveAsParquet(data, _folder.PathOf("x.parquet"))).Message, StringComparison.Ordinal);
        Assert.Contains("Column 'Words' has the type Vector<String", Assert.Throws<ArgumentException>(() => _ml.Data.SaveAsCsv(data, _folder.PathOf("x.csv"))).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.FullName));
        _ml.Data.SaveAsArrow(data, _folder.PathOf("x.arrow"), ["Words"]);
        Assert.Equal("a\0b", Assert.Single(RowFiles.Show(RowFiles.ReadAll(_folder.PathOf("x.arrow")))));
    }

    [Fact]
    public void Keys_are_written_as_the_values_that_they_stand_for_and_missing_ones_as_nothing()
    {
        var known = _ml.Data.LoadFromEnumerable([new Row { Word = "cat", Whole = 30, Pair = [1, 2] }, new Row { Word = "dog", Whole = 40, Pair = [2, 0.5f] }]);
        var model = _ml.Transforms.Conversion.MapValueToKey("Word").Append(_ml.Transforms.Conversion.MapValueToKey("Pair")).Append(_ml.Transforms.Conversion.MapValueToKey("Whole")).Fit(known);
        var keys = model.Transform(_ml.Data.LoadFromEnumerable([new Row { Word = "dog", Whole = 40, Pair = [0.5f, 1] }, new Row { Word = "fox", Whole = 30, Pair = [7, 2] }]));
        Assert.IsType<KeyDataViewType>(keys.Schema["Word"].Type);
        foreach (var name in new[] { "keys.parquet", "keys.arrow" })
        {
            ColumnFile.Write(keys, ["Word", "Pair", "Whole"], _folder.PathOf(name), cancellation: TestContext.Current.CancellationToken);
            var read = RowFiles.ReadAll(_folder.PathOf(name), new RequestedColumn("Word", null), new("Pair", new VectorDataViewType(NumberDataViewType.Single, 2)), new("Whole", null));
            Assert.Equal<DataViewType>([TextDataViewType.Instance, NumberDataViewType.UInt32], [read.Schema["Word"].Type, read.Schema["Whole"].Type]);
            Assert.Equal(["dog | 0.5 1 | 40", " | NaN 2 | 30"], Print(read));
        }

        var unseen = model.Transform(_ml.Data.LoadFromEnumerable([new Row { Word = "dog", Whole = 40, Pair = [1, 1] }, new Row { Word = "cat", Whole = 50, Pair = [1, 1] }]));
        var refusal = Assert.Throws<InvalidDataException>(() => _ml.Data.SaveAsCsv(unseen, _folder.PathOf("unseen.csv")));
        Assert.Equal((2, "Whole"), (ErrorFacts.Of(refusal).Row, ErrorFacts.Of(refusal).Column));
        // The sentence's advice works.
        Assert.Equal(1, _ml.Data.SaveAsCsv(_ml.Data.FilterRowsByMissingValues(unseen, "Whole"), _folder.PathOf("unseen.csv")));
    }

    /// <summary>Rows of different lengths, in each of which every word is a key.</summary>
    [Fact]
    public void Vectors_of_keys_of_unknown_size_are_lists_of_values()
    {
        var data = _ml.Data.LoadFromEnumerable([new Row { Word = "to be or not to be" }, new Row { Word = "" }, new Row { Word = "be" }]);
        var keys = _ml.Transforms.Text.TokenizeIntoWords("Words", "Word").Append(_ml.Transforms.Conversion.MapValueToKey("Words")).Fit(data).Transform(data);
        _ml.Data.SaveAsArrow(keys, _folder.PathOf("words.arrow"), ["Words"]);
        Assert.Equal(["to\0be\0or\0not\0to\0be", "", "be"], RowFiles.Show(RowFiles.ReadAll(_folder.PathOf("words.arrow"))));
    }

    [Fact]
    public void Keys_that_stand_for_nothing_are_numbers()
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema["Whole"].ColumnType = new KeyDataViewType(typeof(uint), 10);
        var bare = _ml.Data.LoadFromEnumerable([new Row { Whole = 0 }, new Row { Whole = 4 }], schema);
        Assert.IsType<KeyDataViewType>(bare.Schema["Whole"].Type);
        _ml.Data.SaveAsCsv(bare, _folder.PathOf("bare.csv"), ["Whole"]);
        // The first key is 1.
        Assert.Equal(["Whole", "1", "5"], File.ReadAllLines(_folder.PathOf("bare.csv")));
    }

    /// <summary>What a vector's values are called stays with a column whose keys become values.</summary>
    [Fact]
    public void The_names_of_slots_are_those_of_fields()
    {
        var data = _ml.Data.LoadFromEnumerable([new Row { Word = "cat", Pair = [1, 2] }, new Row { Word = "dog", Pair = [3, 4] }]);
        var shown = _ml.Transforms.Categorical.OneHotEncoding("Word").Fit(data).Transform(data);
        _ml.Data.SaveAsCsv(shown, _folder.PathOf("slots.csv"), ["Word"]);
        Assert.Equal(["Word.cat,Word.dog", "1,0", "0,1"], File.ReadAllLines(_folder.PathOf("slots.csv")));
    }

    [Fact]
    public void A_path_that_ends_in_gz_is_packed_where_the_format_is_text()
    {
        var data = _ml.Data.LoadFromEnumerable([new Row { Word = "a", Whole = 3 }]);
        _ml.Data.SaveAsCsv(data, _folder.PathOf("rows.csv.gz"), ["Whole"]);
        Assert.Equal([0x1F, 0x8B], File.ReadAllBytes(_folder.PathOf("rows.csv.gz"))[..2]);
        Assert.Equal(["3"], RowFiles.Show(RowFiles.ReadAll(_folder.PathOf("rows.csv.gz"))));
        // Parquet packs by itself.
        _ml.Data.SaveAsParquet(data, _folder.PathOf("rows.gz"), ["Whole"]);
        Assert.Equal("PAR1"u8.ToArray(), File.ReadAllBytes(_folder.PathOf("rows.gz"))[..4]);
    }

    private IEnumerable<string> Print(string name) => Print(RowFiles.ReadAll(_folder.PathOf(name)));

    private static IEnumerable<string> Print(RowBatch rows) => Enumerable.Range(0, rows.Count).Select(row => string.Join(" | ", rows.Columns.Select(column => RowFiles.Print(column, row))));

    private sealed class Row
    {
        public string Word { get; init; } = "";

        public uint Whole { get; init; }

        [VectorType(2)]
        public float[] Pair { get; init; } = [0, 0];
    }
}
