using Sconce.Core.Errors;

namespace Sconce.Files.Text;

/// <summary>The error of a file that violates its format.</summary>
internal static class InvalidBytes
{
    /// <summary>Describes the violation and the remedy.</summary>
    /// <param name="file">The file's name.</param>
    /// <param name="offset">Bytes from the start of the uncompressed content.</param>
    /// <param name="expected">What the format requires there.</param>
    /// <param name="found">What the file has there.</param>
    /// <param name="remedy">A sentence with the remedy; null for none.</param>
    /// <param name="cause">The exception of the decompressor, if there was one.</param>
    public static InvalidDataException At(
        string file, long offset, string expected, string found, string? remedy = null, Exception? cause = null)
    {
        var message = $"{file}: at byte {offset}: expected {expected}, found {found}.";
        return new InvalidDataException(remedy is null ? message : $"{message} {remedy}", cause).About(file: file);
    }
}
