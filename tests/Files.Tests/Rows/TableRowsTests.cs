using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Tests;

namespace Sconce.Files.Tests.Rows;

/// <summary>Files read as tables: with gaps, a mix of forms, and codes that look like numbers.</summary>
public sealed class TableRowsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Blanks_around_fields_are_removed_and_a_question_mark_is_a_missing_number()
    {
        var rows = Load("age,work,income\n39, State-gov, <=50K.\n?, ?, >50K.\n ,\" Private \", <=50K.\n");
        Assert.Equal(["age Single", "work String", "income String"], Describe(rows));
        Assert.Equal([39, float.NaN, float.NaN], rows.GetColumn<float>("age"));
        Assert.Equal(["State-gov", "?", "Private"], rows.GetColumn<string>("work"));
        Assert.Equal(["<=50K.", ">50K.", "<=50K."], rows.GetColumn<string>("income"));
    }

    [Fact]
    public void Dates_and_Booleans_stay_text_which_may_be_missing()
    {
        var rows = Load("open,day\ntrue,2024-01-31\n,\nfalse,2024-02-01\n");
        Assert.Equal(["open String", "day String"], Describe(rows));
        Assert.Equal(["true", "", "false"], rows.GetColumn<string>("open"));
        var json = Load("{\"open\":true,\"day\":\"2024-01-31\",\"n\":16777217,\"code\":\"12\"}\n{\"open\":null,\"day\":null,\"n\":1,\"code\":null}\n", "a.jsonl");
        Assert.Equal(["open String", "day String", "n Double", "code String"], Describe(json));
        Assert.Equal(["true", ""], json.GetColumn<string>("open"));
    }

    [Theory]
    [InlineData("16777216", "Single")]
    [InlineData("16777217", "Double")]
    [InlineData("-20000000", "Double")]
    [InlineData("1e300", "Double")]
    [InlineData("0.5", "Single")]
    [InlineData("0", "Single")]
    [InlineData("007", "String")]
    [InlineData("1234567890123456", "String")]
    [InlineData("12 kg", "String")]
    [InlineData("\"1,234\"", "String")]
    [InlineData("n/a", "String")]
    public void A_cell_of_any_row_decides_the_type(string cell, string type)
    {
        var numbers = string.Concat(Enumerable.Range(1, 3_000).Select(i => $"{i},x\n"));
        Assert.Equal([$"n {type}", "s String"], Describe(Load($"n,s\n{numbers}{cell},y\n")));
    }

    [Fact]
    public void The_types_fit_all_files()
    {
        Write("a/1.csv", "n,m,t\n1,1,1\n");
        Write("a/2.csv", "m,n,t\n30000000,2,x\n");
        Assert.Equal(["n Single", "m Double", "t String"], Describe(_ml.Data.LoadRows(_folder.PathOf("a/*.csv"), new() { IsTable = true })));
    }

    [Fact]
    public void Two_columns_of_one_name_are_refused()
    {
        var error = Assert.Throws<InvalidDataException>(() => Load("a,b,a\n1,2,3\n"));
        Assert.Equal("a", ErrorFacts.Of(error).Column);
        Assert.EndsWith("a.csv", ErrorFacts.Of(error).File, StringComparison.Ordinal);
        Assert.Contains("fields 1 and 3", error.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Describe(IDataView rows) => rows.Schema.Select(column => $"{column.Name} {column.Type}");

    private IDataView Load(string content, string name = "a.csv") => _ml.Data.LoadRows(Write(name, content), new() { IsTable = true });

    private string Write(string name, string content)
    {
        var path = _folder.PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }
}
