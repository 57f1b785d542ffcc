namespace Sconce.Pipelines;

/// <summary>What is predicted from the columns of a table.</summary>
public enum TableTask
{
    /// <summary>One of two values.</summary>
    Binary,

    /// <summary>One of several classes.</summary>
    Multiclass,

    /// <summary>A number.</summary>
    Regression,

    /// <summary>Several Booleans, any of which may be true.</summary>
    MultiLabel,
}
