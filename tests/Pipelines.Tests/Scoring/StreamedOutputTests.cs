using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Rows;
using Sconce.Pipelines.Scoring;
using Sconce.Tests;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>Rows that go to a stream, and those that are set aside to a file.</summary>
public sealed class StreamedOutputTests : IDisposable
{
    private const string Header = "File,Row,Line,Reason,Content\n";

    private readonly TemporaryFolder _folder = new();
    private readonly MemoryStream _stream = new();

    private string Quarantine => _folder.PathOf("bad.csv");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Header + "old.csv,1,1,why,x\n", true, true)]
    [InlineData("", true, true)]
    [InlineData(Header, false, false)]
    [InlineData("Name,Age\nAnn,1\n", true, false)]
    [InlineData("Name,Age\nAnn,1\n", false, false)]
    public void A_quarantine_that_exists_is_replaced_with_force_if_it_is_one(string earlier, bool force, bool isReplaced)
    {
        File.WriteAllText(Quarantine, earlier);
        var refusal = Record.Exception(() => Write(force));
        if (isReplaced)
        {
            Assert.Null(refusal);
            Assert.Equal(Header + "a.csv,2,3,it has 1 fields,\n", File.ReadAllText(Quarantine));
            Assert.Equal("Score\n1\n", Encoding.UTF8.GetString(_stream.ToArray()));
            return;
        }

        var facts = ErrorFacts.Of(Assert.IsType<IOException>(refusal));
        Assert.Equal((Quarantine, OutputConflict.Exists), (facts.File, facts.Conflict));
        Assert.Equal(earlier, File.ReadAllText(Quarantine));
    }

    [Fact]
    public void A_stream_that_takes_no_more_ends_it()
    {
        using var output = new StreamedOutput(new Closed(), RowFormats.Csv, Rows().Schema, Quarantine, replaces: false);
        var refusal = Assert.Throws<IOException>(() => output.Write(Rows())).Message;
        Assert.StartsWith("Standard output was closed after 0 rows (Broken pipe)", refusal, StringComparison.Ordinal);
        Assert.Equal(default, output.Totals);
    }

    private void Write(bool force)
    {
        using var output = new StreamedOutput(_stream, RowFormats.Csv, Rows().Schema, Quarantine, force);
        output.Write(Rows());
        output.Complete();
    }

    private static RowBatch Rows()
    {
        var schema = new DataViewSchema.Builder();
        schema.AddColumn("Score", NumberDataViewType.Single);
        var rows = new RowBatch(schema.ToSchema(), 2);
        ((FixedValues<float>)rows.Columns[0]).Row(0)[0] = 1;
        rows.Accept(new RowPlace("a.csv", 1, 2));
        rows.Bad.Add(new BadRow(new RowPlace("a.csv", 2, 3), "it has 1 fields"));
        return rows;
    }

    /// <summary>A pipe that nobody reads.</summary>
    private sealed class Closed : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("Broken pipe.");
    }
}
