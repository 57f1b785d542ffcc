using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Rows;
using Sconce.Tests;

namespace Sconce.Files.Tests.Rows;

/// <summary>CSV as people and programs write it, good and bad.</summary>
public sealed class CsvReaderTests
{
    private static readonly RowFormat _format = RowFormats.Csv;
    private static readonly RequestedColumn _age = new("Age", NumberDataViewType.Single) { IsFinite = true };
    private static readonly RequestedColumn _name = new("Name", TextDataViewType.Instance);
    private static readonly RequestedColumn _code = new("Code", TextRows.Floats(2)) { IsFinite = true };
    private static readonly RequestedColumn _pixels = new("Image", new VectorDataViewType(NumberDataViewType.Byte, 1, 2));
    private static readonly RequestedColumn _label = new("Label", TextDataViewType.Instance) { Role = ColumnRole.Label, IsRequired = false };

    [Theory]
    [InlineData("Name,Age\nAnn,1\nBob,2\n")]
    [InlineData("age,x,name\n1,?,Ann\n2,\"a,b\",Bob")]
    [InlineData("\n\nAGE,NAME\r\n1,Ann\r\n\r\n2,Bob\r\n\r\n")]
    [InlineData("Age\tName\n1\tAnn\n2\tBob\n")]
    [InlineData("Age;Name;\"x,y,z\"\n1;Ann;0,5\n2;Bob;\n")]
    [InlineData("Age|Name\n1|Ann\n2|Bob\n")]
    [InlineData("\"Age\",\" Name \"\n\"1\",\"Ann\"\n2,Bob\n")]
    [InlineData("Age,Name\r1,Ann\r2,Bob\r")]
    [InlineData("\uFEFFAge,Name\n1,Ann\n2,Bob\n")]
    public void Columns_are_found_by_name_in_any_order_and_separated_by_what_the_first_line_shows(string text)
    {
        foreach (var content in (byte[][])[Encoding.UTF8.GetBytes(text), IdxBytes.Gzip(Encoding.UTF8.GetBytes(text)), [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(text.TrimStart('\uFEFF'))], [.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes(text.TrimStart('\uFEFF'))]])
        {
            var rows = _format.Read(content, new RowRequest([_name, _age]));
            Assert.Empty(rows.Bad);
            Assert.Equal(["Ann|1", "Bob|2"], rows.Print());
        }
    }

    /// <summary>Pipes give bytes as they come, and may end a piece anywhere.</summary>
    [Fact]
    public void A_pipe_is_read_as_it_gives()
    {
        var content = "Name;Age\r\n\"Ä;\"\"x\"\"\r\n猫\";1\r\nBob;2\r\n"u8.ToArray();
        for (var piece = 1; piece < 20; piece++)
        {
            using var reader = _format.CreateReader("-", new PiecewiseStream(content, piece), new RowRequest([_name, _age]));
            Assert.Equal(["Ä;\"x\"\r\n猫|1", "Bob|2"], RowFiles.ReadAll(reader).Print());
        }
    }

    [Fact]
    public void Lines_are_counted_through_quoted_newlines_and_blank_lines()
    {
        var rows = _format.Read("Name,Age\n\n\"a\nb\r\nc\",1\n\n\n\"say \"\"x,y\"\"\",x\n#plain,3\n\"\n\n\",4,5\nend,6", _name, _age);
        Assert.Equal(["a\nb\r\nc|1", "#plain|3", "end|6"], rows.Print());
        Assert.Equal([new("file", 1, 3), new("file", 3, 9), new("file", 5, 13)], Enumerable.Range(0, 3).Select(rows.Place));
        Assert.Equal(["2 (8): field 2 ('Age') is 'x'; a finite number is expected", "4 (10): it has 3 fields; 2 are expected, as in the header"], rows.PrintBad());
        Assert.Equal(["\"say \"\"x,y\"\"\",x", "\"\n\n\",4,5"], rows.Bad.Select(bad => bad.Content));
        Assert.Equal("'file', row 2 (line 8)", $"{rows.Bad[0].Place}");
    }

