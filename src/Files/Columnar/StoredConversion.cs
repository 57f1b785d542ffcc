namespace Sconce.Files.Columnar;

/// <summary>Makes a value of one that a file stores.</summary>
/// <returns>Null, or what is wrong with the stored value, as a row's refusal has it after "column 'A' is".</returns>
internal delegate string? StoredConversion<TStored, T>(TStored stored, out T value);
