using System.Text;
using Microsoft.ML.Data;
using Sconce.Files.Json;
using Sconce.Files.Rows;
using Sconce.Tests;

namespace Sconce.Files.Tests.Rows;

/// <summary>The lines that JSON's objects stand in, and the files of them.</summary>
public sealed class JsonLinesFileTests
{
    private static readonly RowFormat _format = RowFormats.JsonLines;
    private static readonly RequestedColumn _age = new("Age", NumberDataViewType.Single) { IsFinite = true };

    [Theory]
    [InlineData("\uFEFF{\"Age\":1}\r\n\r\n{\"Age\":2}\r\n")]
    [InlineData("{\"Age\":1}\n \t\n{\"Age\":2}")]
    [InlineData("  { \"Age\" : 1 }  \n\r\n{\"Age\":2} \n\n\n")]
    public void Lines_may_end_as_any_system_has_them(string text)
    {
        // Read in pieces of any size, as pipes give them.
        for (var piece = 1; piece < 12; piece++)
        {
            using var reader = _format.CreateReader("file", new PiecewiseStream(Encoding.UTF8.GetBytes(text), piece), new RowRequest([_age]));
            var rows = RowFiles.ReadAll(reader);
            Assert.Equal(["1", "2"], rows.Print());
            Assert.Equal([new RowPlace("file", 1, 1), new RowPlace("file", 2, 3)], [rows.Place(0), rows.Place(1)]);
        }
    }

    [Fact]
    public void A_line_is_as_long_as_it_needs_to_be_up_to_a_limit()
    {
        var blanks = new byte[ByteWindow.Limit];
        blanks.AsSpan().Fill((byte)' ');
        byte[] content = [.. "{\"Age\":1,"u8, .. blanks.AsSpan(0, 1 << 18), .. "\"x\":0}\n{"u8, .. blanks, .. "\"Age\":9}\n{\"Age\":2}\n{"u8, .. blanks];
        using var reader = _format.Open(content, new RowRequest([_age]));
        var rows = new RowBatch(reader.Schema, 10);
        Assert.False(reader.Fill(rows, 10));
        Assert.Equal(["1", "2"], rows.Print());
        Assert.Equal(["2 (2): it has more than 64 MB; a row is one line", "4 (4): it has more than 64 MB; a row is one line"], rows.PrintBad());
        Assert.Null(rows.Bad[0].Content);
    }

    [Fact]
    public void Rows_are_passed_over_as_they_are_counted()
    {
        using var reader = _format.Open("{\"Age\":1}\n\n{\"Age\":\n{\"Age\":3}\n{\"Age\":4}\n", _age);
        reader.Skip(2);
        Assert.Equal(2, reader.Position);
        var rows = RowFiles.ReadAll(reader);
        Assert.Equal(["3", "4"], rows.Print());
        Assert.Equal(new RowPlace("file", 3, 4), rows.Place(0));
        reader.Skip(5);
        Assert.Equal(4, reader.Position);
    }

    [Fact]
    public void Of_a_gz_that_was_cut_off_the_rows_before_are_read()
    {
        var random = new Random(1);
        var text = string.Concat(Enumerable.Range(1, 20_000).Select(i => $"{{\"Age\":{i},\"x\":{random.Next()}}}\n"));
        var packed = IdxBytes.Gzip(Encoding.UTF8.GetBytes(text));
        using var reader = _format.Open(packed[..(packed.Length / 2)], new RowRequest([_age]), "cut.jsonl.gz");
        var rows = new RowBatch(reader.Schema, 20_000);
        Assert.Contains("cut.jsonl.gz", Assert.Throws<InvalidDataException>(() => reader.Fill(rows, 20_000)).Message, StringComparison.Ordinal);
        Assert.InRange(rows.Count, 5_000, 15_000);
        Assert.Empty(rows.Bad);
        Assert.Equal(rows.Count, ((FixedValues<float>)rows.Columns[0]).Row(rows.Count - 1)[0]);
    }

    [Theory]
    [InlineData("rows.jsonl", "Age,Name\n", "jsonl")]
    [InlineData("rows.NDJSON", "", "jsonl")]
    [InlineData("rows.txt", " \n\t{\"Age\":1}", "jsonl")]
    [InlineData("rows.json", "\uFEFF{\"Age\":1}", "jsonl")]
    [InlineData("rows", "{", "jsonl")]
    [InlineData("rows.csv", "{a},b\n", "csv")]
    [InlineData("rows.txt", "Age\n{\n", "csv")]
    public void Its_files_are_known_by_their_names_or_by_how_they_begin(string name, string text, string format)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        Assert.Equal(format, RowFormats.Of(name, stream).Name);
        Assert.Equal(0, stream.Position);
        Assert.Same(RowFormats.JsonLines, RowFormats.Named("jsonl"));
    }
}
