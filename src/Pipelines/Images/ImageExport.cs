using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Pipelines.Plots;

namespace Sconce.Pipelines;

/// <summary>Writes labeled gray images as PNG files, one folder per class.</summary>
public static class ImageExport
{
    /// <summary>Writes <c>FOLDER/PART/CLASS/NUMBER.png</c> for each row of each part. The folder appears only once it is complete.</summary>
    /// <param name="parts">The names of the subfolders and their data, with the columns <c>Image</c>, <c>Vector&lt;Byte, height, width&gt;</c>, and <c>Label</c>, a number, as <c>ml.Data.LoadMnist</c> returns them.</param>
    /// <param name="folder">The folder, which must not exist or must be empty.</param>
    /// <param name="turnOver">Whether to invert the images, to dark on light.</param>
    /// <param name="progress">Receives the number of images written so far.</param>
    /// <param name="cancellation">Cancels the export; nothing is left then.</param>
    /// <returns>The number of images. Each is named by its row number, from 0, with at least five digits.</returns>
    /// <exception cref="ArgumentException">An image column has another type.</exception>
    /// <exception cref="IOException">The folder is not empty, or cannot be written.</exception>
    public static long Write(
        IReadOnlyList<(string Name, IDataView Data)> parts, string folder, bool turnOver = false, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
            throw new IOException($"'{folder}' exists and is not empty. Choose another path, or remove it.");
        var beside = Path.Combine(Path.GetDirectoryName(target)!, $".{Guid.NewGuid():N}.tmp");
        try
        {
            long images = 0;
            foreach (var (name, data) in parts)
                images += WritePart(data, Path.Combine(beside, name), turnOver, count => progress?.Report(images + count), cancellation);
            if (Directory.Exists(target))
                Directory.Delete(target);
            Directory.Move(beside, target);
            return images;
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            throw new IOException($"Cannot write '{folder}': {exception.Message.TrimEnd('.')}. Choose another path, or make this one writable.", exception);
        }
        finally
        {
            if (Directory.Exists(beside))
                Directory.Delete(beside, recursive: true);
        }
    }

    private static long WritePart(IDataView data, string folder, bool turnOver, Action<long> report, CancellationToken cancellation)
    {
        if (data.Schema[ImagePipeline.Image].Type is not VectorDataViewType { IsKnownSize: true, Dimensions: [var height, var width] } type || type.ItemType != NumberDataViewType.Byte)
            throw new ArgumentException($"Column '{ImagePipeline.Image}' has the type {data.Schema[ImagePipeline.Image].Type}; Vector<Byte, height, width> can be written as images.", nameof(data));
        using var cursor = data.GetRowCursor(data.Schema);
        var read = cursor.GetGetter<VBuffer<byte>>(data.Schema[ImagePipeline.Image]);
        var readLabel = cursor.GetGetter<uint>(data.Schema["Label"]);
        VBuffer<byte> pixels = default;
        uint label = 0;
        long rows = 0;
        for (; cursor.MoveNext(); rows++)
        {
            cancellation.ThrowIfCancellationRequested();
            read(ref pixels);
            readLabel(ref label);
            byte[] values = [.. pixels.DenseValues()];
            if (turnOver)
                values = Array.ConvertAll(values, value => (byte)(byte.MaxValue - value));
            var ofClass = Directory.CreateDirectory(Path.Combine(folder, label.ToString(CultureInfo.InvariantCulture)));
            File.WriteAllBytes(Path.Combine(ofClass.FullName, string.Create(CultureInfo.InvariantCulture, $"{rows:00000}.png")), PngFile.Encode(new GrayImage(values, height, width)));
            if ((rows + 1) % 1024 == 0)
                report(rows + 1);
        }

        return rows;
    }
}
