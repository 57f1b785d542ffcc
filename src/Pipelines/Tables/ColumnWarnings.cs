using System.Text.RegularExpressions;
using Microsoft.ML.Data;

namespace Sconce.Pipelines.Tables;

/// <summary>Finds what looks wrong in a column by itself: at most one thing, so that no advice contradicts another.</summary>
internal static partial class ColumnWarnings
{
    private const int LeastRows = 20;
    private const double NearlyAll = 0.9;
    private const double NearlyUnique = 0.95;
    private const int ManyCategories = 1_000;
    private const int SomeCategories = 100;

    /// <param name="column">The column.</param>
    /// <param name="kind">What its values mean.</param>
    /// <param name="isGiven">Whether the caller said so.</param>
    public static TableWarning? Of(ColumnProfile column, TableColumnKind kind, bool isGiven)
    {
        if (column.Present == 0)
            return Warn(TableWarningKind.Missing, "has no value in any row; leave it out");
        if (column.Distinct == 1 && column.Missing == 0)
            return Warn(TableWarningKind.Constant, $"is '{column.Examples[0]}' in all rows; leave it out");
        if (isGiven)
            return null;
        if (column.Column.Type is TextDataViewType && OfText(column, kind) is { } form)
            return form;
        if (IsIdentifier(column, kind))
            return Warn(TableWarningKind.Identifier, $"has {(column.Distinct >= column.Present ? "another value in each row" : $"about {column.Distinct:N0} values in {column.Present:N0} rows")}, such as '{column.Examples[0]}': it names the rows, and tells nothing about new ones; leave it out");
        if (column.Column.Type is TextDataViewType && column.CountOf(CellForm.LeadingZeros) > 0 && column.CountOf(CellForm.LeadingZeros, CellForm.Number) == column.Present)
        {
            var (row, text) = column.FirstOf(CellForm.LeadingZeros);
            return Warn(TableWarningKind.LeadingZeros, $"has numbers with leading zeros, such as '{text}' in row {row}; they are categories, so that the zeros are kept", row);
        }

        return kind == TableColumnKind.Category && (column.Distinct > ManyCategories || (column.Distinct > SomeCategories && column.Distinct > column.Present / 2))
            ? Warn(TableWarningKind.ManyCategories, $"has {(column.Distinct > DistinctCount.MostExact ? "about " : "")}{column.Distinct:N0} categories in {column.Present:N0} rows; the rare ones are taken together. Group them, or leave the column out")
            : null;

        TableWarning Warn(TableWarningKind warning, string what, long? row = null) => new(warning, column.Column.Name, $"'{column.Column.Name}' {what}.", row);
    }

    private static TableWarning? OfText(ColumnProfile column, TableColumnKind kind)
    {
        var (name, present) = (column.Column.Name, column.Present - column.CountOf(CellForm.MissingMark));
        if (kind is TableColumnKind.Boolean or TableColumnKind.Date || present == 0)
            return null;
        var numbers = column.CountOf(CellForm.Number);
        var written = column.CountOf(CellForm.Unit, CellForm.Thousands);
        if (column.CountOf(CellForm.OtherDate) >= NearlyAll * present)
        {
            var (row, text) = column.FirstOf(CellForm.OtherDate);
            return new(TableWarningKind.DateAsText, name, $"'{name}' looks like dates, such as '{text}' in row {row}, but is read as text; give the format of its dates, or write them as 2003-12-31.", row);
        }

        if (column.CountOf(CellForm.IsoDate) is > 0 and var dates && dates >= NearlyAll * present)
        {
            var (row, text) = FirstOther(column, CellForm.IsoDate);
            return new(TableWarningKind.MixedTypes, name, $"'{name}' has {dates:N0} dates, but row {row} is '{text}', so it is read as text; correct the value.", row);
        }

        if (written > 0 && numbers + written >= NearlyAll * present)
        {
            var (row, text) = new[] { CellForm.Unit, CellForm.Thousands }.Where(form => column.CountOf(form) > 0).Select(column.FirstOf).MinBy(first => first.Row);
            return new(TableWarningKind.NumberAsText, name, $"'{name}' has numbers with units or thousands separators, such as '{text}' in row {row}, so it is read as text; write plain numbers such as 1234.5.", row);
        }

        if (numbers > present / 2 && numbers < column.Present && column.CountOf(CellForm.LeadingZeros) == 0)
        {
            var (row, text) = FirstOther(column, CellForm.Number);
            return new(TableWarningKind.MixedTypes, name, $"'{name}' has {numbers:N0} numbers, but row {row} is '{text}', so all are read as text; correct the value, or leave it empty if it is missing.", row);
        }

        return null;
    }

    private static (long Row, string Text) FirstOther(ColumnProfile column, CellForm usual) =>
        Enum.GetValues<CellForm>().Where(form => form != usual && column.CountOf(form) > 0).Select(column.FirstOf).MinBy(first => first.Row);

    public static bool IsIdentifier(ColumnProfile column, TableColumnKind kind)
    {
        if (column.Present < LeastRows || column.Distinct < NearlyUnique * column.Present)
            return false;
        if (column.IsNumeric)
            return column.IsWhole && column.Distinct <= 1.05 * column.Present && ((column.IsConsecutive && column.Missing == 0) || IdentifierName().IsMatch(column.Column.Name));
        return kind == TableColumnKind.Category || (kind == TableColumnKind.Text && IdentifierName().IsMatch(column.Column.Name));
    }

    [GeneratedRegex("(^|[_ .-])(id|uuid|guid|key|index|rowid|row)$|[a-z](Id|ID|Uuid|UUID|Guid|GUID)$|^(id|uuid|guid)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex IdentifierName();
}
