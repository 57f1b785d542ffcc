using Microsoft.ML.Data;
using Sconce.Files.Rows;
using Sconce.Tests;

namespace Sconce.Files.Tests.Rows;

/// <summary>IDX files read row by row.</summary>
public sealed class IdxReaderTests : IDisposable
{
    private static readonly RowFormat _format = RowFormats.Idx;
    private static readonly RequestedColumn _image = new("Image", new VectorDataViewType(NumberDataViewType.Byte, 2, 3));
    private static readonly RequestedColumn _label = new("Digit", TextDataViewType.Instance) { Role = ColumnRole.Label };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Images_are_read_raw_and_packed_and_passed_over(bool isPacked)
    {
        var content = IdxBytes.Images(500);
        content = isPacked ? IdxBytes.Gzip(content) : content;
        var rows = _format.Read(content, new RowRequest([_image]));
        Assert.Equal(Enumerable.Range(0, 500).Select(i => string.Join(' ', Enumerable.Repeat(i % 251, 6))), rows.Print());
        Assert.Equal(new RowPlace("file", 500, 0), rows.Place(499));

        using var reader = _format.Open(content, new RowRequest([_image]));
        reader.Skip(3);
        Assert.Equal(3, reader.Position);
        var next = new RowBatch(reader.Schema, 2);
        Assert.True(reader.Fill(next, 2));
        Assert.Equal(["3 3 3 3 3 3", "4 4 4 4 4 4"], next.Print());
        reader.Skip(494);
        var last = RowFiles.ReadAll(reader);
        Assert.Equal(["248 248 248 248 248 248"], last.Print());
        Assert.Equal(new RowPlace("file", 500, 0), last.Place(0));
        reader.Skip(10);
        Assert.Equal(500, reader.Position);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Labels_come_from_the_file_beside(bool isPacked)
    {
        var images = _folder.Write("t10k-images-idx3-ubyte", IdxBytes.Images(30));
        Assert.Equal(["0 0 0 0 0 0|"], RowFiles.ReadAll(images, _image, _label).Print().Take(1));
        _folder.Write($"t10k-labels-idx1-ubyte{(isPacked ? ".gz" : "")}", isPacked ? IdxBytes.Gzip(IdxBytes.Labels(30)) : IdxBytes.Labels(30));
        using var reader = RowFiles.Open(images, _image, _label);
        reader.Skip(12);
        var rows = RowFiles.ReadAll(reader);
        Assert.Equal(["12 12 12 12 12 12|2", "13 13 13 13 13 13|3"], rows.Print().Take(2));
        Assert.Equal(18, rows.Count);
        // Without a label that is asked for, that file is none of its business.
        _folder.Write("t10k-labels-idx1-ubyte", IdxBytes.Labels(29));
        Assert.Equal(30, RowFiles.ReadAll(images, _image).Count);
        var message = Assert.Throws<InvalidDataException>(() => RowFiles.Open(images, _image, _label)).Message;
        Assert.Contains("t10k-images-idx3-ubyte' has 30 rows, but '", message, StringComparison.Ordinal);
        Assert.Contains("t10k-labels-idx1-ubyte' has 29 labels; one label for each row is expected", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Floats_are_read_to_the_last_bit_and_have_to_be_finite_where_the_model_says_so()
    {
        var rows = new RowBatch(RandomRows.Schema(("Code", TextRows.Floats(3))), 3);
        float[][] values = [[0.1f, -0f, float.MaxValue], [1, float.NaN, 2], [float.Epsilon, float.NegativeInfinity, 0]];
        foreach (var row in values)
        {
            row.CopyTo(((FixedValues<float>)rows.Columns[0]).Row(rows.Count));
            rows.Accept(default);
        }

        var content = _format.Write(rows);
        var read = _format.Read(content, new RowRequest(RowFiles.Request(rows.Schema)));
        Assert.Equal(RowFiles.Show(rows), RowFiles.Show(read));
        read = _format.Read(content, new RowRequest([new("Code", TextRows.Floats(3)) { IsFinite = true }]));
        Assert.Equal(RowFiles.Show(rows).Take(1), RowFiles.Show(read));
        Assert.Equal(["2 (0): value 2 is NaN; a finite number is expected", "3 (0): value 2 is -Infinity; a finite number is expected"], read.PrintBad());
        Assert.All(read.Bad, bad => Assert.Null(bad.Content));
    }

    [Fact]
    public void The_number_of_rows_is_written_when_it_is_known()
    {
        var random = new Random(1);
        var first = RandomRows.Rows(RandomRows.Schema(("Image", new VectorDataViewType(NumberDataViewType.Byte, 2, 3))), 7, random);
        using var stream = new MemoryStream();
        stream.Write("some bytes before"u8);
        using (var writer = _format.CreateWriter(stream, first.Schema))
        {
            writer.Write(first);
            writer.Write(RandomRows.Rows(first.Schema, 5, random));
            writer.Finish();
        }

        var content = stream.ToArray()["some bytes before".Length..];
        Assert.Equal(IdxBytes.Header(0x08, 12, 2, 3), content[..16]);
        Assert.Equal(RowFiles.Show(first), RowFiles.Show(_format.Read(content, new RowRequest([_image]))).Take(7));
    }

    [Fact]
    public void A_damaged_file_is_refused_when_it_is_opened_or_after_its_rows()
    {
        var content = IdxBytes.Images(100);
        Assert.Contains("file: at byte 611: expected 600 values (100 x 2 x 3)", Refuse(content[..611]), StringComparison.Ordinal);
        Assert.Contains("found 3 more byte(s)", Refuse([.. content, 1, 2, 3]), StringComparison.Ordinal);
        Assert.Contains("element type 0x08", Refuse([0, 0, 0x0B, .. content[3..]]), StringComparison.Ordinal);
        Assert.Contains("The file is cut short", Refuse([]), StringComparison.Ordinal);
        Assert.Contains("more than fit into memory", Refuse(IdxBytes.Gzip(IdxBytes.Header(0x08, 1, 1 << 30, 1 << 30))), StringComparison.Ordinal);

        // What is packed is known to be bad when it is read.
        AssertAfter(100, "more bytes", IdxBytes.Gzip([.. content, 1]));
        AssertAfter(99, "The file is cut short", IdxBytes.Gzip(content[..^1]));
        var packed = IdxBytes.Gzip(content);
        AssertAfter(100, "with CRC-32", packed[..^8]);
        AssertAfter(100, "with CRC-32", [.. packed[..^8], 1, 2, 3, 4, .. packed[^4..]]);

        static string Refuse(byte[] content) => Assert.Throws<InvalidDataException>(() => _format.Open(content, new RowRequest([_image]))).Message;

        static void AssertAfter(int rows, string said, byte[] content)
        {
            using var reader = _format.Open(content, new RowRequest([_image]));
            var read = new RowBatch(reader.Schema, 200);
            Assert.Contains(said, Assert.Throws<InvalidDataException>(() => reader.Fill(read, 200)).Message, StringComparison.Ordinal);
            Assert.Equal(rows, read.Count);
        }
    }

    [Fact]
    public void Rows_have_to_be_what_the_model_reads()
    {
        var content = IdxBytes.Images(2);
        Assert.Equal(["Image"], _format.Read(content, new RowRequest([])).Schema.Select(column => column.Name));
        Assert.Equal(2, _format.Read(content, new RowRequest([new("Pixels", new VectorDataViewType(NumberDataViewType.Byte, 6))])).Count);
        Assert.Contains("'file' has rows of Vector<Byte, 2, 3>; the model was trained on Vector<Byte, 3, 2>", Refuse(new RequestedColumn("Image", new VectorDataViewType(NumberDataViewType.Byte, 3, 2))), StringComparison.Ordinal);
        Assert.Contains("the model was trained on Vector<Single, 6>", Refuse(new RequestedColumn("Image", TextRows.Floats(6))), StringComparison.Ordinal);
        Assert.Contains("'file' is an IDX file with one column (Vector<Byte, 2, 3>), but the reader reads 2: 'Image' (Vector<Byte, 2, 3>), 'Age' (Single)", Refuse(_image, new("Age", NumberDataViewType.Single)), StringComparison.Ordinal);
        Assert.Contains("has no column 'Id' to keep", Refuse(_image, new("Id", null) { Role = ColumnRole.Kept }), StringComparison.Ordinal);

        string Refuse(params RequestedColumn[] columns) => Assert.Throws<InvalidDataException>(() => _format.Open(content, new RowRequest(columns))).Message;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_is_closed_with_its_reader(bool isPacked)
    {
        var stream = new MemoryStream(isPacked ? IdxBytes.Gzip(IdxBytes.Images(2)) : IdxBytes.Images(2));
        _format.CreateReader("file", stream, new RowRequest([_image])).Dispose();
        Assert.False(stream.CanRead);
    }
}
