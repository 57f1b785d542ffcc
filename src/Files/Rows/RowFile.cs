namespace Sconce.Files.Rows;

/// <summary>Opens files of rows in any format.</summary>
internal static class RowFile
{
    /// <summary>Opens a file whose rows are read once, from the first to the last.</summary>
    public static FileStream OpenContent(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16, FileOptions.SequentialScan);

    /// <summary>Opens a file, gzip or not. Columns that it lacks are taken from its folders' names if they have them.</summary>
    /// <param name="path">The file.</param>
    /// <param name="request">The requested columns.</param>
    /// <param name="format">Its format; null to infer it from its first bytes and its name.</param>
    /// <param name="passedOver">Receives each column that both the file and a folder's name have; the file's is used.</param>
    /// <exception cref="InvalidDataException">The file cannot be read, or lacks a column.</exception>
    public static RowReader Open(string path, RowRequest request, RowFormat? format = null, Action<string>? passedOver = null) =>
        FolderColumns.Open(path, request, part => OpenFile(path, part, format), passedOver ?? (_ => { }));

    /// <summary>The format of a file, by its first bytes and its name.</summary>
    /// <exception cref="InvalidDataException">The first bytes are those of a format that is not supported.</exception>
    public static RowFormat FormatOf(string path)
    {
        using var content = OpenContent(path);
        return RowFormats.Of(path, content);
    }

    /// <summary>Opens a file without columns from the names of its folders.</summary>
    public static RowReader OpenFile(string path, RowRequest request, RowFormat? format) => Read(path, OpenContent(path), request, format);

    /// <summary>Reads the content of a file. It is disposed with the reader, or if it cannot be read.</summary>
    public static RowReader Read(string path, Stream content, RowRequest request, RowFormat? format)
    {
        try
        {
            return (format ?? RowFormats.Of(path, content)).CreateReader(path, content, request);
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }
}
