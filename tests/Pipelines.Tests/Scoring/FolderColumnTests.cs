using System.Text;
using Microsoft.ML.Data;
using Sconce.Files;
using Sconce.Files.Rows;
using Sconce.Tests;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>Folders as Hive and Spark write them: columns in their names, and files beside the rows.</summary>
public sealed class FolderColumnTests : IDisposable
{
    private readonly AgeModel _model = new();

    public void Dispose() => _model.Dispose();

    [Fact]
    public void A_column_that_a_file_lacks_is_read_from_its_folders_name()
    {
        _model.Write("people/City=K%C3%B6ln/Age=50/p.csv", "x\n1\n2\n");
        _model.Write("people/City=__HIVE_DEFAULT_PARTITION__/p.jsonl", "{\"Age\":75}\n");
        _model.Write("people/City=Ulm/_committed_1", "{\"added\":[]}");
        _model.Write("people/City=Ulm/p.csv", "Age,City\n25,Bonn\nx,Bonn\n");
        _model.Write("people/_delta_log/0.json", "{}");
        List<string> warnings = [];
        var summary = _model.Score(["people"], "scores.csv", new() { Keep = ["City"], OnError = RowErrors.Skip, Warnings = new Told(warnings.Add) });
        Assert.Equal((5, 4), (summary.Rows, summary.Scored));
        Assert.Equal(["City,Share", "Köln,0.5", "Köln,0.5", "Bonn,0.25", ",0.75"], File.ReadAllLines(_model.PathOf("scores.csv")));
        Assert.Contains("a column 'City', as does the name of its folder", Assert.Single(warnings), StringComparison.Ordinal);
    }

    /// <summary>So in every format that can lack a label.</summary>
    [Theory]
    [InlineData("csv", "Age\n50\n")]
    [InlineData("jsonl", "{\"Age\":50}\n")]
    public void A_label_is_read_from_a_folders_name(string ending, string content)
    {
        var path = _model.Write($"people/Label=yes/p.{ending}", content);
        RequestedColumn[] columns = [new("Age", NumberDataViewType.Single), new("Label", TextDataViewType.Instance) { Role = ColumnRole.Label, IsRequired = false }];
        using var reader = Open(columns);
        Assert.Equal(["50|yes"], RowFiles.ReadAll(reader).Print());
        // One of a name of its own has to be somewhere.
        var refusal = Assert.Throws<InvalidDataException>(() => Open(columns[0], columns[1] with { Name = "Lable", IsRequired = true }));
        Assert.Contains("has no column 'Lable'", refusal.Message, StringComparison.Ordinal);

        RowReader Open(params RequestedColumn[] asked) => FolderColumns.Open(path, new RowRequest(asked), part => RowFormats.Named(ending)!.CreateReader(path, File.OpenRead(path), part), _ => { });
    }

    [Fact]
    public void A_folders_name_that_is_no_value_of_the_column_is_refused_with_it()
    {
        _model.Write("people/Age=old/p.csv", "x\n1\n");
        Assert.Contains("with the value 'old'; a number is expected", Assert.Throws<InvalidDataException>(() => _model.Score(["people"], "scores.csv")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_are_no_formulas_where_that_is_asked_for()
    {
        _model.Write("ages.csv", "Age,Name\n1,=1+1\n2,-5\n3,\"@a,b\"\n4,\n");
        FileScoringOptions options = new() { Keep = ["Name"], EscapeFormulas = true };
        _model.Score(["ages.csv"], "scores.csv", options);
        Assert.Equal("Name,Share\n'=1+1,0.01\n-5,0.02\n\"'@a,b\",0.03\n,0.04\n", File.ReadAllText(_model.PathOf("scores.csv"), Encoding.UTF8));
        Assert.Throws<ArgumentException>(() => _model.Score(["ages.csv"], "scores.parquet", options));
        // A run that is gone on with escapes them in all its parts.
        _model.Interrupt(["ages.csv"], "again.csv", options);
        _model.Score(["ages.csv"], "again.csv", options with { Resume = true });
        Assert.Equal(File.ReadAllText(_model.PathOf("scores.csv")), File.ReadAllText(_model.PathOf("again.csv")));
    }

    private sealed class Told(Action<string> tell) : IProgress<string>
    {
        public void Report(string value) => tell(value);
    }
}
