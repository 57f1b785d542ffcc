namespace Sconce.Files.Rows;

/// <summary>A file is intact, but of an unsupported kind.</summary>
/// <param name="what">The description and the remedy, to follow the name of the file: "is encrypted, ... Decrypt it first".</param>
internal sealed class RefusedFileException(string what) : Exception(what);
