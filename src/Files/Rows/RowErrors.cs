namespace Sconce.Files;

/// <summary>What happens to a row that cannot be used, or to a file that cannot be read.</summary>
public enum RowErrors
{
    /// <summary>Reading stops there with an error that names the file and the row.</summary>
    Fail,

    /// <summary>The row is left out.</summary>
    Skip,

    /// <summary>The row is left out, and written with the reason to a file of its own. Only file scoring does this.</summary>
    Quarantine,
}
