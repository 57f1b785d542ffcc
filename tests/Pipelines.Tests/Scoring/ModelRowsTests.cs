using Microsoft.ML;
using Microsoft.ML.Data;
using Parquet;
using Parquet.Schema;
using Sconce.Files;
using Sconce.Pipelines.Catalog;
using Sconce.Tests;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests.Rows;

/// <summary>Files that were not written by us: what is read, and what is refused with file, row and column.</summary>
public sealed class ModelRowsTests : IDisposable
{
    private static readonly InputColumn _codes = new("Code", FeatureType.Single, [2]);
    private static readonly int[] _oneTwo = [1, 2];
    private static readonly double?[] _halfThree = [0.5, 3];
    private static readonly float[] _floats = [1, 2];
    private static readonly float?[] _oneMissing = [1, null];
    private static readonly string[] _words = ["one", "two"];
    private static readonly InputColumn _pixels = new("Image", FeatureType.Byte, [1, 2]);

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("1.5,-2e3\n0,1\n")]
    [InlineData("first,second\n1.5,-2e3\n0,1")]
    [InlineData("Code.0,Code.1\r\n1.5,-2e3\r\n0,1\r\n\r\n")]
    public void Codes_are_read_with_and_without_a_header(string text) =>
        Assert.Equal([[1.5f, -2000f], [0, 1]], Open(Write("codes.csv", text), _codes).GetColumn<float[]>("Code"));

    /// <summary>A row of codes with a field too many is a mistake; a row of pixels may begin with its label.</summary>
    [Fact]
    public void Only_pixels_may_have_a_label_before_them()
    {
        var path = Write("rows.csv", "7,255,0\n");
        Assert.Equal([[255, 0]], Open(path, _pixels).GetColumn<byte[]>("Image"));
        Refuse(path, _codes, "has rows of 3 fields and no names", "2 values are expected");
    }

    [Theory]
    [InlineData("1,2\n3,4,5,6\n", "row 2", "has 4 fields")]
    [InlineData("1,2\n3,four\n", "row 2", "field 2 is 'four'", "finite number")]
    [InlineData("1,2\n3,4\nInfinity,1\n", "row 3", "field 1 is 'Infinity'", "finite number")]
    [InlineData("1,\n", "row 1", "field 2 is ''", "finite number")]
    public void A_bad_row_of_codes_is_named(string text, params string[] parts) => Refuse(Write("codes.csv", text), _codes, parts);

    [Fact]
    public void An_IDX_file_of_another_shape_or_type_is_refused()
    {
        Refuse(_folder.Write("wide.idx", [.. IdxBytes.Header(0x0D, 1, 3), .. new byte[12]]), _codes, "Vector<Single, 3>", "trained on Vector<Single, 2>");
        Refuse(_folder.Write("bytes.idx", IdxBytes.File([1, 2], [1, 2])), _codes, "Vector<Byte, 2>", "trained on Vector<Single, 2>");
    }

    [Fact]
    public async Task Parquet_columns_of_any_numbers_are_read()
    {
        var path = _folder.PathOf("mixed.parquet");
        DataField<int> first = new("first");
        DataField<double> second = new("second", nullable: true);
        await WriteParquet(path, [first, second], async group =>
        {
            await group.WriteAsync<int>(first, _oneTwo, cancellationToken: TestContext.Current.CancellationToken);
            await group.WriteAsync<double>(second, _halfThree, cancellationToken: TestContext.Current.CancellationToken);
        });
        Assert.Equal([[1, 0.5f], [2, 3]], Open(path, _codes).GetColumn<float[]>("Code"));
        Refuse(path, _pixels, "row 1", "column 'second' is 0.5; a whole number from 0 to 255 is expected");
    }

    [Fact]
    public async Task A_Parquet_file_with_a_missing_value_or_text_or_too_few_columns_is_refused()
    {
        var missing = _folder.PathOf("missing.parquet");
        DataField<float> first = new("first"), second = new("second", nullable: true);
        await WriteParquet(missing, [first, second], async group =>
        {
            await group.WriteAsync<float>(first, _floats, cancellationToken: TestContext.Current.CancellationToken);
            await group.WriteAsync<float>(second, _oneMissing, cancellationToken: TestContext.Current.CancellationToken);
        });
        Refuse(missing, _codes, "missing.parquet", "row 2", "column 'second' is null; a finite number is expected");
        Refuse(missing, new InputColumn("Code", FeatureType.Single, [3]), "has no column 'Code'", "or exactly 3 columns of numbers", "Its columns are: first, second");

        var text = _folder.PathOf("text.parquet");
        DataField<string> name = new("name");
        await WriteParquet(text, [first, name], async group =>
        {
            await group.WriteAsync<float>(first, _floats, cancellationToken: TestContext.Current.CancellationToken);
            await group.WriteAsync(name, _words);
        });
        Refuse(text, _codes, "text.parquet", "row 1", "column 'name' is 'one'; a finite number is expected");
    }

    /// <summary>Cut anywhere, it is refused by name, and never read as fewer rows.</summary>
    [Fact]
    public void A_Parquet_file_that_is_cut_short_is_refused()
    {
        var whole = _folder.PathOf("whole.parquet");
        ColumnFile.Write(_ml.Data.LoadFromEnumerable(Enumerable.Range(0, 100).Select(i => new Pair { Code = [i, -i] })), ["Code"], whole, cancellation: TestContext.Current.CancellationToken);
        var bytes = File.ReadAllBytes(whole);
        for (var length = 4; length < bytes.Length; length += 37)
            Refuse(_folder.Write("cut.parquet", bytes[..length]), _codes, "cut.parquet' cannot be read as Parquet", "damaged or cut short");
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.Contains("no input file 'none.csv'", Assert.Throws<FileNotFoundException>(() => Open("none.csv", _codes)).Message, StringComparison.Ordinal);

    private static async Task WriteParquet(string path, DataField[] fields, Func<ParquetRowGroupWriter, Task> write)
    {
        await using var stream = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), stream, cancellationToken: TestContext.Current.CancellationToken);
        using var group = writer.CreateRowGroup();
        await write(group);
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(_folder.PathOf(name), text);
        return _folder.PathOf(name);
    }

    private static IDataView Open(string path, InputColumn column) => ModelRows.Open([path], column);

    private static void Refuse(string path, InputColumn column, params string[] parts)
    {
        var refusal = Assert.Throws<InvalidDataException>(() =>
        {
            var data = Open(path, column);
            using var cursor = data.GetRowCursor(data.Schema);
            while (cursor.MoveNext())
            {
            }
        });
        Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
        foreach (var part in parts)
            Assert.Contains(part, refusal.Message, StringComparison.Ordinal);
    }

    private sealed class Pair
    {
        [VectorType(2)]
        public float[] Code { get; init; } = [];
    }
}
