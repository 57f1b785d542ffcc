namespace Sconce.Files.Columnar;

/// <summary>Converts a value that a file stores.</summary>
/// <returns>Null, or the error in the stored value, as the rest of a sentence after "column 'A' is".</returns>
internal delegate string? StoredConversion<TStored, T>(TStored stored, out T value);
