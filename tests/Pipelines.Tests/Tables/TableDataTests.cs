using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Pipelines.Tests.Tables;

public sealed class TableDataTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Titanic_has_gaps_and_text_truth_values()
    {
        var titanic = _ml.Data.LoadTitanic();
        Assert.Equal(15, titanic.Schema.Count);
        Assert.Equal(891, titanic.GetRowCount());
        Assert.Equal(342, titanic.GetColumn<float>("survived").Count(value => value == 1));
        Assert.Equal(177, titanic.GetColumn<float>("age").Count(float.IsNaN));
        Assert.Equal(["False", "True"], titanic.GetColumn<string>("adult_male").Distinct().Order());
    }

    [Fact]
    public void Penguins_have_three_species()
    {
        var penguins = _ml.Data.LoadPenguins();
        Assert.Equal(["species", "island", "bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "sex"], penguins.Schema.Select(column => column.Name));
        Assert.Equal([152, 68, 124], penguins.GetColumn<string>("species").CountBy(name => name).Select(count => count.Value));
        Assert.Equal(2, penguins.GetColumn<float>("body_mass_g").Count(float.IsNaN));
    }

    [Theory]
    [InlineData("titanic", "81787d320d7f7b03df935e91de8bd19e11d45c5bbcab86ef4d4a76dc91b7d4f2")]
    [InlineData("penguins", "e07636bd8af74260099ea2f8678e2eabbf35def579940cc76f67061ee16c06c1")]
    public void The_embedded_files_are_the_described_ones(string name, string hash)
    {
        using var stream = typeof(TableDataCatalog).Assembly.GetManifestResourceStream($"tables/{name}.csv")!;
        Assert.Equal(hash, Convert.ToHexStringLower(SHA256.HashData(stream)));
    }
}
