namespace Sconce.Files;

/// <summary>What happens to a row, an image or a file that cannot be used.</summary>
public enum RowErrors
{
    /// <summary>Reading stops with an error that names the file and the row.</summary>
    Fail,

    /// <summary>The row is skipped.</summary>
    Skip,

    /// <summary>The row is skipped, and written with the reason to a separate file. Only file scoring supports this.</summary>
    Quarantine,
}
