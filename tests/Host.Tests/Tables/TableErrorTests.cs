namespace Sconce.Host.Tests.Tables;

/// <summary>Tables and options that cannot be used: one sentence with file, column and row, and an option as the remedy.</summary>
public class TableErrorTests(SmallMnist folder)
{
    private static readonly string _penguins = Path.Combine(Cli.RepositoryRoot, "data", "tables", "penguins.csv");

    [Theory]
    [InlineData("--input is needed")]
    [InlineData("--group cannot be combined with --time", "--input", "x.csv", "--group", "a", "--time", "b")]
    [InlineData("--test-share has to be more than 0", "--input", "x.csv", "--test-share", "1")]
    [InlineData("--test-input cannot be combined with --test-share", "--input", "x.csv", "--test-share", "0.1", "--test-input", "y.csv")]
    [InlineData("--quantiles is '0.1,x'", "--input", "x.csv", "--quantiles", "0.1,x")]
    [InlineData("--kinds has 'zip=code'", "--input", "x.csv", "--kinds", "zip=code")]
    [InlineData("--kinds names the column 'a' twice", "--input", "x.csv", "--kinds", "a=text,a=date")]
    [InlineData("--members is for --network tabular", "--input", "x.csv", "--network", "dense", "--members", "2")]
    [InlineData("--task is 'rank'", "--input", "x.csv", "--task", "rank")]
    public void Wrong_usage_is_one_sentence(string said, params string[] arguments)
    {
        var run = Cli.Run(["train", "table", .. arguments]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--label", "specie")]
    [InlineData("--features", "specie")]
    [InlineData("--ignore", "specie")]
    [InlineData("--kinds", "specie=text")]
    [InlineData("--weight", "specie")]
    [InlineData("--group", "specie")]
    [InlineData("--time", "specie")]
    public void A_column_that_is_not_there_has_a_nearest_name(string option, string value)
    {
        var run = Cli.Run(["train", "table", "--input", _penguins, "--no-compare", option, value, .. option == "--label" ? (string[])[] : ["--label", "species"]]);
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("specie", run.Error, StringComparison.Ordinal);
        Assert.Contains("species", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("ColumnName", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a label that is the same in all rows", "y", "y,x", "1,2", "1,3", "1,4")]
    [InlineData("a label that is missing", "y", "y,x", "0,2", "1,3", ",4", "1,5")]
    [InlineData("duplicate columns", "x", "y,x,x", "0,1,2", "1,2,3")]
    [InlineData("no rows", "y", "y,x")]
    public void A_table_that_cannot_be_learned_is_refused_before_training(string what, string column, params string[] lines)
    {
        Assert.NotEmpty(what);
        var (table, model) = (folder.Path("bad.csv"), folder.Path("bad.zip"));
        File.WriteAllLines(table, lines);
        var run = Cli.Run("train", "table", "--input", table, "--label", "y", "--output", model);
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(column, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.DoesNotContain("ColumnName", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(model));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("0")]
    public void Weights_have_to_be_positive_somewhere_and_negative_nowhere(string weight)
    {
        var table = folder.Path("weights.csv");
        File.WriteAllLines(table, ["y,x,w", .. Enumerable.Range(0, 60).Select(row => $"{row % 2},{row % 7},{(weight == "0" || row == 30 ? weight : "1")}")]);
        var run = Cli.Run("train", "table", "--input", table, "--label", "y", "--weight", "w", "--epochs", "1", "--no-compare", "--output", folder.Path("weights.zip"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("weight", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_group_of_all_rows_leaves_a_part_empty()
    {
        var table = folder.Path("group.csv");
        File.WriteAllLines(table, ["y,x,g", .. Enumerable.Range(0, 30).Select(row => $"{row % 2},{row},1")]);
        var run = Cli.Run("train", "table", "--input", table, "--label", "y", "--group", "g", "--output", folder.Path("group.zip"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("'g'", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("importance")]
    [InlineData("dependence")]
    public void Files_to_explain_with_are_needed(string explained)
    {
        var run = Cli.Run("explain", explained, "model.zip");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--input is needed", run.Error, StringComparison.Ordinal);
    }
}
