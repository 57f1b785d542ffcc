namespace Sconce.Pipelines;

/// <summary>What the values of a table's column mean, which decides how they are prepared.</summary>
public enum TableColumnKind
{
    /// <summary>Numbers with an order and a distance.</summary>
    Number,

    /// <summary>Names without an order, of which there are few.</summary>
    Category,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>Dates or times.</summary>
    Date,

    /// <summary>Free text of several words.</summary>
    Text,
}
