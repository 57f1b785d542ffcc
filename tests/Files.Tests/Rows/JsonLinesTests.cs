using System.Text;
using Microsoft.ML.Data;
using Sconce.Files.Rows;
using Sconce.Tests;

namespace Sconce.Files.Tests.Rows;

/// <summary>Files with a JSON object in each line.</summary>
public sealed class JsonLinesTests
{
    private static readonly RowFormat _format = RowFormats.JsonLines;
    private static readonly RequestedColumn _age = new("Age", NumberDataViewType.Single) { IsFinite = true };
    private static readonly RequestedColumn _score = new("Score", NumberDataViewType.Double);
    private static readonly RequestedColumn _code = new("Code", TextRows.Floats(3)) { IsFinite = true };
    private static readonly RequestedColumn _image = new("Image", new VectorDataViewType(NumberDataViewType.Byte, 2, 3));

    [Fact]
    public void Rows_of_every_type_are_read_as_they_were_written()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var rows = RandomRows.Rows(RandomRows.Schema(random, hasVariable: true), random.Next(1, 40), random);
            var written = _format.Write(rows);
            var read = _format.Read(seed % 2 == 0 ? written : IdxBytes.Gzip(written), new RowRequest(RowFiles.Request(rows.Schema)));
            Assert.Empty(read.Bad);
            Assert.Equal(RowFiles.Show(rows), RowFiles.Show(read));
        }
    }

    [Fact]
    public void A_row_is_an_object_in_a_line_without_blanks()
    {
        var rows = new RowBatch(RandomRows.Schema(("Id", NumberDataViewType.Int64), ("Näme", TextDataViewType.Instance), ("Score", TextRows.Floats(5)), ("Is", BooleanDataViewType.Instance), ("At", DateTimeOffsetDataViewType.Instance), ("Any", new VectorDataViewType(TextDataViewType.Instance))), 1);
        ((FixedValues<long>)rows.Columns[0]).Row(0)[0] = long.MinValue;
        ((FixedValues<ReadOnlyMemory<char>>)rows.Columns[1]).Row(0)[0] = "näïve <猫> \"a\"\t\\ +".AsMemory();
        float[] scores = [0.1f, float.NaN, -0f, float.NegativeInfinity, 16777216];
        scores.CopyTo(((FixedValues<float>)rows.Columns[2]).Row(0));
        ((FixedValues<DateTimeOffset>)rows.Columns[4]).Row(0)[0] = new DateTimeOffset(2003, 12, 31, 23, 59, 0, TimeSpan.FromHours(1));
        ((VariableValues<ReadOnlyMemory<char>>)rows.Columns[5])[0] = ["a".AsMemory(), ReadOnlyMemory<char>.Empty];
        rows.Accept(default);
        var text = Encoding.UTF8.GetString(_format.Write(rows, continues: true));
        Assert.Equal("""{"Id":-9223372036854775808,"Näme":"näïve <猫> \"a\"\t\\ +","Score":[0.1,"NaN",-0,"-Infinity",16777216],"Is":false,"At":"2003-12-31T23:59:00.0000000+01:00","Any":["a",""]}""" + "\n", text);
    }

    /// <summary>Half a surrogate pair is no text; as in CSV, the sign for such takes its place.</summary>
    [Fact]
    public void Half_a_character_does_not_end_the_writing()
    {
        var rows = new RowBatch(RandomRows.Schema(("Name", TextDataViewType.Instance)), 1);
        ((FixedValues<ReadOnlyMemory<char>>)rows.Columns[0]).Row(0)[0] = "a\uD800b".AsMemory();
        rows.Accept(default);
        var read = _format.Read(_format.Write(rows), new RowRequest([]));
        Assert.Equal(["a\uFFFDb"], read.Print());
    }

    [Fact]
    public void Fields_are_found_by_name_whatever_their_order_and_others_are_passed_over()
    {
        var rows = _format.Read("""
            {"note":{"Age":99,"deep":[[{}],"}"]},"age":1,"Code":[1,2,3]}
            {"Code":[4,5,6],"more":[1,{"Code":7}],"age":2.5e0}
            {"age":3,"a\u0067e":4,"\u0043ode":[7,8,9],"note":null}
            """, _age, _code);
        Assert.Empty(rows.Bad);
        Assert.Equal(["1|1 2 3", "2.5|4 5 6", "4|7 8 9"], rows.Print());
    }

    [Fact]
    public void The_very_name_goes_before_one_that_differs_in_case() =>
        Assert.Equal(["2"], _format.Read("""{"age":1,"Age":2}""", _age).Print());

    [Fact]
    public void A_vector_is_an_array_or_arrays_of_its_shape_or_a_field_for_each_value()
    {
        Assert.Equal(["1 2 3 4 5 6", "6 5 4 3 2 1"], _format.Read("""
            {"Image":[[1,2,3],[4,5,6]]}
            {"Image":[6,5,4,3,2,1]}
            """, _image).Print());
        Assert.Equal(["1 2 3", "4 5 6"], _format.Read("""
            {"Code.2":3,"Code.1":2,"x":0,"Code.0":1}
            {"Code.0":4,"Code.1":5,"Code.2":6}
            """, _code).Print());
        // A vector without a shape takes any that has as many values, as a model that was trained on flat rows does.
        Assert.Equal(["1 2 3"], _format.Read("""{"Code":[[1],[2],[3]]}""", _code).Print());
        Assert.Equal(["1", "2"], _format.Read("""
            {"Code":[1]}
            {"Code":2}
            """, new RequestedColumn("Code", TextRows.Floats(1))).Print());
        Assert.Equal(["", "1 2", "3"], _format.Read("""
            {"Any":[]}
            {"Any":[1,2]}
            {"Any":[3]}
            """, new RequestedColumn("Any", TextRows.Floats())).Print());
    }

    [Theory]
    [InlineData("""{"Image":[1,2,3,4,5]}""", "field 'Image' has 5 values; 6 are expected")]
    [InlineData("""{"Image":[[1,2],[3,4],[5,6]]}""", "field 'Image' has an array of 2 values in it; arrays in the shape 2 x 3, or one of 6, are expected")]
    [InlineData("""{"Image":[[1,2,3],[4,5]]}""", "field 'Image' has an array of 2 values in it; ")]
    [InlineData("""{"Image":7}""", "field 'Image' is 7; an array of 6 values is expected")]
    [InlineData("""{"Image":null}""", "field 'Image' is null; an array of 6 values is expected")]
    [InlineData("""{"Image":{"a":[1]}}""", """field 'Image' is {"a":[1]}; an array of 6 values is expected""")]
    [InlineData("""{"Image":[1,2,3,4,"x",6]}""", "field 'Image' has the value 5 'x'; a finite number is expected")]
    [InlineData("""{"Image":[1,2,3,4,5,256]}""", "field 'Image' has the value 6 256; a whole number from 0 to 255 is expected")]
    [InlineData("""{"Image":[1,2,3,4,5,null]}""", "field 'Image' has the value 6 null; a finite number is expected")]
    [InlineData("""{"Image":[1,2,3,4,5,true]}""", "field 'Image' has the value 6 true; a finite number is expected")]
    [InlineData("""{"Image":[1,2,3,4,5,{"x":6}]}""", """field 'Image' has the value 6 {"x":6}; a finite number is expected""")]
    [InlineData("""{"Other":[1,2,3,4,5,6]}""", "it has no field 'Image'")]
    [InlineData("""{}""", "it has no field 'Image'")]
    [InlineData("""{"Image":[1,2,3,4,5,6]} x""", "it is not JSON: 'x' is invalid after a single JSON value", "at byte 25")]
    [InlineData("""{"Image":[1,2,3""", "it is not JSON: ", "at byte 16")]
    [InlineData("""{"Image":[1,2,3,4,5,6],}""", "it is not JSON: ", "at byte 24")]
    [InlineData("""{"other":[1,2],"x":tru}""", "it is not JSON: ", "at byte 23")]
    [InlineData("""[1,2,3]""", "it is not a JSON object: it begins with '[1,2,3]', and '{' is expected")]
    [InlineData("""hello, I am a long line of prose""", "it is not a JSON object: it begins with 'hello, I am a long l…', and '{' is expected")]
    [InlineData("""{"other":"\ud83d","Image":[1,2,3,4,5,"\ud800"]}""", "unpaired surrogate")]
    public void A_line_that_cannot_be_used_is_a_bad_row_and_the_next_is_read(string line, params string[] said)
    {
        var rows = _format.Read($$"""
            {"Image":[1,2,3,4,5,6]}

            {{line}}
            {"Image":[6,5,4,3,2,1]}
            """, _image);
        Assert.Equal(["1 2 3 4 5 6", "6 5 4 3 2 1"], rows.Print());
        var bad = Assert.Single(rows.Bad);
        Assert.Equal((2, 3), (bad.Place.Row, bad.Place.Line));
        Assert.All(said, each => Assert.Contains(each, bad.Reason, StringComparison.Ordinal));
        Assert.Equal(line, bad.Content);
        Assert.Equal(new RowPlace("file", 3, 4), rows.Place(1));
    }

    [Fact]
    public void Bytes_that_are_no_UTF_8_make_their_row_bad_alone()
    {
        byte[] content = [.. "{\"Age\":1,\"x\":\""u8, 0xC3, 0x28, .. "\"}\n{\"Age\":2}\n"u8];
        var rows = _format.Read(content, new RowRequest([_age]));
        Assert.Equal(["2"], rows.Print());
        Assert.Equal(["1 (1): it has bytes that are not UTF-8; text in UTF-8 is expected"], rows.PrintBad());
    }

    [Fact]
    public void Missing_numbers_are_NaN_where_that_is_allowed()
    {
        const string Text = """
            {"Score":null}
            {"Score":"NaN"}
            {"Score":"-Infinity"}
            {"Score":" 1e3 "}
            {"Score":""}
            {"Score":"x"}
            {"Score":true}
            """;
        var rows = _format.Read(Text, _score);
        Assert.Equal(["NaN", "NaN", "-Infinity", "1000", "NaN"], rows.Print());
        Assert.Equal(["6 (6): field 'Score' is 'x'; a number is expected", "7 (7): field 'Score' is true; a number is expected"], rows.PrintBad());
        rows = _format.Read(Text, _score with { IsFinite = true });
        Assert.Equal(["1000"], rows.Print());
        Assert.Equal("1 (1): field 'Score' is null; a finite number is expected", rows.PrintBad().First());
        Assert.Equal("2 (2): field 'Score' is 'NaN'; a finite number is expected", rows.PrintBad().ElementAt(1));
    }

    [Fact]
    public void Whole_numbers_of_64_bits_are_exact()
    {
        var rows = _format.Read("""
            {"n":9223372036854775807,"u":18446744073709551615}
            {"n":"-9223372036854775808","u":7.0}
            {"n":9223372036854775808,"u":0}
            """, new("n", NumberDataViewType.Int64), new("u", NumberDataViewType.UInt64));
        Assert.Equal(["9223372036854775807|18446744073709551615", "-9223372036854775808|7"], rows.Print());
        Assert.Equal(["3 (3): field 'n' is 9223372036854775808; a whole number from -9223372036854775808 to 9223372036854775807 is expected"], rows.PrintBad());
    }

    /// <summary>What is passed through is text: strings by what they hold, all else as it stands.</summary>
    [Fact]
    public void What_is_kept_is_its_own_text()
    {
        var kept = new RequestedColumn("Id", null) { Role = ColumnRole.Kept };
        var rows = _format.Read("""
            {"Id":"a\nb","Age":1}
            {"Id":1.50,"Age":1}
            {"Id":true,"Age":1}
            {"Id":null,"Age":1}
            {"Id":{"a": [1, "}"]},"Age":1}
            {"Age":1,"Id":[1, {"b":2}]}
            {"Age":1}
            """, kept, _age);
        Assert.Empty(rows.Bad);
        Assert.Equal(["a\nb|1", "1.50|1", "true|1", "|1", """{"a": [1, "}"]}|1""", """[1, {"b":2}]|1""", "|1"], rows.Print());
    }

    /// <summary>A field may be read, kept, and be the label at once.</summary>
    [Fact]
    public void A_field_serves_several_columns() =>
        Assert.Equal(["1 2 3|[1,2,3]|5|5"], _format.Read("""{"Code":[1,2,3],"Age":5}""", _code, new("Code", null) { Role = ColumnRole.Kept }, _age, new("Age", null) { Role = ColumnRole.Label }).Print());

    [Fact]
    public void Fields_of_more_values_than_a_vector_has_are_refused() =>
        Assert.Contains("has 4 columns, 'Code.0' to 'Code.3', of the 3 values of 'Code'", Assert.Throws<InvalidDataException>(() => _format.Read("""{"Code.0":1,"Code.1":2,"Code.2":3,"Code.3":4}""", _code)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_row_without_a_label_is_scored_all_the_same()
    {
        var label = new RequestedColumn("Label", TextDataViewType.Instance) { Role = ColumnRole.Label };
        var rows = _format.Read("""
            {"Age":1}
            {"Age":"x","Label":"wrong"}
            {"Age":2}
            {"Age":3,"Label":"yes"}
            {"Age":4,"Label":null}
            """, _age, label);
        Assert.Equal(["1|", "2|", "3|yes", "4|"], rows.Print());
        Assert.Single(rows.Bad);
    }

    [Fact]
    public void A_column_that_is_not_there_is_named_with_the_nearest()
    {
        var request = new RowRequest([_age, _code]) { Reader = "'m.zip'" };
        Assert.Equal(
            "'file' has no column 'Code' (did you mean 'Coed'?), which 'm.zip' reads (Vector<Single, 3>, or 'Code.0' and so on). Its columns are: Age, Coed.",
            Assert.Throws<InvalidDataException>(() => _format.Open("""{"Age":1,"Coed":[1,2,3]}"""u8.ToArray(), request)).Message);
        Assert.Contains("has no column 'Id', which is to be kept. Its columns are: Age", Assert.Throws<InvalidDataException>(() => _format.Open("""{"Age":1}""", _age, new("Id", null) { Role = ColumnRole.Kept })).Message, StringComparison.Ordinal);
        // A field for each value, but one.
        Assert.Contains("has no column 'Code', which the reader reads", Assert.Throws<InvalidDataException>(() => _format.Open("""{"Code.0":1,"Code.2":1}""", _code)).Message, StringComparison.Ordinal);
    }

    /// <summary>A first row that is bad tells of no columns; the first good one does.</summary>
    [Fact]
    public void A_first_row_that_is_bad_is_no_reason_to_refuse_the_file()
    {
        var rows = _format.Read("{\"Age\":\n{\"age\":2}\n", _age);
        Assert.Equal(["2"], rows.Print());
        Assert.Single(rows.Bad);
        using var reader = _format.Open("{\"Age\":\n{\"Eage\":2}\n", _age);
        var batch = new RowBatch(reader.Schema, 10);
        Assert.Contains("has no column 'Age' (did you mean 'Eage'?)", Assert.Throws<InvalidDataException>(() => reader.Fill(batch, 10)).Message, StringComparison.Ordinal);
        Assert.Single(batch.Bad);
    }

    [Fact]
    public void Without_a_request_the_first_row_tells_the_columns()
    {
        var rows = _format.Read("""
            {"n":1,"t":"x","b":false,"v":[1,null,"NaN"],"o":{"a":1},"w":["a"],"e":[],"z":null,"i":"Infinity"}
            {"n":"2","t":3,"b":true,"v":[4,5,6],"o":null,"w":1,"e":[1],"z":"z","i":1}
            {"n":1,"t":"x","b":false,"v":[1],"o":0,"w":0,"e":0,"z":0,"i":0}
            """);
        Assert.Equal(["n", "t", "b", "v", "o", "w", "e", "z", "i"], rows.Schema.Select(column => column.Name));
        Assert.Equal(
            [NumberDataViewType.Double, TextDataViewType.Instance, BooleanDataViewType.Instance, TextRows.Floats(3), TextDataViewType.Instance, TextDataViewType.Instance, TextDataViewType.Instance, TextDataViewType.Instance, NumberDataViewType.Double],
            rows.Schema.Select(column => column.Type));
        Assert.Equal(["""1|x|False|1 NaN NaN|{"a":1}|["a"]|[]||∞""", "2|3|True|4 5 6||1|[1]|z|1"], rows.Print().Select(row => row.Replace("Infinity", "∞", StringComparison.Ordinal)));
        Assert.Equal(["3 (3): field 'v' has 1 values; 3 are expected"], rows.PrintBad());
        Assert.Empty(_format.Read("").Schema);
        Assert.Equal(["Age"], _format.Read("\n \n", _age).Schema.Select(column => column.Name));
    }

    [Fact]
    public void What_JSON_does_not_hold_is_refused() =>
        Assert.Contains("'Row' has the type", Assert.Throws<ArgumentException>(() => _format.CreateWriter(Stream.Null, RandomRows.Schema(("Row", RowIdDataViewType.Instance)))).Message, StringComparison.Ordinal);
}
