namespace Sconce.Files;

/// <summary>What happens to a row, an image or a file that cannot be used.</summary>
public enum RowErrors
{
    /// <summary>Reading stops there with an error that names the file and the row.</summary>
    Fail,

    /// <summary>The row is left out.</summary>
    Skip,

    /// <summary>The row is left out, and written with the reason to a file of its own. Only file scoring does this.</summary>
    Quarantine,
}
