using Microsoft.ML;
using Microsoft.ML.Data;
using ParquetSharp;
using Sylvan.Data.Csv;

namespace Sconce.Bench;

/// <summary>Rows of 784 floats as vectors of a data view, against the libraries that read the same files alone.</summary>
internal static class LoadRowsBench
{
    private const int Width = 784;
    private const int Rounds = 5;

    public static void Run()
    {
        var ml = new MLContext(1);
        var folder = Directory.CreateTempSubdirectory("sconce-bench-");
        try
        {
            var random = new Random(1);
            var dense = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 20_000).Select(_ => new Row { X = [.. Enumerable.Range(0, Width).Select(_ => MathF.Round(random.NextSingle() * 2 - 1, 6))] }));
            Compare(ml, "dense floats", dense, folder.FullName);
            var pixels = ml.Data.LoadMnistTest().GetColumn<VBuffer<byte>>("Image").Select(image => new Row { X = [.. image.DenseValues().Select(value => (float)value)] });
            Compare(ml, "MNIST's pixels", ml.Data.LoadFromEnumerable(pixels), folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Compare(MLContext ml, string what, IDataView data, string folder)
    {
        var (parquet, csv) = (Path.Combine(folder, "rows.parquet"), Path.Combine(folder, "rows.csv"));
        ml.Data.SaveRows(data, parquet);
        ml.Data.SaveRows(data, csv);
        Ratio.Print($"LoadRows, Parquet of {what}, against ParquetSharp", 0.5, "rows/s", Rounds, () => Read(ml, parquet), () => ReadParquet(parquet));
        Ratio.Print($"LoadRows, CSV of {what}, against Sylvan", 0.7, "rows/s", Rounds, () => Read(ml, csv), () => ReadCsv(csv));
    }

    private static double Read(MLContext ml, string path)
    {
        var data = ml.Data.LoadRows(path);
        var column = data.Schema["X"];
        using var cursor = data.GetRowCursor([column]);
        var read = cursor.GetGetter<VBuffer<float>>(column);
        var vector = default(VBuffer<float>);
        var rows = 0;
        for (; cursor.MoveNext(); rows++)
            read(ref vector);
        return vector.Length == Width ? rows : throw new InvalidOperationException("The file has other vectors.");
    }

    /// <summary>Reads each column of a row group into an array, as the library is meant to be used.</summary>
    private static double ReadParquet(string path)
    {
        using var file = new ParquetFileReader(path);
        var rows = 0L;
        for (var i = 0; i < file.FileMetaData.NumRowGroups; i++)
        {
            using var group = file.RowGroup(i);
            var count = (int)group.MetaData.NumRows;
            for (var place = 0; place < Width; place++)
            {
                using var column = group.Column(place).LogicalReader<float>();
                if (column.ReadAll(count).Length != count)
                    throw new InvalidOperationException("The column is shorter than its row group.");
            }

            rows += count;
        }

        return rows;
    }

    private static double ReadCsv(string path)
    {
        using var reader = CsvDataReader.Create(path);
        var vector = new float[Width];
        var rows = 0;
        for (; reader.Read(); rows++)
        {
            for (var place = 0; place < Width; place++)
                vector[place] = reader.GetFloat(place);
        }

        return rows;
    }

    private sealed class Row
    {
        [VectorType(Width)]
        public float[] X { get; set; } = [];
    }
}
