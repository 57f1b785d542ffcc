using System.Text;
using Microsoft.ML.Data;
using Sconce.Files.Rows;
using Sconce.Pipelines.Scoring;
using Sconce.Tests;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>Several inputs as one, some of which cannot be read, or come once alone.</summary>
public class InputRowsTests
{
    private static readonly RequestedColumn _age = new("Age", NumberDataViewType.Single) { IsFinite = true };

    /// <summary>What was read of it once is gone: opened again it would begin in the middle, or be empty.</summary>
    [Fact]
    public void Standard_input_that_cannot_be_read_is_a_bad_file_and_is_not_opened_again()
    {
        var opened = 0;
        using var rows = new InputRows(["-", "good.csv"], Open, new RowRequest([_age]));
        var batch = Assert.Single(rows.Read(default, 10, TestContext.Current.CancellationToken)).Rows;
        Assert.Equal(["3"], batch.Print());
        var bad = Assert.Single(batch.Bad);
        Assert.Equal((true, "-"), (bad.IsFile, bad.Place.File));
        Assert.Contains("no column 'Age'", bad.Reason, StringComparison.Ordinal);
        Assert.Equal(1, opened);

        OpenedInput Open(string name, RowRequest request)
        {
            var isBad = name == "-" && opened++ == 0;
            return new(RowFormats.Csv.Open(Encoding.UTF8.GetBytes(isBad ? "Aeg\n1\n" : name == "-" ? "" : "Age\n3\n"), request, name));
        }
    }

    /// <summary>Standard input is the first that can be opened, and is opened once; its rows are its own all the same.</summary>
    [Fact]
    public void Standard_input_after_a_file_that_cannot_be_read_keeps_its_place()
    {
        var opened = 0;
        using var rows = new InputRows(["bad.csv", "-", "good.csv"], Open, new RowRequest([_age]));
        var batch = Assert.Single(rows.Read(default, 10, TestContext.Current.CancellationToken)).Rows;
        Assert.Equal(["1", "2", "3"], batch.Print());
        Assert.Equal(["-", "-", "good.csv"], Enumerable.Range(0, 3).Select(row => batch.Place(row).File));
        var bad = Assert.Single(batch.Bad);
        Assert.True(bad.IsFile);
        Assert.Equal("bad.csv", bad.Place.File);
        Assert.Equal(1, opened);

        OpenedInput Open(string name, RowRequest request)
        {
            if (name == "-")
                opened++;
            return new(RowFormats.Csv.Open(Encoding.UTF8.GetBytes(name switch { "bad.csv" => "Aeg\n7\n", "-" => "Age\n1\n2\n", _ => "Age\n3\n" }), request, name));
        }
    }
}
