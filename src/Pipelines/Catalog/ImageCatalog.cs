using Sconce.Files;
using Sconce.Pipelines;

namespace Microsoft.ML;

/// <summary>Loaders of image files for <see cref="MLContext.Data"/>.</summary>
public static class ImageCatalog
{
    /// <summary>Finds labeled images, one folder a class or named in a list, looks at each, and gives them as rows: <c>ImagePath</c> and <c>Label</c>, both text.</summary>
    /// <param name="catalog">The catalog: <c>mlContext.Data</c>.</param>
    /// <param name="path">A folder with a folder for each class, or a CSV file with the columns <c>path</c> and <c>Label</c>; as <see cref="ImageSet.Open"/> takes them.</param>
    /// <param name="reading">What is done with files that cannot be used, and everything else; null for the defaults.</param>
    /// <remarks><see cref="ImageSet"/> also tells what was left out, warns, and splits.</remarks>
    /// <exception cref="FileNotFoundException">There is nothing of that name.</exception>
    /// <exception cref="InvalidDataException">Images cannot be used; up to ten are named. Or there are none.</exception>
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
