using Microsoft.ML;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>Opens a file of rows for a model, whatever its format.</summary>
public static class ScoringInput
{
    /// <summary>Opens an IDX file (raw or gz) or a Parquet file, both known by their first bytes, or else a CSV file with a row's values in as many fields.</summary>
    /// <param name="ml">The context to read with.</param>
    /// <param name="path">The file.</param>
    /// <param name="column">The feature column that the model reads: the file's rows have to have its number of values.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file's rows are not what the model reads.</exception>
    public static IDataView Open(MLContext ml, string path, InputColumn column)
    {
        if (Directory.Exists(path))
            throw new InvalidDataException($"'{path}' is a folder; the model reads the column '{column.Name}' of {column.ColumnType}, and so files of rows. A model of image files, which 'sconce train cnn --images' makes, reads folders.");
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no input file '{path}'.", path);
        if (column.IsSequence)
            throw new InvalidDataException($"The model reads the column '{column.Name}' of {column.ColumnType}, rows of different lengths; a file of rows of numbers cannot give it any.{(column.Type == FeatureType.Text ? " 'sconce translate' reads texts." : "")}");
        Span<byte> start = stackalloc byte[4];
        start = start[..ReadStart(path, start)];
        if (start.SequenceEqual("PAR1"u8))
            return new ParquetView(path, column);
        if (start is not ([0, 0, ..] or [0x1F, 0x8B, ..]))
            return new CsvView(path, column);

        var data = ml.Data.LoadFromIdx(path, imageColumnName: column.Name);
        var type = data.Schema[column.Name].Type;
        return type.Equals(column.ColumnType)
            ? data
            : throw new InvalidDataException($"'{path}' holds rows of {type}; the model was trained on {column.ColumnType}.");
    }

    private static int ReadStart(string path, Span<byte> start)
    {
        using var stream = File.OpenRead(path);
        return stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
    }
}
