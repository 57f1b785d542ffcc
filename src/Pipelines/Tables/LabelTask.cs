using Microsoft.ML.Data;
using Sconce.Core.Errors;

namespace Sconce.Pipelines.Tables;

/// <summary>Infers the task from the label, and refuses labels that do not fit it.</summary>
/// <param name="options">The options of the survey.</param>
internal sealed class LabelTask(TableSurveyOptions options)
{
    /// <summary>The most values that whole numbers have as classes.</summary>
    private const int MostWholeClasses = 20;

    private const int RowsPerWholeClass = 5;
    private const double LeastNumbers = 0.9;

    /// <summary>The task, and why.</summary>
    /// <exception cref="InvalidDataException">The label has missing values, is constant, or does not fit the task.</exception>
    public (TableTask Task, string Reason) Of(IReadOnlyList<ColumnProfile> labels)
    {
        foreach (var label in labels)
            CheckValues(label);
        var (task, reason) = options.Task is { } given ? (given, "that was asked for") : Infer(labels);
        foreach (var label in labels)
            CheckTask(label, task);
        return (task, reason);
    }

    private (TableTask Task, string Reason) Infer(IReadOnlyList<ColumnProfile> labels)
    {
        if (labels.Count > 1 || labels[0].Column.Type is VectorDataViewType { ItemType: BooleanDataViewType })
            return (TableTask.MultiLabel, "there are several labels");
        var label = labels[0];
        if (label.Column.Type is VectorDataViewType)
            return (TableTask.Regression, "the label is a vector of numbers");
        RefuseMostlyNumbers(label);
        if (label.Distinct == 2)
            return (TableTask.Binary, "the label has two values");
        if (!label.IsNumeric)
            return (TableTask.Multiclass, $"the label has {label.Distinct:N0} values that are not numbers");
        return label.IsWhole && label.Distinct <= MostWholeClasses && label.Present >= RowsPerWholeClass * label.Distinct
            ? (TableTask.Multiclass, $"the label has only {label.Distinct} whole numbers; {nameof(TableSurveyOptions.Task)} = {TableTask.Regression} predicts them as numbers")
            : (TableTask.Regression, $"the label has {label.Distinct:N0} different numbers");
    }

    /// <summary>One wrong cell must not make classes of a column of numbers.</summary>
    private void RefuseMostlyNumbers(ColumnProfile label)
    {
        var numbers = label.CountOf(CellForm.Number);
        if (label.Column.Type is not TextDataViewType || numbers == label.Present || numbers < LeastNumbers * label.Present || Enum.GetValues<CellForm>()
            .Where(form => form != CellForm.Number && label.CountOf(form) > 0).Select(label.FirstOf).MinBy(first => first.Row) is not { Row: > 0 } wrong)
            return;
        throw Refuse(label, $"has {numbers:N0} numbers, but row {wrong.Row} is '{wrong.Text}'; correct the value, leave the row out, or, if the numbers are classes, set {nameof(TableSurveyOptions.Task)} to {TableTask.Multiclass}", wrong.Row, nameof(TableSurveyOptions.Task));
    }

    private void CheckValues(ColumnProfile label)
    {
        if (label.Rows == 0)
            throw Refuse(label, "has no rows; a table needs rows to learn from");
        if (label.Missing > 0)
            throw Refuse(label, $"is missing in {label.Missing:N0} of {label.Rows:N0} rows, the first of which is row {label.FirstMissing}; "
                + "fill it in, or leave those rows out", label.FirstMissing, nameof(Files.LoadRowsOptions.OnError));
        if (label.Distinct == 1 && label.Column.Type is not VectorDataViewType)
            throw Refuse(label, $"is '{label.Examples[0]}' in all rows, so there is nothing to learn; choose another label, or add rows with other values", 1);
    }

    private void CheckTask(ColumnProfile label, TableTask task)
    {
        if (label.Column.Type is VectorDataViewType)
            return;
        switch (task)
        {
            case TableTask.Binary when label.Distinct > 2:
                throw Refuse(label, $"has {label.Distinct:N0} values, but {nameof(TableTask.Binary)} needs two{(Third(label) is var (third, at) ? $"; row {at} is the third, '{third}'" : "")}. Choose {TableTask.Multiclass} or {TableTask.Regression}", Third(label)?.Row);
            case TableTask.Regression when !label.IsNumeric && label.Column.Type is not BooleanDataViewType:
                var (row, wrong) = Enum.GetValues<CellForm>().Where(form => form is not CellForm.Number && label.CountOf(form) > 0).Select(label.FirstOf)
                    .DefaultIfEmpty((Row: 1L, Text: label.Examples[0])).MinBy(first => first.Row);
                throw Refuse(label, $"has values that are not numbers, such as '{wrong}' in row {row}, but {nameof(TableTask.Regression)} needs numbers; correct the value, or choose {TableTask.Multiclass}", row);
            case TableTask.Regression when label.FirstBeyondSingle > 0:
                throw Refuse(label, $"has numbers that Single cannot represent, the first of which is in row {label.FirstBeyondSingle}; scale the label, or learn its logarithm", label.FirstBeyondSingle);
            case TableTask.Binary or TableTask.Multiclass when label.IsNumeric && !label.IsWhole && label.Distinct > 2:
                throw Refuse(label, $"has numbers with decimals, which are no classes; choose {TableTask.Regression}", 1);
            case TableTask.Binary or TableTask.Multiclass when label.Present > 2 && IsUnique(label):
                throw Refuse(label, $"has another value in each row, such as '{label.Examples[0]}', so no class can be learned; choose another label{(label.IsNumeric ? $", or {TableTask.Regression}" : "")}", 1);
            case TableTask.MultiLabel when NotTrue(label) is var (text, place):
                throw Refuse(label, $"is '{text}' in row {place}, but {nameof(TableTask.MultiLabel)} needs true and false (or 1 and 0)", place);
        }
    }

    private static (string Text, long Row)? Third(ColumnProfile label) => label.Values is { Count: > 2 } values ? (values.GetAt(2).Key, values.GetAt(2).Value.Row) : null;

    private static bool IsUnique(ColumnProfile label) => label.Distinct > DistinctCount.MostExact ? label.Distinct > 0.95 * label.Present : label.Distinct == label.Present;

    private static (string Text, long Row)? NotTrue(ColumnProfile label)
    {
        if (label.Column.Type is BooleanDataViewType)
            return null;
        foreach (var (text, (_, row)) in label.Values ?? [])
        {
            if (!bool.TryParse(text, out _) && text is not ("0" or "1"))
                return (text, row);
        }

        return label.Values is null ? (label.Examples[0], 1) : null;
    }

    private InvalidDataException Refuse(ColumnProfile label, string what, long? row = null, string? property = null) =>
        new InvalidDataException($"{(options.File is { } file ? $"'{file}': the" : "The")} label '{label.Column.Name}' {what}.")
            .About(property: property ?? (row is not null && options.LabelColumnNames is null ? null : options.LabelColumnNames is null ? nameof(TableSurveyOptions.LabelColumnName) : nameof(TableSurveyOptions.LabelColumnNames)), file: options.File, row: row, column: label.Column.Name);
}
