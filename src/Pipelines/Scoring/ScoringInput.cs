using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Core.Storage;
using Sconce.Files.Rows;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>Opens a file of rows for a model, whatever its format.</summary>
public static class ScoringInput
{
    /// <summary>
    /// Opens an IDX (raw or gz), Parquet, Arrow, JSON Lines or CSV file (plain or gz); the format is detected from its first bytes and its
    /// name. The model's column is the file's column of that name, whose values are lists; or a column for each of its values, <c>NAME.0</c>
    /// and so on; or all columns of a file that has exactly as many, with a label before them in a file of pixels.
    /// </summary>
    /// <remarks>The file is read row by row each time the view is iterated, in bounded memory.</remarks>
    /// <param name="ml">The context to read with.</param>
    /// <param name="path">The file.</param>
    /// <param name="column">The feature column that the model reads: the file's rows have to have its number of values.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">The model cannot read the file. The view's cursor throws it, with the place, for a row found later.</exception>
    public static IDataView Open(MLContext ml, string path, InputColumn column)
    {
        ArgumentNullException.ThrowIfNull(ml);
        if (Directory.Exists(path))
            throw new InvalidDataException($"'{path}' is a folder; the model reads files of rows, with the column '{column.Name}' of {column.ColumnType}.").About(file: path, needed: ModelKind.Images);
        RealPath.RequireTarget(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no input file '{path}'.", path).About(file: path);
        if (SpecialFile.Is(path))
            throw new InvalidDataException($"'{path}' is a pipe, a socket or a device, which can be read only once. Use a file.").About(file: path);
        if (column.IsSequence)
            throw new InvalidDataException($"The model reads the column '{column.Name}' of {column.ColumnType}, whose rows differ in length; files of rows hold vectors of one length.").About(file: path, column: column.Name, needed: ModelKind.Rows);
        var request = new RowRequest([new RequestedColumn(column.Name, column.ColumnType) { IsFinite = true }]) { Reader = "the model" };
        return new RowsView(() => RowFile.OpenFile(path, request, format: null));
    }
}
