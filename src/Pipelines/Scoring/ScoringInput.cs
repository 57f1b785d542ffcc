using Microsoft.ML;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>Opens a file of rows to be scored, whatever its format.</summary>
public static class ScoringInput
{
    /// <summary>Opens an IDX file of images (raw or gz, known by its first bytes), or else a CSV file of pixels.</summary>
    /// <param name="ml">The context to read with.</param>
    /// <param name="path">The file.</param>
    /// <param name="column">The feature column that the model reads: the file's rows have to have its number of values.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file's rows are not what the model reads.</exception>
    public static IDataView Open(MLContext ml, string path, InputColumn column)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no input file '{path}'.", path);
        if (!LooksLikeIdx(path))
            return new PixelCsvView(path, column);

        var data = ml.Data.LoadFromIdx(path, imageColumnName: column.Name);
        var type = data.Schema[column.Name].Type;
        return type.Equals(column.ColumnType)
            ? data
            : throw new InvalidDataException($"'{path}' holds rows of {type}; the model was trained on {column.ColumnType}.");
    }

    private static bool LooksLikeIdx(string path)
    {
        using var stream = File.OpenRead(path);
        Span<byte> start = stackalloc byte[2];
        var length = stream.ReadAtLeast(start, 2, throwOnEndOfStream: false);
        return length == 2 && start is [0, 0] or [0x1F, 0x8B];
    }
}
