using System.Buffers;
using Sconce.Core.Errors;

namespace Sconce.Files.Rows;

/// <summary>Recognizes unsupported formats by their first bytes, so that messages name them, and binary files are not read as text.</summary>
internal static class FileSignature
{
    /// <summary>The number of bytes that are examined.</summary>
    public const int Length = 512;

    /// <summary>The description of an encrypted Parquet file, and the remedy.</summary>
    public const string EncryptedParquet = "is an encrypted Parquet file", DecryptParquet = "decrypt it with the program and the keys that it was written with";

    /// <summary>The description of a Feather file of version 1, and the remedy.</summary>
    public const string Feather1 = "is a Feather file of version 1", RewriteFeather1 = "write it as Feather version 2, which is Arrow, or as Parquet";

    private const string Unpack = "unpack it first";
    private const string AsTable = "write it as Parquet or CSV";

    private static readonly (byte[] Start, string Is, string Remedy)[] _known =
    [
        ([0x28, 0xB5, 0x2F, 0xFD], "is compressed with Zstandard", Unpack),
        ([0xFD, .. "7zXZ"u8, 0], "is compressed with xz", Unpack),
        ([0x04, 0x22, 0x4D, 0x18], "is compressed with LZ4", Unpack),
        ([.. "7z"u8, 0xBC, 0xAF, 0x27, 0x1C], "is a 7-Zip archive", Unpack),
        ([.. "Rar!"u8, 0x1A, 0x07], "is a RAR archive", Unpack),
        ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "is an Excel workbook of the old format (.xls), or another document of Microsoft Office", "save it as CSV UTF-8"),
        ([.. "Obj"u8, 1], "is an Avro file", AsTable),
        ([.. "SQLite format 3"u8, 0], "is an SQLite database", AsTable),
        ([0x89, .. "HDF\r\n"u8], "is an HDF5 file", AsTable),
        ([0x93, .. "NUMPY"u8], "is a NumPy array", AsTable),
        ([.. "%PDF-"u8], "is a PDF document", AsTable),
        ([0x89, .. "PNG\r\n"u8], "is a PNG image", "use a model that reads images"),
        ([0xFF, 0xD8, 0xFF], "is a JPEG image", "use a model that reads images"),
        ([.. "version https://git-lfs"u8], "is a Git LFS pointer, and not the file itself", "fetch the file with git lfs pull"),
        ([.. "<!DOCTYPE html"u8], "is an HTML page, as servers send instead of a file that they cannot deliver", "download it again"),
        ([.. "<html"u8], "is an HTML page, as servers send instead of a file that they cannot deliver", "download it again"),
    ];

    // A text file may also begin with these letters, in the name of a column; here binary data follows.
    private static readonly (byte[] Start, string Is, string Remedy)[] _words =
    [
        ([.. "ORC"u8], "is an ORC file", AsTable),
        ([.. "PARE"u8], EncryptedParquet, DecryptParquet),
        ([.. "FEA1"u8], Feather1, RewriteFeather1),
        ([.. "PAR1"u8], "is a Parquet file", "name it .parquet where formats are told by names, or write it as CSV"),
        ([.. "ARROW1"u8], "is an Arrow file", "name it .arrow where formats are told by names, or write it as CSV"),
    ];

    /// <summary>Control characters that text does not contain.</summary>
    private static readonly SearchValues<byte> _control = SearchValues.Create([.. Enumerable.Range(0, 32).Where(value => value is < '\t' or (> '\r' and not 0x1B)).Select(value => (byte)value)]);

    /// <summary>Whether a file begins with letters, and is not text: a column may be called PAR1.</summary>
    public static bool IsBinary(ReadOnlySpan<byte> start, ReadOnlySpan<byte> letters) =>
        start.StartsWith(letters) && (start.Length == letters.Length || start[..Math.Min(start.Length, Length)].ContainsAny(_control));

    /// <summary>Whether a file is compressed with gzip.</summary>
    public static bool IsGzip(ReadOnlySpan<byte> start) => start is [0x1F, 0x8B, ..];

    /// <summary>Throws if a file's first bytes are those of another format.</summary>
    /// <param name="path">The file, as named in messages.</param>
    /// <param name="start">Its first bytes, at most <see cref="Length"/> of which are examined.</param>
    /// <param name="expected">The expected format: "CSV".</param>
    /// <exception cref="InvalidDataException">The file has another format.</exception>
    public static void Refuse(string path, ReadOnlySpan<byte> start, string expected)
    {
        if (Find(start) is { } found)
            throw new InvalidDataException($"'{path}' {found.Is}; {expected} is expected: {found.Remedy}.").About(file: path);
    }

    private static (string Is, string Remedy)? Find(ReadOnlySpan<byte> start)
    {
        start = start[..Math.Min(start.Length, Length)];
        if (start.StartsWith("PK\x03\x04"u8) || start.StartsWith("PK\x05\x06"u8))
            return OfZip(start);
        if (start is [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', 0x31 or 0x17, ..])
            return ("is compressed with bzip2", Unpack);
        foreach (var (bytes, what, remedy) in _known)
        {
            if (start.StartsWith(bytes))
                return (what, remedy);
        }

        foreach (var (bytes, what, remedy) in _words)
        {
            if (IsBinary(start, bytes))
                return (what, remedy);
        }

        return null;
    }

    private static (string Is, string Remedy) OfZip(ReadOnlySpan<byte> start) =>
        start.IndexOf("xl/"u8) >= 0 || start.IndexOf("[Content_Types].xml"u8) >= 0
            ? ("is an Excel workbook, or another document of Microsoft Office", "save it as CSV UTF-8 or Parquet")
        : start.IndexOf("application/vnd.oasis.opendocument"u8) >= 0 ? ("is an OpenDocument file", "save it as CSV UTF-8")
        : start.IndexOf("TransformerChain"u8) >= 0 || start.IndexOf("TrainingInfo"u8) >= 0
            ? ("is a zip of an ML.NET model", "name the model first, then the rows")
        : ("is a zip archive", Unpack);
}
