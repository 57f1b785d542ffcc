using Sconce.Files;
using Sconce.Pipelines;

namespace Microsoft.ML;

/// <summary>Loaders of image files for <see cref="MLContext.Data"/>.</summary>
public static class ImageCatalog
{
    /// <summary>Finds labeled images, checks each file, and returns them as rows: <c>ImagePath</c> and <c>Label</c>, both text.</summary>
    /// <param name="catalog">The catalog: <c>mlContext.Data</c>.</param>
    /// <param name="path">A folder with a folder per class, or a CSV file with the columns <c>path</c> and <c>Label</c>; see <see cref="ImageSet.Open"/>.</param>
    /// <param name="reading">How files are found and checked; null for the defaults.</param>
    /// <remarks><see cref="ImageSet"/> also reports skipped files, warns, and splits the images.</remarks>
    /// <exception cref="FileNotFoundException">The path does not exist.</exception>
    /// <exception cref="InvalidDataException">Some images cannot be read (the message names up to ten), or there are none.</exception>
    /// <example>
    /// <code>
    /// var data = ml.Data.LoadImageFolder("shapes");               // shapes/circle/1.png, shapes/square/2.jpg, ...
    /// var model = ImagePipeline.Create(ml, new ConvolutionalNetwork.Options()).Fit(data);
    /// </code>
    /// </example>
    public static IDataView LoadImageFolder(this DataOperationsCatalog catalog, string path, ImageReading? reading = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return ImageSet.Open(path, reading).ToDataView(catalog);
    }
}
