using Sconce.Core.Errors;
using Sconce.Trainers;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Tables;

namespace Microsoft.ML;

/// <summary>Steps that prepare the columns of a table for a network, in <c>mlContext.Transforms</c>. All of them learn from the training rows alone.</summary>
/// <remarks>
/// They read text, numbers of all types, Booleans and times. Blanks around text are ignored, and NA, N/A, null, NaN, None, a question mark and empty text
/// mean that there is no value.
/// </remarks>
public static class TableCatalog
{
    /// <summary>Maps a column to keys of UInt32 for a network: the frequent values, then one key for rare and unknown values, and 0 for a missing value.</summary>
    /// <param name="catalog">The catalog: <c>mlContext.Transforms</c>.</param>
    /// <param name="outputColumnName">The column of the keys.</param>
    /// <param name="inputColumnName">The column that is read; null for the same name.</param>
    /// <param name="options">How categories are found; null for the defaults.</param>
    /// <remarks>If there are more than 200,000 different values, they are counted approximately, so that memory stays bounded (Manku and Motwani, VLDB 2002).</remarks>
    /// <exception cref="ArgumentException">A name is empty, or an option is out of range.</exception>
    /// <example>
    /// <code>
    /// var steps = ml.Transforms.MapCategories("island").Append(ml.Transforms.MapNumbers("Numbers", ["body_mass_g", "flipper_length_mm"]));
    /// </code>
    /// </example>
    public static IEstimator<ITransformer> MapCategories(this TransformsCatalog catalog, string outputColumnName, string? inputColumnName = null, CategoryOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        Check.NotEmpty(outputColumnName, nameof(outputColumnName));
        options ??= new();
        options.Validate();
        var source = inputColumnName ?? outputColumnName;
        return new TableStepEstimator([source], ScoreAnnotations.KeyShape(outputColumnName), data => CategoryMapping.Fit(data, outputColumnName, source, options));
    }

    /// <summary>Maps columns to a vector of Single for a network: missing values are filled with the median and indicated, and numbers are scaled.</summary>
    /// <param name="catalog">The catalog: <c>mlContext.Transforms</c>.</param>
    /// <param name="outputColumnName">The column of the vector, whose slots are named after the columns.</param>
    /// <param name="inputColumnNames">The columns that are read, at least one.</param>
    /// <param name="options">What the columns hold, and how numbers are scaled; null for the defaults.</param>
    /// <remarks>Numbers are scaled in double precision: large ones, such as times in seconds, keep their differences.</remarks>
    /// <exception cref="ArgumentException">A name is empty or given twice, or an option is out of range.</exception>
    public static IEstimator<ITransformer> MapNumbers(
        this TransformsCatalog catalog, string outputColumnName, IReadOnlyList<string> inputColumnNames, NumberOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(inputColumnNames);
        Check.NotEmpty(outputColumnName, nameof(outputColumnName));
        Check.AtLeast(inputColumnNames.Count, 1, $"{nameof(inputColumnNames)}.Count");
        if (inputColumnNames.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Skip(1).Any()) is { Key: var twice })
            throw new ArgumentException($"{nameof(inputColumnNames)} names the column '{twice}' twice.", nameof(inputColumnNames)).About(column: twice);
        options ??= new();
        return new TableStepEstimator(
            inputColumnNames, ScoreAnnotations.NumbersShape(outputColumnName), data => NumberMapping.Fit(data, outputColumnName, inputColumnNames, options));
    }

    /// <summary>Maps a column of two values to a Boolean: a label for a binary trainer, whose models keep the values.</summary>
    /// <param name="catalog">The catalog: <c>mlContext.Transforms</c>.</param>
    /// <param name="outputColumnName">The column of the Booleans.</param>
    /// <param name="inputColumnName">The column that is read; null for the same name.</param>
    /// <param name="positiveValue">
    /// The value that becomes true. Default: null, a word for true (true, yes, y, t, on, 1), the larger of two numbers, or the later of two texts in ordinal order.
    /// </param>
    /// <remarks>Fitting it throws <see cref="InvalidDataException"/> if a row has no value, or if there are other than two values.</remarks>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    public static IEstimator<ITransformer> MapBoolean(this TransformsCatalog catalog, string outputColumnName, string? inputColumnName = null, string? positiveValue = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        Check.NotEmpty(outputColumnName, nameof(outputColumnName));
        var source = inputColumnName ?? outputColumnName;
        return new TableStepEstimator(
            [source], ScoreAnnotations.PlainShape(outputColumnName, SchemaShape.Column.VectorKind.Scalar, Data.BooleanDataViewType.Instance),
            data => BooleanMapping.Fit(data, outputColumnName, source, positiveValue));
    }
}
