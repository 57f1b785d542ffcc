namespace Sconce.Files.Idx;

/// <summary>Where an IDX file comes from: a folder or this assembly.</summary>
/// <param name="Name">What messages call it.</param>
/// <param name="Open">Opens its bytes, seekable, raw or gzip.</param>
internal sealed record IdxSource(string Name, Func<Stream> Open)
{
    // Unbuffered: the values go from the file straight into the array that every cursor shares.
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
