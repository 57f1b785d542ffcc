using Microsoft.ML;
using Sconce.Core.Storage;
using Sconce.Files.Rows;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>Opens a file of rows for a model, whatever its format.</summary>
public static class ScoringInput
{
    /// <summary>
    /// Opens an IDX file (raw or gz), a Parquet or an Arrow file, known by their first bytes, or a file of text (plain or gz): JSON Lines
    /// or CSV, as its name says or its beginning. The model's column is one of the file with its name, whose rows are lists; or one for each of its values,
    /// <c>NAME.0</c> and so on; or all columns of a file that has as many, before which one of pixels may have a label.
    /// </summary>
    /// <remarks>The file is read anew, row by row, each time that the view is iterated: memory does not grow with it.</remarks>
    /// <param name="ml">The context to read with.</param>
    /// <param name="path">The file.</param>
    /// <param name="column">The feature column that the model reads: the file's rows have to have its number of values.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file's rows are not what the model reads. Of a row that is met later the view's cursor throws it, with its place.</exception>
    public static IDataView Open(MLContext ml, string path, InputColumn column)
    {
        ArgumentNullException.ThrowIfNull(ml);
        if (Directory.Exists(path))
            throw new InvalidDataException($"'{path}' is a folder; the model reads the column '{column.Name}' of {column.ColumnType}, and so files of rows. A model of image files, which 'sconce train cnn --images' makes, reads folders.");
        RealPath.RequireTarget(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no input file '{path}'.", path);
        if (SpecialFile.Is(path))
            throw new InvalidDataException($"'{path}' is a pipe, a socket or a device; rows are read more than once here, and so from a file.");
        if (column.IsSequence)
            throw new InvalidDataException($"The model reads the column '{column.Name}' of {column.ColumnType}, rows of different lengths; a file of rows of numbers cannot give it any.{(column.Type == FeatureType.Text ? " 'sconce translate' reads texts." : "")}");
        var request = new RowRequest([new RequestedColumn(column.Name, column.ColumnType) { IsFinite = true }]) { Reader = "the model" };
        return new RowsView(() =>
        {
            var content = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return RowFormats.Of(path, content).CreateReader(path, content, request);
        });
    }
}
