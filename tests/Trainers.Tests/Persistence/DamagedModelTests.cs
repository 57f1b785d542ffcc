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

    [Theory]
    [InlineData("", "it is empty (0 bytes)")]
    [InlineData("<!DOCTYPE html><html>404</html>", "it is an HTML page")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 13107200\n", "it is a Git LFS pointer")]
    public void What_is_often_mistaken_for_a_model_is_named(string content, string said) => Sentence.Has(RefusalOfLoadVerified(Encoding.Latin1.GetBytes(content)), said);

    [Fact]
    public void An_entry_that_inflates_to_far_more_than_it_is_is_refused_before_it_is_read()
    {
        var bomb = With("TransformerChain/Transform_001/Weights.safetensors", new byte[100 << 20]);
        Assert.InRange(bomb.Length, 1, 1 << 20);
        Sentence.Has(RefusalOfLoadVerified(bomb), "inflate to 104,", "more than 100 times as many");
    }

    [Fact]
    public void A_safetensors_file_is_named_however_long_its_header_is()
    {
        byte[] file = [.. BitConverter.GetBytes(9_000L), .. Encoding.ASCII.GetBytes("{".PadRight(9_000)), .. new byte[100]];
        Sentence.Has(RefusalOfLoadVerified(file), "it is a safetensors file", "TorchTransformer.WithWeights");
    }

    /// <summary>Lengths of which two are more than a number of 64 bits holds.</summary>
    [Fact]
    public void Forged_lengths_are_refused()
    {
        var refused = RefusalOfLoad(WithLengths(trained.Zip, long.MaxValue - 1, entries: 2));
        Sentence.Has(Assert.IsType<InvalidDataException>(refused), "The model's entry 'forged'");
        Sentence.Has(RefusalOfLoadVerified(WithLengths(trained.Zip, long.MaxValue - 1, entries: 2)), "The model's entries inflate to 18,446,744,073,7", "no valid model does");
    }

    /// <summary>A zip with entries more in its directory, whose lengths are in fields of 64 bits.</summary>
    private static byte[] WithLengths(byte[] zip, long length, int entries)
    {
        var end = zip.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.ASCII);
        writer.Write(zip.AsSpan(0, end));
        for (var i = 0; i < entries; i++)
        {
            writer.Write("PK\u0001\u0002"u8);
            // Versions, flags, method (deflated), time, date.
            writer.Write([45, 0, 45, 0, 0, 0, 8, 0, 0, 0, 33, 0]);
            writer.Write(0);
            // Both lengths are in the extra field.
            writer.Write(-1);
            writer.Write(-1);
            writer.Write((short)"forged".Length);
            writer.Write((short)20);
            writer.Write(new byte[14]);
            writer.Write("forged"u8);
            writer.Write((short)1);
            writer.Write((short)16);
            writer.Write(length);
            writer.Write(length);
        }

        var added = (int)stream.Length - end;
        var directory = BitConverter.ToInt32(zip, end + 12);
        var count = BitConverter.ToInt16(zip, end + 8);
        writer.Write(zip.AsSpan(end, 8));
        writer.Write((short)(count + entries));
        writer.Write((short)(count + entries));
        writer.Write(directory + added);
        writer.Write(zip.AsSpan(end + 16));
        writer.Flush();
        return stream.ToArray();
    }

    [Fact]
    public void Folders_without_end_are_refused()
    {
        Sentence.Has(RefusalOfLoadVerified(With(string.Concat(Enumerable.Repeat("TransformerChain/Transform_000/", 150)) + "Model.key", [1])), "The model's entry '", "in 300 nested folders", "at most 200 are supported");
        Sentence.Has(RefusalOfLoadVerified(With(string.Concat(Enumerable.Repeat("a\\", 201)) + "Model.key", [1])), "in 201 nested folders");
    }

    [Fact]
    public void Chains_within_chains_are_loaded_on_a_stack_that_holds_them()
    {
        // What a loop of 'pipeline = pipeline.Append(...)' makes whose variable is an IEstimator<ITransformer>.
        ITransformer model = trained.Chain;
        for (var i = 0; i < 60; i++)
            model = new TransformerChain<ITransformer>(model);
        var path = Folder.PathOf("deep.zip");
        trained.ML.Model.SaveAtomically(model, trained.Schema, path);
        Exception? failure = null;
        // As small a stack as programs have: a thread's on macOS.
        var thread = new Thread(() => failure = Record.Exception(() => new MLContext().Model.LoadVerified(path, out _).Network().Dispose()), 512 << 10);
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }

    [Fact]
    public void What_a_loader_of_ML_NET_s_throws_is_said_with_the_file()
    {
        var zip = new ModelZip(trained.Zip);
        zip["Transform_000/Model.key"] = new byte[463];
        var refused = RefusalOfLoadVerified(zip.ToBytes());
        Assert.DoesNotContain("Error during class instantiation", refused.Message, StringComparison.Ordinal);
        Sentence.Has(refused, "ML.NET cannot load one of its steps (", "Copy the file again");
    }

    /// <summary>The model with one more entry.</summary>
    private byte[] With(string name, byte[] content)
    {
        using var stream = new MemoryStream();
        stream.Write(trained.Zip);
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
        {
            using var entry = archive.CreateEntry(name).Open();
            entry.Write(content);
        }

        return stream.ToArray();
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
