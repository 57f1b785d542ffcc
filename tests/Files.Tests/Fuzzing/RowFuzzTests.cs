using System.IO.Compression;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Rows;
using Sconce.Fuzzing;
using Sconce.Tests;

namespace Sconce.Files.Tests.Fuzzing;

/// <summary>Files of rows, damaged and forged: every one of them is read to its end, has bad rows, or is refused by a sentence.</summary>
public sealed class RowFuzzTests
{
    private const int Rows = 12;

    private static readonly DataViewSchema _schema = RandomRows.Schema([.. RandomRows.Types.Select(type => ($"c{type.RawType.Name}", (DataViewType)type)), ("v", new VectorDataViewType(NumberDataViewType.Single, 3))]);

    private static readonly DataViewSchema[] _idxSchemas =
    [
        RandomRows.Schema(("pixels", new VectorDataViewType(NumberDataViewType.Byte, 3, 2))),
        RandomRows.Schema(("values", new VectorDataViewType(NumberDataViewType.Single, 4))),
    ];

    public static TheoryData<string, int> Formats => new()
    {
        { "csv", 1_000 }, { "tsv", 500 }, { "jsonl", 1_000 }, { "parquet", 1_000 }, { "arrow", 1_000 }, { "arrows", 1_000 }, { "idx", 1_000 },
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public void Files_of_rows_are_read_or_refused(string name, int inputs)
    {
        var format = RowFormats.Named(name)!;
        Fuzzer.Run(Corpus(format), inputs, Reader(format), IsDocumented, name: $"rows-{name}");
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("jsonl")]
    [InlineData("idx")]
    public void Packed_files_are_read_or_refused(string name)
    {
        var format = RowFormats.Named(name)!;
        var corpus = Corpus(format).Select(Pack).ToList();
        Fuzzer.Run(corpus, 400, Reader(format), IsDocumented, name: $"packed-{name}");
        // The content is changed, the packing is right.
        Fuzzer.Run(corpus, 400, Reader(format), IsDocumented, (mutator, file) => Pack(mutator.Mutate(Unpack(file), file)), $"repacked-{name}");
    }

    private static bool IsDocumented(Exception exception) => exception is InvalidDataException or IOException or NotSupportedException or ArgumentException;

    private static List<byte[]> Corpus(RowFormat format)
    {
        var random = new Random(1);
        if (format == RowFormats.Idx)
            return [.. _idxSchemas.Select(schema => Write(format, schema, random))];
        List<byte[]> files = [.. Schemas(format).Select(schema => Write(format, schema, random))];
        if (format == RowFormats.Csv)
            files.Add(Encoding.UTF8.GetBytes("A;B;Text\n1,5;2;\"x;\"\"y\"\"\"\n\n3;4;z\r\n"));
        if (format == RowFormats.JsonLines)
            files.Add("{\"A\":[[1,2],[3]],\"B\":{\"c\":1.5e3},\"C\":\"\\u00e4\\ud83d\\ude42\"}\n{\"A\":null}\n"u8.ToArray());
        return files;
    }

    private static IEnumerable<DataViewSchema> Schemas(RowFormat format)
    {
        var random = new Random(2);
        return Enumerable.Range(0, 4).Select(_ => RandomRows.Schema(random, hasVariable: format == RowFormats.JsonLines || format.Name.StartsWith("arrow", StringComparison.Ordinal))).Prepend(_schema);
    }

    private static byte[] Write(RowFormat format, DataViewSchema schema, Random random)
    {
        using var stream = new MemoryStream();
        using (var writer = format.CreateWriter(stream, schema))
        {
            writer.Write(RandomRows.Rows(schema, Rows, random));
            writer.Finish();
        }

        return stream.ToArray();
    }

    /// <summary>Makes what reads files of the corpus in turns: at first as they are, then half of them as what a model asks for.</summary>
    private static Action<byte[]> Reader(RowFormat format)
    {
        var requests = format == RowFormats.Idx ? [.. _idxSchemas.Select(Request)] : Schemas(format).Select(Request).ToList();
        var turn = 0;
        return file =>
        {
            var columns = turn >= 2 * requests.Count && turn % 2 == 0 ? requests[turn / 2 % requests.Count] : [];
            turn++;
            using var reader = format.CreateReader("input", new MemoryStream(file), new RowRequest(columns));
            var count = 0L;
            for (var hasMore = true; hasMore;)
            {
                var rows = new RowBatch(reader.Schema, 64);
                hasMore = reader.Fill(rows, 64);
                Assert.InRange(rows.Count + rows.Bad.Count, 0, 64);
                count += rows.Count + rows.Bad.Count;
            }

            // Where a format says how many rows there are, none is lost without a word.
            if (format.Name is "parquet" or "arrow" or "arrows")
                Assert.Equal(Rows, count);
        };

        static RequestedColumn[] Request(DataViewSchema schema) => [.. schema.Select(column => new RequestedColumn(column.Name, column.Type) { IsFinite = column.Index % 2 == 0 })];
    }

    private static byte[] Pack(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(content);
        return packed.ToArray();
    }

    private static byte[] Unpack(byte[] content)
    {
        using var gzip = new GZipStream(new MemoryStream(content), CompressionMode.Decompress);
        using var unpacked = new MemoryStream();
        gzip.CopyTo(unpacked);
        return unpacked.ToArray();
    }
}
