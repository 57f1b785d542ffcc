using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Tests;

namespace Sconce.Files.Tests.Rows;

/// <summary>Files of any format as data views, with columns that are inferred or given.</summary>
public sealed class LoadRowsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Types_of_text_are_inferred()
    {
        var path = Write("a.csv", "Id,Score,Open,Day,Name,Mixed,None,P.0,P.1\n1,0.5,true,2024-01-31,Ann,1,,1,2\n2,,false,2024-02-01 10:00,Bob,x,,3,\n");
        var rows = _ml.Data.LoadRows(path);
        Assert.Equal(
            ["Id Single", "Score Single", "Open Boolean", "Day DateTime", "Name String", "Mixed String", "None String", "P Vector<Single, 2>"],
            Describe(rows));
        Assert.Equal([0.5f, float.NaN], rows.GetColumn<float>("Score"));
        Assert.Equal([true, false], rows.GetColumn<bool>("Open"));
        Assert.Equal([new DateTime(2024, 1, 31), new DateTime(2024, 2, 1, 10, 0, 0)], rows.GetColumn<DateTime>("Day"));
        Assert.Equal(["1", "x"], rows.GetColumn<string>("Mixed"));
        Assert.Equal([[1, 2], [3, float.NaN]], rows.GetColumn<float[]>("P"));
        Assert.Null(rows.GetRowCount());
        Assert.True(rows.CanShuffle);
    }

    [Theory]
    [InlineData(".csv")]
    [InlineData(".csv.gz")]
    [InlineData(".tsv")]
    [InlineData(".jsonl")]
    [InlineData(".parquet")]
    [InlineData(".arrow")]
    [InlineData(".arrows")]
    public void What_is_saved_is_loaded(string ending)
    {
        Sample[] rows = [.. Enumerable.Range(0, 3_000).Select(i => new Sample { Number = i / 4f, Word = $"w{i}", Flag = i % 2 == 0, Day = new DateTime(2024, 1, 1).AddDays(i % 100), Pair = [i, -i] })];
        var path = _folder.PathOf($"rows{ending}");
        Assert.Equal(3_000, _ml.Data.SaveRows(_ml.Data.LoadFromEnumerable(rows), path));
        var loaded = _ml.Data.LoadRows(path);
        Assert.Equal(["Number Single", "Word String", "Flag Boolean", "Day DateTime", "Pair Vector<Single, 2>"], Describe(loaded));
        var read = _ml.Data.CreateEnumerable<Sample>(loaded, reuseRowObject: false).ToList();
        Assert.Equal(rows.Select(Show), read.Select(Show));
        Assert.Equal(ending == ".parquet" ? 3_000 : null, loaded.GetRowCount());
    }

    [Fact]
    public void Columns_are_given_renamed_and_gathered()
    {
        var path = Write("a.csv", "class,px1,px2,other,px3\n7,1,2,x,3\n8,4,5,y,6\n");
        var rows = _ml.Data.LoadRows(path, new()
        {
            Columns = [new("Label", TextDataViewType.Instance) { Fields = ["class"] }, new("Features") { Fields = ["px3", "px*"] }, new("other")],
        });
        Assert.Equal(["Label String", "Features Vector<Single, 3>", "other String"], Describe(rows));
        Assert.Equal([[3, 1, 2], [6, 4, 5]], rows.GetColumn<float[]>("Features"));
        Assert.Equal(["7", "8"], rows.GetColumn<string>("Label"));
        rows = _ml.Data.LoadRows(path, new() { Columns = [new("All", NumberDataViewType.Double) { Fields = ["*"] }, new("other"), new("class")] });
        Assert.Equal([[1, 2, 3], [4, 5, 6]], rows.GetColumn<double[]>("All"));
        rows = _ml.Data.LoadRows(path, new() { Columns = [new("Image", new VectorDataViewType(NumberDataViewType.Byte, 3, 1)) { Fields = ["px*"] }] });
        Assert.Equal([[1, 2, 3], [4, 5, 6]], rows.GetColumn<byte[]>("Image"));
    }

    [Fact]
    public void Files_without_names_have_columns_by_their_places()
    {
        Write("d/a.csv", "1,x\n2,y\n");
        Write("d/b.csv", "3,z\n");
        var rows = _ml.Data.LoadRows(_folder.PathOf("d"));
        Assert.Equal(["Field1 Single", "Field2 String"], Describe(rows));
        Assert.Equal(["x", "y", "z"], rows.GetColumn<string>("Field2"));
    }

    [Fact]
    public void Folders_names_are_columns()
    {
        Write("t/year=2023/a.csv", "n\n1\n2\n");
        Write("t/year=2024/a.csv", "n\n3\n");
        var rows = _ml.Data.LoadRows(_folder.PathOf("t"));
        Assert.Equal(["n Single", "year Single"], Describe(rows));
        Assert.Equal([2023, 2023, 2024], rows.GetColumn<float>("year"));
        Assert.Equal([1, 2, 3], rows.GetColumn<float>("n"));
    }

    [Fact]
    public void A_value_that_does_not_fit_is_named_by_file_row_and_column()
    {
        var path = Write("a.csv", string.Join('\n', Enumerable.Range(0, 1_500).Select(i => i == 1_200 ? "x,1" : $"{i},1").Prepend("Age,One")));
        var rows = _ml.Data.LoadRows(path);
        var facts = ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => rows.GetColumn<float>("Age").Count()));
        Assert.Equal((path, 1_201, 1_202, "Age", "Columns"), (facts.File, facts.Row, facts.Line, facts.Column, facts.Property));
        // Columns that are not read are not looked at, unless rows are left out by them.
        Assert.Equal(1_500, rows.GetColumn<float>("One").Count());
        rows = _ml.Data.LoadRows(path, new() { OnError = RowErrors.Skip });
        Assert.Equal(1_499, rows.GetColumn<float>("One").Count());
        Assert.Equal(1_499, rows.GetColumn<float>("Age").Count());
        rows = _ml.Data.LoadRows(path, new() { Columns = [new("Age", TextDataViewType.Instance)] });
        Assert.Equal("x", rows.GetColumn<string>("Age").ElementAt(1_200));
    }

    [Fact]
    public void Bad_options_are_refused_before_files_are_looked_for()
    {
        Refuse(nameof(LoadRowsOptions.Format), new() { Format = "xls" });
        Refuse(nameof(LoadRowsOptions.DecimalMarker), new() { DecimalMarker = ';' });
        Refuse(nameof(LoadRowsOptions.EscapeCharacter), new() { EscapeCharacter = 'x' });
        Refuse(nameof(LoadRowsOptions.Delimiter), new() { Delimiter = '"' });
        Refuse(nameof(LoadRowsOptions.Delimiter), new() { Delimiter = '\n' });
        Refuse(nameof(LoadRowsOptions.Delimiter), new() { Delimiter = '\\', EscapeCharacter = '\\' });
        Refuse(nameof(LoadRowsOptions.DateTimeFormat), new() { DateTimeFormat = "HH:mm" });
        Refuse(nameof(LoadRowsOptions.OnError), new() { OnError = RowErrors.Quarantine });
        Refuse(nameof(LoadRowsOptions.Columns), new() { Columns = [] });
        Refuse(nameof(LoadRowsOptions.Columns), new() { Columns = [new("a"), new("a")] });
        Refuse(nameof(LoadRowsOptions.Columns), new() { Columns = [new("")] });
        Refuse(nameof(LoadRowsOptions.Columns), new() { Columns = [new("a") { Fields = [] }] });
        Refuse(nameof(LoadRowsOptions.Columns), new() { Columns = [new("a", new KeyDataViewType(typeof(uint), 3))] });
        Assert.Throws<FileNotFoundException>(() => _ml.Data.LoadRows("absent.csv"));

        void Refuse(string property, LoadRowsOptions options) => Assert.Equal(property, Assert.ThrowsAny<ArgumentException>(() => _ml.Data.LoadRows("absent.csv", options)).ParamName);
    }

    [Fact]
    public void Types_come_from_the_first_file_that_has_values()
    {
        Write("d/1.csv", "a,b,c,e,X.0,X.1\n");
        Write("d/2.csv", "a,b,c,e,X.0,X.1\n1,,,,1,2\n");
        Write("d/3.csv", "c,b,a,e,X.0,X.1\ntrue,2,3,,3,4\n");
        var rows = _ml.Data.LoadRows(_folder.PathOf("d"));
        // An empty Boolean would be refused: text takes it.
        Assert.Equal(["a Single", "b Single", "c String", "e String", "X Vector<Single, 2>"], Describe(rows));
        Assert.Equal([1, 3], rows.GetColumn<float>("a"));
        Assert.Equal([float.NaN, 2], rows.GetColumn<float>("b"));
        Assert.Equal(["", "true"], rows.GetColumn<string>("c"));
        Write("e/1.csv", "a,b\n");
        Write("e/2.csv", "a,b\ntrue,2024-01-31\n");
        Assert.Equal(["a Boolean", "b DateTime"], Describe(_ml.Data.LoadRows(_folder.PathOf("e"))));
    }

    [Theory]
    [InlineData("a.csv", "id,age\n1,2\n3,x\n")]
    [InlineData("a.jsonl", "{\"id\":1,\"age\":2}\n{\"id\":3,\"age\":\"x\"}\n")]
    [InlineData("a.parquet", "id,age\n1,2\n3,x\n")]
    public void Errors_name_the_column_that_was_asked_for(string name, string text)
    {
        var path = Write(name, text);
        if (name.EndsWith(".parquet", StringComparison.Ordinal))
            _ml.Data.SaveRows(_ml.Data.LoadRows(Write("source.csv", text)), path);
        var rows = _ml.Data.LoadRows(path, new() { Columns = [new("Years", NumberDataViewType.Single) { Fields = ["age"] }, new("Id") { Fields = ["id"] }] });
        var facts = ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => rows.GetColumn<float>("Years").Count()));
        Assert.Equal((path, 2, "Years", nameof(LoadRowsOptions.OnError)), (facts.File, facts.Row, facts.Column, facts.Property));
        var both = _ml.Data.LoadRows(path, new() { Columns = [new("Both", NumberDataViewType.Single) { Fields = ["id", "age"] }] });
        Assert.Equal("Both", ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => both.GetColumn<float[]>("Both").Count())).Column);
    }

    [Fact]
    public void A_remedy_is_the_type_only_where_a_type_was_inferred()
    {
        var values = string.Join('\n', Enumerable.Range(0, 1_500).Select(i => i == 1_200 ? "x,1" : $"{i},1").Prepend("age,One"));
        var path = Write("a.csv", values);
        Assert.Equal(("Years", nameof(LoadRowsOptions.Columns)), Refusal(new("Years") { Fields = ["age"] }));
        Assert.Equal(("Years", nameof(LoadRowsOptions.OnError)), Refusal(new("Years", NumberDataViewType.Single) { Fields = ["age"] }));
        Write("a.csv", values.Replace("x,1", "7", StringComparison.Ordinal));
        Assert.Equal((null, nameof(LoadRowsOptions.OnError)), Refusal(new RowColumn("Years") { Fields = ["age"] }));

        (string?, string?) Refusal(RowColumn column)
        {
            var rows = _ml.Data.LoadRows(path, new() { Columns = [column] });
            var facts = ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => rows.GetColumn<float>("Years").Count()));
            Assert.Equal(1_201, facts.Row);
            return (facts.Column, facts.Property);
        }
    }

    [Fact]
    public void Names_that_are_there_twice_matter_only_where_they_are_asked_for()
    {
        var path = Write("a.csv", "a,b,b,,\n1,2,3,4,5\n");
        Assert.Equal([1], _ml.Data.LoadRows(path, new() { Columns = [new("a")] }).GetColumn<float>("a"));
        Assert.Equal("b", ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => _ml.Data.LoadRows(path, new() { Columns = [new("b")] }))).Column);
        Assert.Throws<InvalidDataException>(() => _ml.Data.LoadRows(path));
    }

    [Fact]
    public void Only_true_and_false_are_inferred_as_Booleans()
    {
        var path = Write("a.csv", string.Join('\n', Enumerable.Range(0, 40).Select(i => i == 30 ? "yes" : "true").Prepend("Open")));
        Assert.Equal(["Open String"], Describe(_ml.Data.LoadRows(path)));
        Write("a.csv", string.Join('\n', Enumerable.Range(0, 40).Select(i => i == 30 ? "false" : "true").Prepend("Open")));
        Assert.Equal(39, _ml.Data.LoadRows(path).GetColumn<bool>("Open").Count(open => open));
    }

    [Fact]
    public void Columns_that_are_not_there_are_named()
    {
        var path = Write("a.csv", "Age,Name,X.0,X.1\n1,a,1,2\n");
        Refuse("Agee", path, new("Agee"));
        Refuse("F", path, new RowColumn("F") { Fields = ["Age", "Names"] });
        Refuse("F", path, new RowColumn("F") { Fields = ["zz*"] });
        Refuse("F", path, new RowColumn("F") { Fields = ["Age", "Name"] });
        Refuse("X", path, new RowColumn("X", new VectorDataViewType(NumberDataViewType.Single, 3)));
        Refuse("Age", path, new RowColumn("Age", new VectorDataViewType(NumberDataViewType.Single, 3)));
        Write("d/1.csv", "A,B\n1,2\n");
        Write("d/2.csv", "A,C\n1,2\n");
        Assert.Equal("B", ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => _ml.Data.LoadRows(_folder.PathOf("d")))).Column);
        // Another number of values, and as many of others.
        Write("e/1.csv", "X.0,X.1\n1,2\n");
        Write("e/2.csv", "X.0,X.1,X.2\n1,2,3\n");
        Assert.Throws<InvalidDataException>(() => _ml.Data.LoadRows(_folder.PathOf("e")));
        Write("f/1.csv", "X.0,X.1\n1,2\n");
        Write("f/2.csv", "Y.0,Y.1\n1,2\n");
        Assert.Throws<InvalidDataException>(() => _ml.Data.LoadRows(_folder.PathOf("f")));

        void Refuse(string column, string file, RowColumn asked) =>
            Assert.Equal((file, column), ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => _ml.Data.LoadRows(file, new() { Columns = [asked] }))) is var facts ? (facts.File, facts.Column) : default);
    }

    private static IEnumerable<string> Describe(IDataView rows) => rows.Schema.Select(column => $"{column.Name} {column.Type}");

    private static string Show(Sample row) => $"{row.Number} {row.Word} {row.Flag} {row.Day:O} {string.Join(',', row.Pair)}".Replace("Z ", " ", StringComparison.Ordinal);

    private string Write(string name, string text)
    {
        var path = _folder.PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    private sealed class Sample
    {
        public float Number { get; set; }

        public string Word { get; set; } = "";

        public bool Flag { get; set; }

        public DateTime Day { get; set; }

        [VectorType(2)]
        public float[] Pair { get; set; } = [];
    }
}
