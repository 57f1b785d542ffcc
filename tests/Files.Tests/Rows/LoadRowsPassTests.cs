using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Tests;

namespace Sconce.Files.Tests.Rows;

/// <summary>Passes over loaded rows: in order, shuffled, beside each other, of some columns, and cut short.</summary>
public sealed class LoadRowsPassTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("rows.csv")]
    [InlineData("rows.parquet")]
    [InlineData("rows.jsonl.gz")]
    public void Shuffled_passes_have_each_row_once_in_an_order_of_the_seed(string name)
    {
        const int Rows = 70_000;
        var data = _ml.Data.LoadRows(Save(name, Rows));
        var first = Read(data, new Random(7));
        Assert.Equal(first, Read(data, new Random(7)));
        Assert.NotEqual(first, Read(data, new Random(8)));
        Assert.Equal(Enumerable.Range(0, Rows).Select(i => (float)i), Read(data, null));
        Assert.Equal(Enumerable.Range(0, Rows).Select(i => (float)i), first.Order());
        // The first rows come from all over the pool.
        Assert.InRange(first.Take(1_000).Average(), 30_000, 37_000);
        // The order does not depend on the columns that are read.
        using var both = data.GetRowCursor(data.Schema, new Random(7));
        var (id, text) = (both.GetGetter<float>(data.Schema["Id"]), both.GetGetter<ReadOnlyMemory<char>>(data.Schema["Text"]));
        var (number, word) = (0f, default(ReadOnlyMemory<char>));
        for (var row = 0; row < 2_000; row++)
        {
            Assert.True(both.MoveNext());
            id(ref number);
            text(ref word);
            Assert.Equal((first[row], $"t{first[row]}"), (number, word.ToString()));
        }
    }

    [Fact]
    public void Blocks_of_files_are_read_in_random_order()
    {
        for (var file = 0; file < 20; file++)
            File.WriteAllText(_folder.PathOf($"{file:00}.csv"), $"Id\n{file}\n");
        var data = _ml.Data.LoadRows(_folder.PathOf("*.csv"));
        var order = Read(data, new Random(1));
        Assert.NotEqual(order, order.Order());
        Assert.Equal(20, order.Distinct().Count());
        // A raw IDX file is read in blocks that are passed over without reading.
        new IdxFile([10_000], Enumerable.Range(0, 10_000).Select(i => (byte)(i / 40)).ToArray()).Save(_folder.PathOf("x.idx"));
        using var reader = RowFiles.Open(_folder.PathOf("x.idx"));
        Assert.Equal(3, reader.Blocks.Count);
        var bytes = _ml.Data.LoadRows(_folder.PathOf("x.idx"));
        Assert.Equal(10_000, bytes.GetRowCount());
        using var cursor = bytes.GetRowCursor(bytes.Schema, new Random(3));
        var get = cursor.GetGetter<byte>(bytes.Schema["Image"]);
        var counts = new int[250];
        var value = default(byte);
        while (cursor.MoveNext())
        {
            get(ref value);
            counts[value]++;
        }

        Assert.All(counts, count => Assert.Equal(40, count));
    }

    [Fact]
    public void Several_cursors_read_beside_each_other_and_rows_keep_their_names()
    {
        var data = _ml.Data.LoadRows(Save("rows.parquet", 5_000));
        using DataViewRowCursor one = data.GetRowCursor(data.Schema), other = data.GetRowCursor(data.Schema, new Random(1));
        DataViewRowId left = default, right = default;
        Dictionary<float, DataViewRowId> ids = [];
        var (oneId, otherId) = (one.GetIdGetter(), other.GetIdGetter());
        var (oneValue, otherValue) = (one.GetGetter<float>(data.Schema["Id"]), other.GetGetter<float>(data.Schema["Id"]));
        List<(float Id, DataViewRowId Name)> shuffled = [];
        float value = 0;
        while (one.MoveNext())
        {
            Assert.True(other.MoveNext());
            oneId(ref left);
            oneValue(ref value);
            ids.Add(value, left);
            otherId(ref right);
            otherValue(ref value);
            shuffled.Add((value, right));
        }

        Assert.False(other.MoveNext());
        Assert.Equal(5_000, ids.Values.Distinct().Count());
        Assert.All(shuffled, row => Assert.Equal(ids[row.Id], row.Name));
    }

    [Fact]
    public void Files_are_closed_with_the_cursor_and_reading_can_be_cancelled()
    {
        var path = Save("rows.csv", 5_000);
        using var source = new CancellationTokenSource();
        var data = _ml.Data.LoadRows(path, new() { CancellationToken = source.Token });
        var cursor = data.GetRowCursor(data.Schema);
        Assert.True(cursor.MoveNext());
        if (OperatingSystem.IsLinux())
            Assert.Contains(path, OpenFiles.Paths);
        cursor.Dispose();
        Assert.False(cursor.MoveNext());
        if (OperatingSystem.IsLinux())
            Assert.DoesNotContain(path, OpenFiles.Paths);
        using var cancelled = data.GetRowCursor(data.Schema);
        Assert.True(cancelled.MoveNext());
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => { while (cancelled.MoveNext()) { } });
    }

    [Fact]
    public void A_column_that_is_not_active_is_not_read()
    {
        var data = _ml.Data.LoadRows(Save("rows.csv", 10));
        using var cursor = data.GetRowCursor([data.Schema["Text"]]);
        Assert.False(cursor.IsColumnActive(data.Schema["Id"]));
        Assert.Throws<ArgumentOutOfRangeException>(() => cursor.GetGetter<float>(data.Schema["Id"]));
        using var none = data.GetRowCursor([]);
        var count = 0;
        while (none.MoveNext())
            count++;
        Assert.Equal(10, count);
    }

    [Fact]
    public void A_file_that_is_damaged_or_gone_is_named()
    {
        var path = Save("rows.csv", 10);
        var data = _ml.Data.LoadRows(path);
        File.Delete(path);
        Assert.Equal(path, ErrorFacts.Of(Assert.Throws<IOException>(() => Read(data, null))).File);
        File.WriteAllBytes(_folder.PathOf("cut.parquet"), File.ReadAllBytes(Save("rows.parquet", 100))[..300]);
        Assert.Contains("cut.parquet", Assert.Throws<InvalidDataException>(() => _ml.Data.LoadRows(_folder.PathOf("cut.parquet"))).Message, StringComparison.Ordinal);
        File.WriteAllText(_folder.PathOf("empty.csv"), "");
        Assert.Equal(_folder.PathOf("empty.csv"), ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => _ml.Data.LoadRows(_folder.PathOf("empty.csv")))).File);
        Assert.Throws<ArgumentException>(() => _ml.Data.LoadRows("-"));
        Assert.Throws<ArgumentException>(() => _ml.Data.LoadRows([]));
    }

    [Fact]
    public void After_a_refused_row_a_cursor_does_not_go_on()
    {
        var path = _folder.PathOf("a.csv");
        File.WriteAllText(path, "Id\n1\nx\n3\n");
        var data = _ml.Data.LoadRows(path, new() { Columns = [new("Id", NumberDataViewType.Single)] });
        using var cursor = data.GetRowCursor(data.Schema);
        for (var i = 0; i < 3; i++)
            Assert.Equal(2, ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => cursor.MoveNext())).Row);
        Assert.Equal("paths", Assert.Throws<ArgumentException>(() => _ml.Data.LoadRows("-")).ParamName);
    }

    [Fact]
    public void Long_texts_are_shuffled_in_a_smaller_pool()
    {
        const int Rows = 600;
        var path = _folder.PathOf("long.csv");
        _ml.Data.SaveRows(_ml.Data.LoadFromEnumerable(Enumerable.Range(0, Rows).Select(i => new Row { Id = i, Text = new string('x', 100_000) })), path);
        var ids = Read(_ml.Data.LoadRows(path), new Random(1));
        Assert.Equal(Rows, ids.Distinct().Count());
        // Whatever is drawn first was among the first of a pool that holds 32 MB.
        Assert.InRange(ids[0], 0, Rows / 2);
        Assert.NotEqual(ids.Order(), ids);
    }

    [Fact]
    public void Json_is_inferred_from_its_first_rows()
    {
        var path = _folder.PathOf("rows.jsonl");
        File.WriteAllText(path, """
            {"n":null,"zip":"07030","list":[1,2],"flag":true}
            {"n":1.5,"zip":"10001","list":[3],"flag":null,"late":"2024-01-31"}
            {"n":2,"zip":"99999","list":[],"flag":false,"late":"2024-02-01"}
            """);
        var data = _ml.Data.LoadRows(path);
        Assert.Equal(["n Single", "zip String", "list Vector<Single>", "flag String", "late String"], data.Schema.Select(column => $"{column.Name} {column.Type}"));
        Assert.Equal([float.NaN, 1.5f, 2], data.GetColumn<float>("n"));
        Assert.Equal([[1, 2], [3], []], data.GetColumn<float[]>("list"));
        Assert.Equal(["true", "", "false"], data.GetColumn<string>("flag"));
        File.WriteAllText(path, """
            {"day":"2024-01-31","flag":true}
            {"day":"2024-02-01","flag":false}
            {"day":"soon","flag":false}
            """);
        Assert.Equal("String", $"{_ml.Data.LoadRows(path).Schema["day"].Type}");
        var typed = _ml.Data.LoadRows(path, new() { Columns = [new("day", DateTimeDataViewType.Instance)] });
        var facts = ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => typed.GetColumn<DateTime>("day").Count()));
        Assert.Equal((path, 3, "day", "OnError"), (facts.File, facts.Row, facts.Column, facts.Property));
        Assert.Equal(2, _ml.Data.LoadRows(path, new() { Columns = [new("day", DateTimeDataViewType.Instance)], OnError = RowErrors.Skip }).GetColumn<DateTime>("day").Count());
    }

    [Fact]
    public void A_missing_whole_number_is_refused_and_is_NaN_as_a_floating_point_one()
    {
        var path = _folder.PathOf("n.jsonl");
        File.WriteAllText(path, "{\"n\":1}\n{}\n");
        Assert.Equal([1, float.NaN], _ml.Data.LoadRows(path).GetColumn<float>("n"));
        var whole = _ml.Data.LoadRows(path, new() { Columns = [new("n", NumberDataViewType.Int32)] });
        var facts = ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => whole.GetColumn<int>("n").Count()));
        Assert.Equal((2, "n"), (facts.Row, facts.Column));
    }

    [Fact]
    public void Images_and_their_classes_are_rows()
    {
        foreach (var name in new[] { "cat/1.png", "cat/2.png", "dog/3.jpg" })
            Touch(name);
        var data = _ml.Data.LoadRows(_folder.PathOf("images"));
        Assert.Equal(["ImagePath String", "Label String"], data.Schema.Select(column => $"{column.Name} {column.Type}"));
        Assert.Equal(["cat", "cat", "dog"], data.GetColumn<string>("Label"));
        Assert.Equal(_folder.PathOf("images/cat/1.png"), data.GetColumn<string>("ImagePath").First());
        Assert.Equal(3, data.GetRowCount());
        Assert.Equal(["cat", "cat", "dog"], _ml.Data.LoadRows(_folder.PathOf("images"), new() { Columns = [new("Class") { Fields = ["Label"] }] }).GetColumn<string>("Class"));
        Assert.Equal(["ImagePath"], _ml.Data.LoadRows(_folder.PathOf("images/cat")).Schema.Select(column => column.Name));
        Assert.Single(_ml.Data.LoadRows(_folder.PathOf("images/dog/3.jpg")).GetColumn<string>("ImagePath"));
        Assert.Equal(2, _ml.Data.LoadRows(_folder.PathOf("images/**/*.png")).GetColumn<string>("ImagePath").Count());
        File.WriteAllText(_folder.PathOf("list.csv"), "path,Label\nimages/cat/1.png,x\n");
        Assert.Equal([_folder.PathOf("images/cat/1.png")], _ml.Data.LoadRows(_folder.PathOf("list.csv"), new() { Format = "images" }).GetColumn<string>("ImagePath"));
        Assert.Throws<InvalidDataException>(() => _ml.Data.LoadRows(_folder.PathOf("images"), new() { Columns = [new("Size")] }));

        void Touch(string name)
        {
            var path = _folder.PathOf($"images/{name}");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, [1]);
        }
    }

    [Fact]
    public void Idx_files_have_their_labels_beside_them()
    {
        new IdxFile([3, 2, 1], new byte[] { 1, 2, 3, 4, 5, 6 }).Save(_folder.PathOf("train-images-idx3-ubyte"));
        new IdxFile([3], new byte[] { 7, 8, 9 }).Save(_folder.PathOf("train-labels-idx1-ubyte.gz"));
        var data = _ml.Data.LoadRows(_folder.FullName);
        Assert.Equal(["Image Vector<Byte, 2, 1>", "Label UInt32"], data.Schema.Select(column => $"{column.Name} {column.Type}"));
        Assert.Equal([7u, 8u, 9u], data.GetColumn<uint>("Label"));
        Assert.Equal([[1, 2], [3, 4], [5, 6]], data.GetColumn<byte[]>("Image"));
        data = _ml.Data.LoadRows(_folder.FullName, new() { Columns = [new("Digit", TextDataViewType.Instance) { Fields = ["Label"] }, new("Image", new VectorDataViewType(NumberDataViewType.Byte, 2))] });
        Assert.Equal(["7", "8", "9"], data.GetColumn<string>("Digit"));
        Assert.Equal("Name", ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => _ml.Data.LoadRows(_folder.FullName, new() { Columns = [new("Name")] }))).Column);
    }

    private string Save(string name, int rows)
    {
        var path = _folder.PathOf(name);
        _ml.Data.SaveRows(_ml.Data.LoadFromEnumerable(Enumerable.Range(0, rows).Select(i => new Row { Id = i, Text = $"t{i}" })), path);
        return path;
    }

    private static List<float> Read(IDataView data, Random? random)
    {
        List<float> values = [];
        using var cursor = data.GetRowCursor([data.Schema["Id"]], random);
        var read = cursor.GetGetter<float>(data.Schema["Id"]);
        var value = 0f;
        while (cursor.MoveNext())
        {
            read(ref value);
            values.Add(value);
        }

        return values;
    }

    private sealed class Row
    {
        public float Id { get; set; }

        public string Text { get; set; } = "";
    }
}
