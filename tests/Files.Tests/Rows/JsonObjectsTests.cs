using System.Text;
using Microsoft.ML.Data;
using Sconce.Files.Rows;
using Sconce.Tests;

namespace Sconce.Files.Tests.Rows;

/// <summary>JSON as programs write it that do not know of lines, or of null.</summary>
public sealed class JsonObjectsTests
{
    private static readonly RowFormat _format = RowFormats.JsonLines;
    private static readonly RequestedColumn _age = new("Age", NumberDataViewType.Single);
    private static readonly RequestedColumn _name = new("Name", TextDataViewType.Instance);

    [Theory]
    [InlineData("[{\"Age\":1,\"Name\":\"a]}\\\"{\"},{\"Name\":\"b\",\"Age\":2}]")]
    [InlineData("\uFEFF\n [\n  {\n    \"Age\": 1,\n    \"Name\": \"a]}\\\"{\"\n  },\n  {\"Name\":\"b\",\"Age\":2}\n]\n")]
    [InlineData("{\n  \"Age\": 1,\n  \"Name\": \"a]}\\\"{\"\n}\n{\n  \"Age\": 2, \"Name\": \"b\"\n}")]
    public void Objects_of_an_array_or_of_several_lines_are_rows(string text)
    {
        Assert.Equal(RowFormats.JsonLines, RowFormats.Of("rows.json", new MemoryStream(Encoding.UTF8.GetBytes(text))));
        for (var piece = 1; piece < 12; piece++)
        {
            using var reader = _format.CreateReader("-", new PiecewiseStream(Encoding.UTF8.GetBytes(text), piece), new RowRequest([_age, _name]));
            Assert.Equal(["1|a]}\"{", "2|b"], RowFiles.ReadAll(reader).Print());
        }
    }

    [Fact]
    public void A_bad_object_of_an_array_is_a_bad_row_with_its_line()
    {
        var rows = _format.Read("[\n{\"Age\":1},\n{\"Age\":\n\"x\"},\n{\"Age\":},\n{\"Age\":4}\n]", _age);
        Assert.Equal(["1", "4"], rows.Print());
        Assert.Equal([(2, 3), (3, 5)], rows.Bad.Select(bad => (bad.Place.Row, bad.Place.Line)));
        Assert.Equal("{\"Age\":\n\"x\"}", rows.Bad[0].Content);
        Assert.Equal(6, rows.Place(1).Line);
        Assert.Empty(_format.Read("[]", _age).Print());
    }

    [Theory]
    [InlineData("[{\"Age\":1},\n{\"Age\":2}", "the array is not closed", 2)]
    [InlineData("[{\"Age\":1},\n{\"Age\":2", "the object is not closed", 1)]
    [InlineData("[{\"Age\":1},\n7]", "an object is expected for each row, not '7'", 1)]
    [InlineData("[{\"Age\":1}\n{\"Age\":2}]", "a comma is expected between two objects, not '{'", 1)]
    [InlineData("[{\"Age\":1},,{\"Age\":2}]", "an object is expected for each row, not ','", 1)]
    [InlineData("[{\"Age\":1},]", "an object is expected after a comma, not ']'", 1)]
    [InlineData("[{\"Age\":1}]\nx", "'x' follows the end of the array", 1)]
    public void An_array_that_is_none_ends_the_file_after_the_rows_before(string text, string said, int good)
    {
        using var reader = _format.Open(text, _age);
        var rows = new RowBatch(reader.Schema, 10);
        Assert.Contains(said, Assert.Throws<InvalidDataException>(() => reader.Fill(rows, 10)).Message, StringComparison.Ordinal);
        Assert.Equal(good, rows.Count);
    }

    /// <summary>A line of its own is a row, whatever it is.</summary>
    [Fact]
    public void An_array_of_anything_else_is_a_bad_row()
    {
        using var reader = _format.CreateReader("-", new PiecewiseStream("[1,2]\n{\"Age\":1}\n"u8.ToArray(), 1), new RowRequest([_age]));
        var rows = RowFiles.ReadAll(reader);
        Assert.Equal(["1"], rows.Print());
        Assert.Equal((1, 1), (Assert.Single(rows.Bad).Place.Row, rows.Bad[0].Place.Line));
    }

