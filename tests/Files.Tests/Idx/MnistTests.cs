using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Idx;
using Sconce.Tests;

namespace Sconce.Files.Tests.Idx;

public sealed class MnistTests : IDisposable
{
    private static readonly string[] _names = [MnistFolder.TrainImages, MnistFolder.TrainLabels, MnistFolder.TestImages, MnistFolder.TestLabels];
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("train-images-idx3-ubyte", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db")]
    [InlineData("train-labels-idx1-ubyte", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5")]
    [InlineData("t10k-images-idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7")]
    [InlineData("t10k-labels-idx1-ubyte", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2")]
    public void The_embedded_files_are_the_original_ones(string file, string sha256)
    {
        var source = new MnistFolder(null).Find(file);
        using var packed = source.Open();
        using var unpacked = new GZipStream(packed, CompressionMode.Decompress);
        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(unpacked)));

        // What the loader holds, written again, is the original as well: nothing is lost on the way in.
        using var written = new MemoryStream();
        IdxWriter.Write(source.Load(), written);
        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(written.ToArray())));
    }

    [Fact]
    public void The_embedded_data_set_has_its_well_known_shape_and_first_labels()
    {
        var (train, test) = _ml.Data.LoadMnist();

        Assert.Equal(60000, train.GetRowCount());
        Assert.Equal(10000, test.GetRowCount());
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Byte, 28, 28), train.Schema["Image"].Type);
        Assert.Equal(NumberDataViewType.UInt32, train.Schema["Label"].Type);
        Assert.Equal(train.Schema.Select(column => (column.Name, column.Type)), test.Schema.Select(column => (column.Name, column.Type)));
        Assert.Equal([5u, 0u, 4u, 1u, 9u], train.GetColumn<uint>("Label").Take(5));
        Assert.Equal([7u, 2u, 1u, 0u, 4u], test.GetColumn<uint>("Label").Take(5));

        // The often printed first digit: its row 5 starts at column 12 with 3, 18, 18, 18, 126.
        var five = train.GetColumn<VBuffer<byte>>("Image").First().DenseValues().ToArray();
        Assert.Equal([0, 3, 18, 18, 18, 126], five[(5 * 28 + 11)..(5 * 28 + 17)]);
    }

    [Fact]
    public void A_folder_may_hold_each_file_raw_or_compressed_and_raw_goes_first()
    {
        _folder.Write(MnistFolder.TrainImages, IdxBytes.Images(3));
        _folder.Write(MnistFolder.TrainLabels + ".gz", IdxBytes.Gzip(IdxBytes.Labels(3)));
        _folder.Write(MnistFolder.TestImages + ".gz", IdxBytes.Gzip(IdxBytes.Images(2)));
        _folder.Write(MnistFolder.TestLabels, IdxBytes.Labels(2));
        _folder.Write(MnistFolder.TestLabels + ".gz", IdxBytes.Ascii("not read"));

        var (train, test) = _ml.Data.LoadMnist(_folder.FullName, imageColumnName: "Picture", labelColumnName: "Class");

        Assert.Equal(3, train.GetRowCount());
        Assert.Equal([0u, 1u], test.GetColumn<uint>("Class"));
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Byte, 2, 3), test.Schema["Picture"].Type);
    }

    [Fact]
    public void A_missing_file_is_named_with_its_folder_and_what_was_looked_for()
    {
        foreach (var missing in _names)
        {
            foreach (var name in _names)
                _folder.Write(name, name.Contains("images", StringComparison.Ordinal) ? IdxBytes.Images(1) : IdxBytes.Labels(1));
            File.Delete(_folder.PathOf(missing));

            var refusal = Assert.Throws<FileNotFoundException>(() => _ml.Data.LoadMnist(_folder.FullName));

            Assert.Contains($"no {missing} in the folder {_folder.FullName}: looked for {missing} and {missing}.gz", refusal.Message, StringComparison.Ordinal);
            Assert.Equal(_folder.PathOf(missing), refusal.FileName);
        }
    }

    [Fact]
    public void A_folder_that_does_not_exist_is_said_to_be_missing()
    {
        var refusal = Assert.Throws<FileNotFoundException>(() => _ml.Data.LoadMnist(_folder.PathOf("nowhere")));
        Assert.Contains($"{_folder.PathOf("nowhere")}, which does not exist", refusal.Message, StringComparison.Ordinal);
    }
}