    /// <summary>One row out for each row in: of one column an empty line is an empty value, wherever it stands; of several it is none.</summary>
    [Fact]
    public void An_empty_line_is_a_row_where_rows_have_one_field()
    {
        var rows = _format.Read("\nName\n\na\n\"\"\r\n\r\nb\n\n", _name);
        Assert.Equal(["", "a", "", "", "b", ""], rows.Print());
        Assert.Equal([3, 4, 5, 6, 7, 8], Enumerable.Range(0, 6).Select(row => rows.Place(row).Line));
        // Without a header those before the first are rows, too.
        rows = _format.Read("\n\n1\n\n3", _age with { IsFinite = false });
        Assert.Equal(["NaN", "NaN", "1", "NaN", "3"], rows.Print());
        Assert.Equal([1, 2, 3, 4, 5], Enumerable.Range(0, 5).Select(row => rows.Place(row).Line));
        Assert.Equal(["1 (1): field 1 is ''; a finite number is expected"], _format.Read("\n1\n", _age).PrintBad());
        Assert.Equal(["1|x"], _format.Read("\nAge,Name\n\n1,x\n\n", _age, _name).Print());
    }

    /// <summary>It did, or not, by where in a buffer it stood.</summary>
    [Fact]
    public void A_lone_carriage_return_ends_a_row_wherever_it_stands()
    {
        for (var before = 32_700; before < 32_800; before += 3)
        {
            var rows = _format.Read($"Name\n{new string('x', before)}\ryyy\n\"a\rb\"\r\nz", _name);
            Assert.Equal([before, 3, 3, 1], rows.Print().Select(name => name.Length));
            Assert.Equal([2, 3, 4, 6], Enumerable.Range(0, 4).Select(row => rows.Place(row).Line));
        }
    }

