using System.IO.Compression;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Persistence;

/// <summary>Models that were cut short or changed on the way.</summary>
public sealed class DamagedModelTests(TrainedStripes trained) : BadModel
{
    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var path = Folder.PathOf("none.zip");
        var refused = Assert.Throws<FileNotFoundException>(() => new MLContext().Model.LoadVerified(path, out _));
        Sentence.Has(refused, $"'{path}'");
        Assert.Equal(path, refused.FileName);
        Assert.Throws<FileNotFoundException>(() => new MLContext().Model.LoadVerified(Folder.FullName, out _));
        Assert.Throws<FileNotFoundException>(() => new MLContext().Model.LoadVerified(Path.Combine(path, "below"), out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("P")]
    [InlineData("<!DOCTYPE html><html>404</html>")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 13107200\n")]
    [InlineData("PK\u0003\u0004 and nothing of a zip after that")]
    public void A_file_that_is_no_zip_is_refused(string content)
    {
        var file = Encoding.Latin1.GetBytes(content);
        RefusalOfLoadVerified(file);
        Assert.IsType<InvalidDataException>(RefusalOfLoad(file));
    }

    [Fact]
    public void A_zip_that_is_no_model_is_refused()
    {
        RefusalOfLoadVerified(Zip());
        RefusalOfLoadVerified(Zip("readme.txt"));
        RefusalOfLoadVerified(Zip("TransformerChain/readme.txt", "Schema"));

        static byte[] Zip(params string[] names)
        {
            using var stream = new MemoryStream();
            using (var archive = new ZipArchive(stream, ZipArchiveMode.Create))
            {
                foreach (var name in names)
                {
                    using var entry = archive.CreateEntry(name).Open();
                    entry.Write("nothing of a model"u8);
                }
            }

            return stream.ToArray();
        }
    }

    [Fact]
    public void A_file_that_is_cut_short_anywhere_is_refused()
    {
        // In the middle of each entry, right after the last one, in the directory, and by a single byte.
        var lengths = ModelZip.CompressedRanges(trained.Zip).Values.SelectMany(range => (int[])[range.Start.Value, (range.Start.Value + range.End.Value) / 2, range.End.Value])
            .Concat([1, 4, trained.Zip.Length / 2, trained.Zip.Length - 100, trained.Zip.Length - 22, trained.Zip.Length - 1]);
        foreach (var length in lengths.Distinct())
        {
            RefusalOfLoadVerified(trained.Zip[..length]);
            Assert.IsType<InvalidDataException>(RefusalOfLoad(trained.Zip[..length]));
        }
    }

    [Fact]
    public void One_changed_byte_in_the_data_of_any_entry_is_refused_by_its_name()
    {
        var ranges = ModelZip.CompressedRanges(trained.Zip);
        Assert.Equal(11, ranges.Count);
        foreach (var (entry, range) in ranges)
        {
            var (start, length) = range.GetOffsetAndLength(trained.Zip.Length);
            foreach (var at in (int[])[0, length / 4, length / 2, length * 3 / 4])
            {
                var damaged = trained.Zip.ToArray();
                damaged[start + at] ^= 0xFF;
                Sentence.Has(RefusalOfLoadVerified(damaged), $"'{entry}'", "damaged", "Copy the file again");

                // ML.NET reads some entries itself before this library sees the zip: what it says of those is its own.
                var refused = RefusalOfLoad(damaged);
                Assert.False(refused is NullReferenceException or OutOfMemoryException, refused.ToString());
                if (entry is "TransformerChain/Transform_001/Network.json" or "TransformerChain/Transform_001/Weights.safetensors" or "TransformerChain/Transform_001/Training.json" or "TrainingInfo/Version.txt")
                    Sentence.Has(Assert.IsType<InvalidDataException>(refused), $"'{entry}'", "damaged");
            }
        }
    }

    [Fact]
    public void A_changed_byte_anywhere_is_refused_or_changes_nothing()
    {
        var data = Stripes.Load(trained.ML, rows: 20, seed: 3);
        var wanted = trained.Chain.Transform(data).GetColumn<float[]>("Score").ToList();
        var random = new Random(1);
        var refusals = 0;
        const int Samples = 300;
        for (var sample = 0; sample < Samples; sample++)
        {
            // Every other one in the directory at the end, which no check sum covers.
            var directory = trained.Zip.AsSpan().IndexOf("PK\u0001\u0002"u8);
            var at = random.Next(sample % 2 == 0 ? directory : 0, trained.Zip.Length);
            var damaged = trained.Zip.ToArray();
            damaged[at] ^= (byte)(1 << random.Next(8));

            var path = Folder.Write("model.zip", damaged);
            ITransformer loaded;
            try
            {
                loaded = new MLContext().Model.LoadVerified(path, out _);
            }
            catch (Exception exception)
            {
                Assert.True(exception is InvalidDataException, $"byte {at}: {trained.Zip[at]:X2} -> {damaged[at]:X2}: {exception}");
                Sentence.Has(exception, $"'{path}'");
                refusals++;
                continue;
            }

            // A date or an attribute of an entry: nothing that is computed with.
            using var network = loaded.Network();
            Assert.Equal(wanted, loaded.Transform(data).GetColumn<float[]>("Score"));
        }

        Assert.InRange(refusals, Samples / 4, Samples);
    }
}
