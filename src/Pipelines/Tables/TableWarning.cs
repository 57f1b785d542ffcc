namespace Sconce.Pipelines;

/// <summary>Something in a table that looks wrong.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Column">The column.</param>
/// <param name="Message">A sentence with the facts and the remedy.</param>
/// <param name="Row">The first row that shows it, from 1; null if it is no single row's.</param>
public sealed record TableWarning(TableWarningKind Kind, string Column, string Message, long? Row = null);

/// <summary>What looks wrong in a column of a table.</summary>
public enum TableWarningKind
{
    /// <summary>The column names the rows instead of describing them.</summary>
    Identifier,

    /// <summary>The column tells the label: it was probably recorded after it, or copied from it.</summary>
    TellsLabel,

    /// <summary>All values are the same.</summary>
    Constant,

    /// <summary>There is no value.</summary>
    Missing,

    /// <summary>The values look like dates in a form that is not ISO 8601.</summary>
    DateAsText,

    /// <summary>Numbers are text because of their units or thousands separators.</summary>
    NumberAsText,

    /// <summary>Most values are numbers, and some are words.</summary>
    MixedTypes,

    /// <summary>There are more categories than can be learned well.</summary>
    ManyCategories,

    /// <summary>Numbers with leading zeros are codes, and stay text.</summary>
    LeadingZeros,

    /// <summary>A class of the label has too few rows to be learned and measured.</summary>
    RareClass,
}
