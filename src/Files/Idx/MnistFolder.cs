namespace Sconce.Files.Idx;

/// <summary>The four files of a data set in MNIST's layout: embedded, or in a folder, each raw or gzip.</summary>
/// <param name="directory">The folder, or <see langword="null"/> for the embedded MNIST.</param>
internal sealed class MnistFolder(string? directory)
{
    public const string TrainImages = "train-images-idx3-ubyte";
    public const string TrainLabels = "train-labels-idx1-ubyte";
    public const string TestImages = "t10k-images-idx3-ubyte";
    public const string TestLabels = "t10k-labels-idx1-ubyte";

    /// <exception cref="FileNotFoundException">The folder does not have the file, raw or compressed.</exception>
    public IdxSource Find(string file)
    {
        var compressed = $"{file}.gz";
        if (directory is null)
            return IdxSource.FromAssembly($"mnist/{compressed}");
        string[] candidates = [file, compressed];
        var path = candidates.Select(name => Path.Combine(directory, name)).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException(
                $"There is no {file} in the folder {Path.GetFullPath(directory)}{(Directory.Exists(directory) ? "" : ", which does not exist")}: looked for {file} and {compressed}.",
                Path.Combine(directory, file));
        return IdxSource.FromFile(path);
    }
}
