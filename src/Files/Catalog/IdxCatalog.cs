using Sconce.Files.Idx;

// ML.NET's own namespace, so that `using Microsoft.ML;` is all a user needs.
namespace Microsoft.ML;

/// <summary>Loaders of IDX files, the format of MNIST and its successors, for <see cref="MLContext.Data"/>.</summary>
public static class IdxCatalog
{
    private const string Image = "Image";
    private const string Label = "Label";

    /// <summary>
    /// Loads a file of images, or of any other arrays of bytes or floats, and optionally its labels. Each file may be raw or gzip;
    /// the content decides.
    /// </summary>
    /// <remarks>
    /// The files are held in memory once, as they are: any number of cursors share them. The view shuffles, knows its number
    /// of rows and serves sets of parallel cursors.
    /// </remarks>
    /// <param name="catalog">The catalog: <c>mlContext.Data</c>.</param>
    /// <param name="imagesPath">
    /// An IDX file of unsigned bytes (0 to 255) or of 32-bit floats, of rank 1 to 255, whose first dimension is the number of rows.
    /// </param>
    /// <param name="labelsPath">
    /// An IDX file of unsigned bytes of rank 1 with one label for each image, or <see langword="null"/> (the default) for none.
    /// </param>
    /// <param name="imageColumnName">
    /// The column of the images, <c>Image</c> by default: <c>Vector&lt;Byte, ...&gt;</c> with the file's dimensions after the first,
    /// <c>Vector&lt;Byte, 28, 28&gt;</c> for MNIST, a scalar <c>Byte</c> for a file of rank 1; of <c>Single</c> if the file has floats.
    /// </param>
    /// <param name="labelColumnName">The column of the labels, <c>Label</c> by default: a scalar <c>UInt32</c>, 0 to 255.</param>
    /// <returns>A view with a row for each image.</returns>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    /// <exception cref="InvalidDataException">
    /// A file is not an intact IDX file of bytes or floats, or there is not one label for each image. The message names the
    /// file, the offset in its uncompressed content, what was expected and what was found.
    /// </exception>
    /// <exception cref="ArgumentException">A name is empty, or the two columns have the same one.</exception>
    /// <example>
    /// <code>
    /// var ml = new MLContext(seed: 1);
    /// var labelled = ml.Data.LoadFromIdx("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz");
    /// var toScore = ml.Data.LoadFromIdx("scans-idx3-ubyte");
    /// </code>
    /// </example>
    public static IDataView LoadFromIdx(
        this DataOperationsCatalog catalog,
        string imagesPath,
        string? labelsPath = null,
        string imageColumnName = Image,
        string labelColumnName = Label)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(imagesPath);
        if (labelsPath is not null)
            ArgumentException.ThrowIfNullOrEmpty(labelsPath);
        CheckColumnNames(imageColumnName, labelColumnName);
        var images = IdxSource.FromFile(imagesPath);
        var labels = labelsPath is null ? null : IdxSource.FromFile(labelsPath);
        return IdxDataView.Load(images, labels, imageColumnName, labelColumnName);
    }

    /// <summary>
    /// Loads MNIST, 60,000 training and 10,000 test images of handwritten digits, from this assembly; or any data set in
    /// the same four files from a folder.
    /// </summary>
    /// <param name="catalog">The catalog: <c>mlContext.Data</c>.</param>
    /// <param name="directory">
    /// A folder with <c>train-images-idx3-ubyte</c>, <c>train-labels-idx1-ubyte</c>, <c>t10k-images-idx3-ubyte</c> and
    /// <c>t10k-labels-idx1-ubyte</c>, each raw or with <c>.gz</c> after its name; if both exist, the raw file is used.
    /// <see langword="null"/> (the default) for the embedded MNIST, which is decompressed at each call.
    /// </param>
    /// <param name="imageColumnName">
    /// The column of the images, <c>Image</c> by default: <c>Vector&lt;Byte, 28, 28&gt;</c> for MNIST, 0 (paper) to 255 (ink).
    /// </param>
    /// <param name="labelColumnName">The column of the labels, <c>Label</c> by default: a scalar <c>UInt32</c>, the digit 0 to 9 for MNIST.</param>
    /// <returns>The training and the test view.</returns>
    /// <exception cref="FileNotFoundException">
    /// One of the files is missing. The message names the file, the folder and the names that were searched for.
    /// </exception>
    /// <exception cref="InvalidDataException">A file is not an intact IDX file of unsigned bytes, or there is not one label for each image.</exception>
    /// <exception cref="ArgumentException">A name is empty, or the two columns have the same one.</exception>
    /// <example>
    /// <code>
    /// var ml = new MLContext(seed: 1);
    /// var (train, test) = ml.Data.LoadMnist();
    /// var fashion = ml.Data.LoadMnist("data/fashion-mnist").Train;
    /// </code>
    /// </example>
    public static (IDataView Train, IDataView Test) LoadMnist(
        this DataOperationsCatalog catalog,
        string? directory = null,
        string imageColumnName = Image,
        string labelColumnName = Label)
    {
        var folder = OpenMnist(catalog, directory, imageColumnName, labelColumnName);
        // All four files are located before the first is read, so that a missing one is reported at once.
        var (trainImages, trainLabels) = (folder.Find(MnistFolder.TrainImages), folder.Find(MnistFolder.TrainLabels));
        var (testImages, testLabels) = (folder.Find(MnistFolder.TestImages), folder.Find(MnistFolder.TestLabels));
        return (
            IdxDataView.Load(trainImages, trainLabels, imageColumnName, labelColumnName),
            IdxDataView.Load(testImages, testLabels, imageColumnName, labelColumnName));
    }

    /// <summary>Loads only the test images of MNIST, or of a folder with at least the two test files.</summary>
    /// <inheritdoc cref="LoadMnist"/>
    /// <returns>The test view.</returns>
    public static IDataView LoadMnistTest(
        this DataOperationsCatalog catalog,
        string? directory = null,
        string imageColumnName = Image,
        string labelColumnName = Label)
    {
        var folder = OpenMnist(catalog, directory, imageColumnName, labelColumnName);
        return IdxDataView.Load(folder.Find(MnistFolder.TestImages), folder.Find(MnistFolder.TestLabels), imageColumnName, labelColumnName);
    }

    private static MnistFolder OpenMnist(DataOperationsCatalog catalog, string? directory, string imageColumnName, string labelColumnName)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        if (directory is not null)
            ArgumentException.ThrowIfNullOrEmpty(directory);
        CheckColumnNames(imageColumnName, labelColumnName);
        return new MnistFolder(directory);
    }

    private static void CheckColumnNames(string imageColumnName, string labelColumnName)
    {
        ArgumentException.ThrowIfNullOrEmpty(imageColumnName);
        ArgumentException.ThrowIfNullOrEmpty(labelColumnName);
        if (imageColumnName.Equals(labelColumnName, StringComparison.Ordinal))
            throw new ArgumentException($"The images and the labels cannot share the column name '{imageColumnName}'.", nameof(labelColumnName));
    }
}
