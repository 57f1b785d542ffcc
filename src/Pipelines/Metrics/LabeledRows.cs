using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Pipelines.Tables;
using Sconce.Trainers;
using Sconce.Trainers.Model;
using Sconce.Trainers.Tables;

namespace Sconce.Pipelines.Metrics;

/// <summary>The rows of a test set that have a label to compare Booleans with.</summary>
/// <param name="Rows">The rows; they keep their positions, so that messages name the rows of the test set.</param>
/// <param name="Unlabeled">The number of rows without a label, or with a gap among several.</param>
internal readonly record struct LabeledRows(IDataView Rows, long Unlabeled)
{
    /// <summary>Finds the rows, in one pass over the columns that the label is made from.</summary>
    /// <exception cref="InvalidDataException">A label has a value that is neither of its two.</exception>
    public static LabeledRows Of(ModelFile model, BinaryClassification objective, IDataView data)
    {
        var sources = model.Transformer.IsRowToRowMapper ? PipelineSteps.ColumnsNeeded(model.Transformer, model.InputSchema, [objective.LabelColumnName]) : [];
        if (sources.Count == 0)
            sources.Add(objective.LabelColumnName);
        var columns = data.Schema.Where(column => !column.IsHidden && sources.Contains(column.Name) && column.Type is TextDataViewType or NumberDataViewType).ToList();
        if (columns.Count == 0)
            return new(data, 0);
        List<bool> kept = [];
        using var cursor = data.GetRowCursor(columns);
        var cells = columns.ConvertAll(column => SourceCell.Of(cursor, column.Name));
        // Read here, an unknown value is an error of its row; in the pipeline, ML.NET's threads would wrap it.
        var values = MappingsOf(model).Where(mapping => columns.Exists(column => column.Name == mapping.Source)).Select(mapping => (ValueGetter<bool>)mapping.CreateGetter(cursor)).ToList();
        var value = false;
        while (cursor.MoveNext())
        {
            kept.Add(cells.TrueForAll(cell => cell.Text.Length > 0));
            if (kept[^1])
                values.ForEach(read => read(ref value));
        }

        var unlabeled = kept.LongCount(isKept => !isKept);
        return unlabeled == 0 ? new(data, 0) : new(new RowsByNumber(data, [.. kept]), unlabeled);
    }

    /// <summary>The steps of a model that make Booleans of columns with two values.</summary>
    public static IEnumerable<BooleanMapping> MappingsOf(ModelFile model) =>
        PipelineSteps.Of(model.Transformer).Select(step => (step as OptionalStep)?.Step ?? step).OfType<TableStep>().Select(step => step.Mapping).OfType<BooleanMapping>();

    /// <summary>Scores the rows.</summary>
    /// <param name="model">The model.</param>
    /// <param name="objective">What it was trained for.</param>
    /// <param name="wanted">The columns that will be read, with the label.</param>
    /// <exception cref="InvalidDataException">The data lacks a column, or the label has another type.</exception>
    public IDataView Score(ModelFile model, BinaryClassification objective, IReadOnlyList<string> wanted)
    {
        var scored = model.Transform(Rows, wanted);
        var label = scored.Schema.GetColumnOrNull(objective.LabelColumnName)
            ?? throw new InvalidDataException($"The data to evaluate on has no label column '{objective.LabelColumnName}'.").About(column: objective.LabelColumnName);
        if (objective.IsMultiLabel)
        {
            return label.Type is VectorDataViewType { ItemType: BooleanDataViewType, Size: var size } && size == objective.OutputSize ? scored
                : throw new InvalidDataException($"Label column '{label.Name}' has the type {label.Type}; a vector of {objective.OutputSize} Booleans is expected.").About(column: label.Name);
        }

        if (label.Type is BooleanDataViewType)
            return scored;
        // A pipeline for rows without labels does not map them.
        return SourceCell.Reads(label.Type)
            ? new TableStep(new BooleanMapping(label.Name, label.Name, objective.NameOf(false), objective.NameOf(true))).Transform(scored)
            : throw new InvalidDataException($"Label column '{label.Name}' has the type {label.Type}; a Boolean is expected.").About(column: label.Name);
    }
}
