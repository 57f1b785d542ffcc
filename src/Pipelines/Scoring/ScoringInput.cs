using Microsoft.ML;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>Opens a file of rows for a model, whatever its format.</summary>
public static class ScoringInput
{
    /// <summary>Opens a file in any format that <c>sconce score</c> reads: IDX, Parquet and Arrow are known by their first bytes, text by its name.</summary>
    /// <param name="ml">The context to read with.</param>
    /// <param name="path">The file.</param>
    /// <param name="column">The feature column that the model reads: the file has it by its name or, where it has numbers alone, has as many of them in a row.</param>
    /// <returns>The rows, which are read as they are iterated; one that cannot be used ends that, with a sentence that names it.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file's rows are not what the model reads.</exception>
    public static IDataView Open(MLContext ml, string path, InputColumn column)
    {
        if (Directory.Exists(path))
            throw new InvalidDataException($"'{path}' is a folder; the model reads the column '{column.Name}' of {column.ColumnType}, and so files of rows. A model of image files, which 'sconce train cnn --images' makes, reads folders.");
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no input file '{path}'.", path);
        var request = new RowRequest([new(column.Name, column.ColumnType) { IsFinite = true }]) { Reader = "the model" };
        return new RowsView(() => Open(path, request));
    }

    private static RowReader Open(string path, RowRequest request)
    {
        var content = File.OpenRead(path);
        try
        {
            return RowFormats.Of(path, content).CreateReader(path, content, request);
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }
}
