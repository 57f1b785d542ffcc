using Sconce.Core.Errors;

namespace Sconce.Files.Text;

/// <summary>The error of a file whose bytes depart from its format.</summary>
internal static class InvalidBytes
{
    /// <summary>Says where a file departs from the format, and how to mend it.</summary>
    /// <param name="file">The file's name.</param>
    /// <param name="offset">Bytes from the start of the uncompressed content.</param>
    /// <param name="expected">What a good file has there.</param>
    /// <param name="found">What this file has there.</param>
    /// <param name="remedy">A sentence of advice, or nothing where none would help.</param>
    /// <param name="cause">What the decompressor said, if it was the one to notice.</param>
    public static InvalidDataException At(
        string file, long offset, string expected, string found, string? remedy = null, Exception? cause = null)
    {
        var message = $"{file}: at byte {offset}: expected {expected}, found {found}.";
        return new InvalidDataException(remedy is null ? message : $"{message} {remedy}", cause).About(file: file);
    }
}
