namespace Sconce.Files.Rows;

/// <summary>A file is whole, and of a kind that is not read.</summary>
/// <param name="what">What it is, and what to do, as it follows the file's name: "is encrypted, ... Decrypt it first".</param>
internal sealed class RefusedFileException(string what) : Exception(what);