    [Fact]
    public void A_field_that_is_left_out_is_null_if_a_row_has_it()
    {
        var kept = new RequestedColumn("Id", null) { Role = ColumnRole.Kept };
        Assert.Equal(["NaN||", "1|a|", "2||7"], _format.Read("{}\n{\"Age\":1,\"Name\":\"a\"}\n{\"Age\":2,\"Id\":7}\n", _age, _name, kept).Print());
        // A number that has to be there is not.
        Assert.Equal(["1 (1): it has no field 'Age'"], _format.Read("{\"Name\":\"a\"}\n{\"Age\":2,\"Name\":\"b\"}\n", _age with { IsFinite = true }, _name).PrintBad());
        Assert.Contains("has no column 'Name' (did you mean 'Nmae'?)", Assert.Throws<InvalidDataException>(() => _format.Open("{\"Age\":1}\n{\"Age\":2,\"Nmae\":\"x\"}\n", _age, _name)).Message, StringComparison.Ordinal);
        // What is bad among the rows that were looked at is so in its turn, and where the file cannot be read on, the rows before are given.
        using var reader = _format.CreateReader("file", new PiecewiseStream("{\"Age\":1}\n{\"Age\"\n{\"Age\":3}\n"u8.ToArray(), 100, fails: true), new RowRequest([_age, _name with { Role = ColumnRole.Label, IsRequired = false }]));
        var rows = new RowBatch(reader.Schema, 10);
        Assert.Throws<IOException>(() => reader.Fill(rows, 10));
        Assert.Equal(["1|", "3|"], rows.Print());
        Assert.Single(rows.Bad);
    }

    [Fact]
    public void Numbers_as_Python_writes_them_are_read_or_refused_as_what_they_are()
    {
        const string Text = "{\"Age\":NaN,\"Name\":\"NaN \\\" NaN\"}\n{\"Age\":-Infinity,\"Name\":NaN}\n{\"x\":[Infinity,NaN],\"Age\":1,\"Name\":\"b\"}\n{\"Age\":Nan,\"Name\":\"\"}\n";
        var rows = _format.Read(Text, _age, _name);
        Assert.Equal(["NaN|NaN \" NaN", $"{float.NegativeInfinity}|", "1|b"], rows.Print());
        Assert.Equal(4, Assert.Single(rows.Bad).Place.Row);
        Assert.Contains("NaN, which is not JSON", _format.Read(Text, _age with { IsFinite = true }).Bad[0].Reason, StringComparison.Ordinal);
    }

    /// <summary>Deeper than anybody writes, and in quadratic time before.</summary>
    [Fact]
    public void Objects_too_deep_in_one_another_are_bad_rows()
    {
        var deep = $"{{\"x\":{new string('[', 200_000)}{new string(']', 200_000)},\"Age\":1}}\n{{\"x\":{new string('[', 900)}{new string(']', 900)},\"Age\":2}}\n";
        var rows = _format.Read(deep, _age);
        Assert.Equal(["2"], rows.Print());
        Assert.Contains("depth", Assert.Single(rows.Bad).Reason, StringComparison.Ordinal);
    }

    /// <summary>A row that became infinity says so with the number as it is written.</summary>
    [Theory]
    [InlineData("1e39")]
    [InlineData("-1e400")]
    public void A_number_that_a_type_cannot_represent_is_refused_in_every_format_of_text(string number)
    {
        foreach (var (format, text) in ((RowFormat, string)[])[(RowFormats.Csv, $"Age\n1\n{number}\n"), (RowFormats.Tsv, $"Age\n1\n{number}\n"), (_format, $"{{\"Age\":1}}\n{{\"Age\":{number}}}\n")])
        {
            var rows = format.Read(text, _age);
            Assert.Equal(["1"], rows.Print());
            var bad = Assert.Single(rows.Bad);
            Assert.All((string[])["'Age'", number, "Single can represent"], said => Assert.Contains(said, bad.Reason, StringComparison.Ordinal));
            Assert.Equal(2, bad.Place.Row);
        }
    }
}
