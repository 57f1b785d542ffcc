namespace Sconce.Pipelines;

/// <summary>A place in files that are read one after another.</summary>
/// <param name="File">The file's number, from 0.</param>
/// <param name="Row">The rows of it that come before.</param>
internal readonly record struct InputPosition(int File, long Row);
