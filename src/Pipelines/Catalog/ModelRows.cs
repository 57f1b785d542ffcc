using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Sconce.Core.Errors;
using Sconce.Files;
using Sconce.Files.Rows;
using Sconce.Pipelines.Metrics;
using Sconce.Trainers;
using Sconce.Trainers.Model;

namespace Sconce.Pipelines.Catalog;

/// <summary>Opens files of rows with the columns that a model reads.</summary>
internal static class ModelRows
{
    /// <summary>Opens the files.</summary>
    /// <param name="ml">The context to read with.</param>
    /// <param name="model">The model.</param>
    /// <param name="paths">Files, folders and patterns.</param>
    /// <param name="reading">How they are read.</param>
    /// <param name="wanted">The columns of the model's output that will be read.</param>
    /// <param name="label">The name of the label in the model, and in the files; null if no label is read.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or lacks a column that the model reads.</exception>
    public static IDataView Open(
        MLContext ml, ModelFile model, IReadOnlyList<string> paths, LoadRowsOptions reading, IReadOnlyList<string> wanted, (string Name, string Field)? label = null)
    {
        var needed = model.Transformer.IsRowToRowMapper
            ? PipelineSteps.ColumnsNeeded(model.Transformer, model.InputSchema, wanted)
            : [.. model.InputSchema.Select(column => column.Name)];
        if (label is { } compared)
            needed.Add(compared.Name);
        List<DataViewSchema.Column> read = [.. model.InputSchema.Where(column => needed.Contains(column.Name)).DistinctBy(column => column.Name)];
        var finite = FiniteColumns(model);
        // A Boolean cannot be missing, but a label may be: it is read as text, which the pipeline maps.
        HashSet<string> truths = model.Objective is BinaryClassification && model.Transformer.IsRowToRowMapper
            ? [.. LabeledRows.MappingsOf(model).Select(mapping => mapping.Source)]
            : [];
        if (label is not { } named)
        {
            return new LoadedRows(paths, reading,
            [
                .. read.Select(column => new RequestedColumn(column.Name, TypeOf(column))
                {
                    Annotations = column.Annotations,
                    IsFinite = finite.Contains(column.Name),
                }),
            ], $"'{model.Path}'");
        }

        var rows = (LoadedRows)ml.Data.LoadRows(paths, reading with
        {
            Columns = [.. read.Select(column => new RowColumn(column.Name, TypeOf(column)) { Fields = column.Name == named.Name && named.Field != named.Name ? [named.Field] : null })],
        });
        // A row without a label is not compared, but it is not a bad row either.
        return rows.RequireFinite([.. finite.Where(column => column != named.Name)]);

        DataViewType TypeOf(DataViewSchema.Column column) => column.Type is BooleanDataViewType && truths.Contains(column.Name) ? TextDataViewType.Instance : TypeInFiles(column);
    }

    /// <summary>
    /// Opens files with the single column of numbers that a network reads; files without column names have one field for each of its
    /// values.
    /// </summary>
    /// <inheritdoc cref="Open(MLContext, ModelFile, IReadOnlyList{string}, LoadRowsOptions, IReadOnlyList{string}, ValueTuple{string, string}?)"/>
    public static IDataView Open(IReadOnlyList<string> paths, InputColumn column, LoadRowsOptions? reading = null) =>
        new LoadedRows(paths, reading ?? new(), [new RequestedColumn(column.Name, column.ColumnType) { IsFinite = true }], "the model");

    /// <summary>The columns that have to be finite: the inputs of the networks, and the columns that the pipeline concatenates for them.</summary>
    private static HashSet<string> FiniteColumns(ModelFile model)
    {
        var finite = model.Scorers.Select(step => step.Scorer.Input.Name).ToHashSet(StringComparer.Ordinal);
        var before = PipelineSteps.Of(model.Transformer).TakeWhile(step => step is not ScoringTransformer).ToList();
        // Other steps may replace missing values.
        if (model.Transformer.IsRowToRowMapper && before.TrueForAll(step => step is ColumnConcatenatingTransformer or NormalizingTransformer or TypeConvertingTransformer or OptionalStep))
            finite.UnionWith(PipelineSteps.ColumnsNeeded(model.Transformer, model.InputSchema, finite));
        return finite;
    }

    private static DataViewType TypeInFiles(DataViewSchema.Column column) => ((column.Type as VectorDataViewType)?.ItemType ?? column.Type) is PrimitiveDataViewType and not KeyDataViewType
        ? column.Type
        : throw new NotSupportedException($"The model reads the column '{column.Name}' of {column.Type}, which files of rows cannot contain.").About(column: column.Name);
}