    /// <summary>Spark and MySQL write them; they are no escapes where a row can be read without.</summary>
    [Fact]
    public void Backslashes_before_quotes_are_escapes_where_a_row_cannot_be_read_without()
    {
        byte[] content = """"
            Name,Age
            "C:\",1
            "K\"öln, \\x \n",2
            "a \"b\"",3
            "say ""x""",4
            """"u8.ToArray();
        Assert.Equal([@"C:\|1", @"K""öln, \x \n|2", @"a ""b""|3", @"say ""x""|4"], _format.Read(content, new RowRequest([_name, _age])).Print());
        var rows = _format.Read(content, new RowRequest([_name, _age]) { EscapeCharacter = '"' });
        Assert.Equal([@"C:\|1", @"say ""x""|4"], rows.Print());
        Assert.Equal([3, 4], rows.Bad.Select(bad => bad.Place.Line));
        Assert.All(rows.Bad, bad => Assert.Contains(@"\"" is not an escape here", bad.Reason, StringComparison.Ordinal));
        Assert.Equal(@"""a \""b\"""",3", rows.Bad[1].Content);
        // Of a file that has them throughout, texts may have line ends, and end in a backslash.
        rows = _format.Read("Name,Age\n\"a\n\\\",b\",1\n\"c\\\\\",2\n"u8.ToArray(), new RowRequest([_name, _age]) { EscapeCharacter = '\\' });
        Assert.Equal(["a\n\",b|1", "c\\|2"], rows.Print());
    }

    [Fact]
    public void Decimal_commas_are_read_where_they_are_asked_for_and_named_where_they_are_not()
    {
        byte[] content = "Age;Name\n0,5;x\n1.234,5;y\n-1,5e1;z\n1.5;u\n7;v\n"u8.ToArray();
        var rows = _format.Read(content, new RowRequest([_age]) { HasDecimalComma = true });
        Assert.Equal(["0.5", "-15", "7"], rows.Print());
        Assert.Equal([3, 5], rows.Bad.Select(bad => bad.Place.Line));
        rows = _format.Read(content, new RowRequest([_age]));
        Assert.Equal(["1.5", "7"], rows.Print());
        Assert.All(rows.Bad, bad => Assert.Contains("looks like a decimal comma", bad.Reason, StringComparison.Ordinal));
        // Without names, too, a comma separates nothing.
        Assert.Equal(["0.5 1.5"], _format.Read("0,5;1,5\n"u8.ToArray(), new RowRequest([_code]) { HasDecimalComma = true }).Print());
    }

    [Fact]
    public void A_file_of_several_gzip_members_is_read_whole()
    {
        byte[] packed = [.. IdxBytes.Gzip("Age,Name\n1,"u8.ToArray()), .. IdxBytes.EmptyGzip, .. IdxBytes.Gzip("a\n2,b\n"u8.ToArray()), .. new byte[512]];
        Assert.Equal(["1|a", "2|b"], _format.Read(packed, new RowRequest([_age, _name])).Print());
        Assert.Equal(["1|a", "2|b"], RowFormats.Csv.Read([.. packed[..^512], .. IdxBytes.EmptyGzip], new RowRequest([_age, _name])).Print());
        Assert.Equal(["1|x", "2|y"], RowFormats.JsonLines.Read([.. IdxBytes.Gzip("{\"Age\":1,"u8.ToArray()), .. IdxBytes.Gzip("\"Name\":\"x\"}\n{\"Age\":2,\"Name\":\"y\"}"u8.ToArray())], new RowRequest([_age, _name])).Print());
        Assert.Throws<InvalidDataException>(() => _format.Read([.. packed, 1], new RowRequest([_age])));
    }

    [Theory]
    [InlineData("1,2\n3\n5,6\n", "2 (2): it has 1 field; 2 are expected, as in the first row")]
    [InlineData("1,2\n3,4,\n5,6\n", "2 (2): it has 3 fields; 2 are expected, as in the first row")]
    [InlineData("1,2\n3,\n5,6\n", "2 (2): field 2 is ''; a finite number is expected")]
    [InlineData("1,2\n3,1.2.3\n5,6\n", "2 (2): field 2 is '1.2.3'; a finite number is expected")]
    [InlineData("1,2\nNaN,4\n5,6\n", "2 (2): field 1 is 'NaN'; a finite number is expected")]
    [InlineData("1,2\n3,1e39\n5,6\n", "2 (2): field 2 is '1e39'; a finite number that Single can represent, of at most 3.4028235E+38, is expected")]
    [InlineData("1,2\n\"0x1\",4\n5,6\n", "2 (2): field 1 is '0x1'; a finite number is expected")]
    public void A_row_that_cannot_be_used_says_why_and_the_next_is_read(string text, string said)
    {
        var rows = _format.Read(text, _code);
        Assert.Equal([said], rows.PrintBad());
        Assert.Equal(["1 2", "5 6"], rows.Print());
        Assert.Equal(["1 2", "5 6"], _format.Read("Code.0,Code.1\n" + text, _code).Print());
    }

    [Fact]
    public void Missing_numbers_are_NaN_where_that_is_allowed()
    {
        const string Text = "Age,x\n,0\nNaN,0\nNA,0\n?,0\n 1.5 ,0\n-Infinity,0\nnone,0\n";
        var rows = _format.Read(Text, _age with { IsFinite = false });
        Assert.Equal(["NaN", "NaN", "NaN", "NaN", "1.5", "-Infinity"], rows.Print());
        Assert.Equal(["7 (8): field 1 ('Age') is 'none'; a number is expected"], rows.PrintBad());
        Assert.Equal(["1.5"], _format.Read(Text, _age).Print());
    }

    [Fact]
    public void Bytes_that_are_no_UTF_8_make_their_row_bad_alone()
    {
        byte[] content = [.. "Age,Name\n1,Ann\n2,"u8, 0xFC, (byte)'x', .. "\n"u8, 0xFF, .. ",a\n4,Bob\n"u8];
        var rows = _format.Read(content, new RowRequest([_name, _age]));
        Assert.Equal(["Ann|1", "Bob|4"], rows.Print());
        Assert.Equal(["2 (3): field 2 ('Name') has bytes that are not UTF-8; text in UTF-8 is expected", "3 (4): field 1 ('Age') has bytes that are not UTF-8; text in UTF-8 is expected"], rows.PrintBad());
    }

    [Theory]
    [InlineData("Name,Age\nAnn,1\nB\"ob\",2\n\"Cy\"x,3\nDan,4\n", 4, "'x' follows the quote that ends a field", "Ann|1", "B\"ob\"|2", "Dan|4")]
    [InlineData("Name,Age\nAnn,1\n\"Cy,3\nDan,4\n\"Eve\",5\nFay,6\n", 3, "'E' follows the quote that ends a field", "Ann|1", "Fay|6")]
    [InlineData("Name,Age\nAnn,1\nBob,2\n\"Cy,3\nDan,4\n", 4, "a quote opens that is not closed", "Ann|1", "Bob|2")]
    public void A_bad_quote_costs_the_lines_to_where_it_shows(string text, int line, string said, params string[] good)
    {
        var rows = _format.Read(text, _name, _age);
        Assert.Equal(good, rows.Print());
        var bad = Assert.Single(rows.Bad);
        Assert.Equal(line, bad.Place.Line);
        Assert.Contains(said, bad.Reason, StringComparison.Ordinal);
        Assert.StartsWith("\"Cy", bad.Content, StringComparison.Ordinal);
    }

    [Fact]
    public void A_quote_that_is_never_closed_does_not_hold_the_whole_file_in_memory()
    {
        using var reader = _format.CreateReader("endless.csv", new PiecewiseStream([.. "Name,Age\nAnn,1\n\""u8, .. new byte[70 << 20]], 1 << 20), new RowRequest([_name, _age]));
        var rows = new RowBatch(reader.Schema, 10);
        Assert.StartsWith("'endless.csv', row 2 (line 3): ", Assert.Throws<InvalidDataException>(() => reader.Fill(rows, 10)).Message, StringComparison.Ordinal);
        Assert.Equal(1, rows.Count);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1 << 20, 0)]
    [InlineData(1 << 20, 3)]
    [InlineData(1 << 20, 7)]
    public void Where_a_file_cannot_be_read_on_the_rows_before_are_given(int piece, int cut)
    {
        var text = string.Concat(Enumerable.Range(1, 3_000).Select(i => $"{i},name{i}\n"));
        using var reader = _format.CreateReader("file", new PiecewiseStream(Encoding.UTF8.GetBytes(text[..^cut]), piece, fails: true), new RowRequest([_age, _name]));
        var rows = new RowBatch(reader.Schema, 3_000);
        Assert.Equal("The disk is gone.", Assert.Throws<IOException>(() => _ = reader.Fill(rows, 3_000) && reader.Fill(new RowBatch(reader.Schema, 1), 1)).Message);
        Assert.Empty(rows.Bad);
        Assert.Equal(cut == 0 ? 3_000 : 2_999, rows.Count);
        Assert.Equal($"{rows.Count}|name{rows.Count}", rows.Print().Last());
    }

    [Fact]
    public void Of_a_gz_that_was_cut_off_the_rows_before_are_read()
    {
        var random = new Random(1);
        var packed = IdxBytes.Gzip(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(1, 20_000).Select(i => $"{i},\"{random.Next()}\n\"\n"))));
        foreach (var length in (int[])[packed.Length / 2, packed.Length - 8, packed.Length - 1])
        {
            using var reader = _format.Open(packed[..length], new RowRequest([_age, _name]), "cut.csv.gz");
            var rows = new RowBatch(reader.Schema, 30_000);
            Assert.Contains("cut.csv.gz", Assert.Throws<InvalidDataException>(() => reader.Fill(rows, 30_000)).Message, StringComparison.Ordinal);
            Assert.Empty(rows.Bad);
            Assert.InRange(rows.Count, 5_000, 20_000);
            Assert.Equal(rows.Count, ((FixedValues<float>)rows.Columns[0]).Row(rows.Count - 1)[0]);
        }

        Assert.Contains("cut.csv.gz", Assert.Throws<InvalidDataException>(() => _format.Open(packed[..12], new RowRequest([_age]), "cut.csv.gz")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_is_closed_with_its_reader(bool isPacked)
    {
        var stream = new MemoryStream(isPacked ? IdxBytes.Gzip("Age\n1\n"u8.ToArray()) : "Age\n1\n"u8.ToArray());
        _format.CreateReader("file", stream, new RowRequest([_age])).Dispose();
        Assert.False(stream.CanRead);
        stream = new MemoryStream("Ag,x\n1,2\n"u8.ToArray());
        Assert.Throws<InvalidDataException>(() => _format.CreateReader("file", stream, new RowRequest([_age])));
        Assert.False(stream.CanRead);
    }

    [Fact]
    public void A_mistyped_name_is_refused_with_the_nearest()
    {
        var request = new RowRequest([_age, _name]) { Reader = "'m.zip'" };
        Assert.Equal(
            "'file' has no column 'Name' (did you mean 'Nmae'?), which 'm.zip' reads (String). Its columns are: Age, Nmae.",
            Assert.Throws<InvalidDataException>(() => _format.Open("Age,Nmae\n1,Ann\n"u8.ToArray(), request)).Message);
        // Of a file where text is read, a first line that has nearly the name is a header too.
        Assert.Contains("(did you mean 'Nmae'?)", Assert.Throws<InvalidDataException>(() => _format.Open("Nmae\nAnn\n", _name)).Message, StringComparison.Ordinal);
        Assert.Contains("has no column 'Code' (did you mean 'Coed'?), which the reader reads (Vector<Single, 2>, or 'Code.0' and so on, or exactly 2 columns of numbers). Its columns are: Coed.",
            Assert.Throws<InvalidDataException>(() => _format.Open("Coed\n1\n", _code)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_header_columns_have_their_places()
    {
        Assert.Equal(["Ann|1|2 3", "Bob|4|5 6"], _format.Read("Ann,1,2,3\nBob,4,5,6\n", _name, _age, _code).Print());
        Assert.Equal(
            "'file' has rows of 3 fields and no names; 4 ('Name', 'Age', 'Code') are expected. Add a first line with the names of the fields.",
            Assert.Throws<InvalidDataException>(() => _format.Open("Ann,1,2\n", _name, _age, _code)).Message);
        // A header may be said to be none, and the reverse.
        byte[] content = "Name\nAge\n"u8.ToArray();
        Assert.Equal(["Name", "Age"], _format.Read(content, new RowRequest([_name]) { HasHeader = false }).Print());
        Assert.Equal(["Age"], _format.Read(content, new RowRequest([_name]) { HasHeader = true }).Print());
        Assert.Equal(["2"], _format.Read("1\n2\n"u8.ToArray(), new RowRequest([]) { HasHeader = true }).Print());
        // Numbers alone are no header; names alone are one, whatever they are.
        Assert.Equal(["1 2", "3 4"], _format.Read("1,2\n3,4\n", _code).Print());
        Assert.Equal(["3 4"], _format.Read("first,second\n3,4\n", _code).Print());
    }

    [Theory]
    [InlineData("NaN")]
    [InlineData("NA")]
    [InlineData("?")]
    [InlineData("-inf")]
    public void A_first_row_that_is_missing_is_no_header(string field)
    {
        var rows = _format.Read($"{field},{field}\n1,2\n", _code);
        Assert.Equal([$"1 (1): field 1 is '{field}'; a finite number is expected"], rows.PrintBad());
        Assert.Equal(["1 2"], rows.Print());
    }

    [Fact]
    public void One_vector_of_numbers_is_known_by_its_size_and_pixels_may_have_a_label_before_them()
    {
        Assert.Equal(["7 8"], _format.Read("label,p0,p1\n3,7,8\n", _pixels).Print());
        Assert.Equal(["7 8|3"], _format.Read("3,7,8\n", _pixels, _label).Print());
        Assert.Equal(["7 8|"], _format.Read("7,8\n", _pixels, _label).Print());
        Assert.Equal(["7 8|cat"], _format.Read("p0,p1,Label\n7,8,cat\n", _pixels, _label).Print());
        Assert.Contains("has rows of 4 fields and no names; 2 values, or a label and 2 values, are expected", Assert.Throws<InvalidDataException>(() => _format.Open("1,2,3,4\n", _pixels)).Message, StringComparison.Ordinal);
        // A number too many before codes is a mistake.
        Assert.Contains("has rows of 3 fields and no names; 2 values are expected", Assert.Throws<InvalidDataException>(() => _format.Open("7,1,2\n", _code)).Message, StringComparison.Ordinal);
        var rows = _format.Read("3,7,256\n3,7,-1\n3,7,0.5\n3,7,7.0\n", _pixels);
        Assert.Equal(["7 7"], rows.Print());
        Assert.Equal(["256", "-1", "0.5"], rows.Bad.Select(bad => bad.Reason.Split('\'')[1]));
        Assert.EndsWith("a whole number from 0 to 255 is expected", rows.Bad[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_kept_is_text_and_has_to_be_there()
    {
        var kept = new RequestedColumn("Id", null) { Role = ColumnRole.Kept };
        Assert.Equal(["1|007", "2| x "], _format.Read("Id,Age\n007,1\n x ,2\n", _age, kept).Print());
        Assert.Contains("has no column 'Id', which is to be kept. Its columns are: Age", Assert.Throws<InvalidDataException>(() => _format.Open("Age\n1\n", _age, kept)).Message, StringComparison.Ordinal);
    }

    /// <summary>Slots that have names are found by these.</summary>
    [Fact]
    public void A_vector_is_found_by_the_names_of_its_values()
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add("SlotNames", new VectorDataViewType(TextDataViewType.Instance, 2), (ref VBuffer<ReadOnlyMemory<char>> names) => names = new(2, ["no".AsMemory(), "yes".AsMemory()]));
        Assert.Equal(["1 2"], _format.Read("code.yes,x,Code.no\n2,0,1\n", _code with { Annotations = annotations.ToAnnotations() }).Print());
        Assert.Equal(["1 2"], _format.Read("Code.1,x,Code.0\n2,0,1\n", _code).Print());
        Assert.Contains("or 'Code.0' and so on", Assert.Throws<InvalidDataException>(() => _format.Open("Code.0,x,y\n2,0,1\n", _code)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Vectors_of_any_length_are_refused_with_formats_that_hold_them() =>
        Assert.Contains("vectors of different lengths, which CSV does not support", Assert.Throws<InvalidDataException>(() => _format.Open("Code\n1\n", new RequestedColumn("Code", TextRows.Floats()))).Message, StringComparison.Ordinal);

    [Fact]
    public void Without_a_request_all_fields_are_text()
    {
        var rows = _format.Read("Id,Näme\n1,\"a\nb\"\n");
        Assert.Equal(["Id", "Näme"], rows.Schema.Select(column => column.Name));
        Assert.Equal(["1|a\nb"], rows.Print());
        Assert.Equal(["Field1", "Field2"], _format.Read("1,2\n").Schema.Select(column => column.Name));
        Assert.Empty(_format.Read("").Schema);
        Assert.Equal(["Age"], _format.Read("", _age).Schema.Select(column => column.Name));
        Assert.Equal(0, _format.Read("Age\n", _age).Count);
    }

    [Fact]
    public void A_file_that_is_named_after_tabs_has_tabs_whatever_its_first_line_shows()
    {
        byte[] content = "Name\tAge\na,b,c\t1\n"u8.ToArray();
        Assert.Equal(["a,b,c|1"], RowFormats.Tsv.Read(content, new RowRequest([_name, _age])).Print());
        Assert.Equal(["a,b"], RowFormats.Tsv.Read("Name\na,b\n", _name).Print());
        Assert.Equal(["a;b;c", "d"], _format.Read("Name\na;b;c\nd\n", _name).Print());
        Assert.Equal(["x,y|1"], _format.Read("Name;Age\nx,y;1\n"u8.ToArray(), new RowRequest([_name, _age]) { Delimiter = ';' }).Print());
    }

    [Fact]
    public void Rows_are_passed_over_as_they_are_counted()
    {
        using var reader = _format.Open("Age,x\n1,\n\nx,\n3,\n4,\n", _age);
        reader.Skip(2);
        Assert.Equal(2, reader.Position);
        var rows = new RowBatch(reader.Schema, 1);
        Assert.True(reader.Fill(rows, 1));
        Assert.Equal(["3"], rows.Print());
        Assert.Equal(new RowPlace("file", 3, 5), rows.Place(0));
        reader.Skip(9);
        Assert.Equal(4, reader.Position);
        Assert.False(reader.Fill(new RowBatch(reader.Schema, 1), 1));
    }

    /// <summary>Rows are longer than what is read ahead, and have more fields than are usual.</summary>
    [Fact]
    public void Wide_rows_and_long_fields_are_read()
    {
        var wide = new RequestedColumn("V", TextRows.Floats(20_000)) { IsFinite = true };
        var text = string.Join(',', Enumerable.Range(0, 20_000).Select(i => i / 8f));
        var rows = _format.Read($"{text}\n{text}\n", wide);
        Assert.Equal(2, rows.Count);
        Assert.Equal(Enumerable.Range(0, 20_000).Select(i => i / 8f), ((FixedValues<float>)rows.Columns[0]).Row(1).ToArray());
        var name = string.Concat(Enumerable.Repeat("long \"\"text\"\"\n", 50_000));
        Assert.Equal(name.Replace("\"\"", "\"", StringComparison.Ordinal), _format.Read($"Name\n\"{name}\"\n", _name).Print().Single());
    }
}
