namespace Sconce.Files.Idx;

/// <summary>The source of an IDX file: a folder or this assembly.</summary>
/// <param name="Name">Its name in messages.</param>
/// <param name="Open">Opens its bytes, seekable, raw or gzip.</param>
internal sealed record IdxSource(string Name, Func<Stream> Open)
{
    // Unbuffered: values are read directly into the array that all cursors share.
    private static readonly FileStreamOptions _unbuffered = new()
    {
        BufferSize = 0,
        Options = FileOptions.SequentialScan,
    };

    public static IdxSource FromFile(string path) => new(path, () => new FileStream(path, _unbuffered));

    public static IdxSource FromAssembly(string resource) =>
        new($"{resource} (embedded)", () => typeof(IdxSource).Assembly.GetManifestResourceStream(resource)
            ?? throw new FileNotFoundException($"Sconce.Files was built without its embedded file {resource}.", resource));

    /// <exception cref="InvalidDataException">The file is damaged or not an IDX file of bytes.</exception>
    public IdxFile Load()
    {
        using var content = new IdxContent(Name, Open());
        return content.ReadFile();
    }
}
