namespace Sconce.Files.Columnar;

/// <summary>Converts a value that a file stores.</summary>
/// <returns>Null, or what is wrong with the stored value, as it follows "column 'A' is".</returns>
internal delegate string? StoredConversion<TStored, T>(TStored stored, out T value);
