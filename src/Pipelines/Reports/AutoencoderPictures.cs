using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Pipelines.Plots;
using Sconce.Trainers;

namespace Sconce.Pipelines.Reports;

/// <summary>Pictures of an autoencoder's reconstructions, decoded images, and codes.</summary>
internal static class AutoencoderPictures
{
    private const double PlaneEdge = 2;
    private const double OuterShare = 0.05;

    /// <summary>Originals over reconstructions, with the mean squared error of each.</summary>
    /// <param name="model">A model with an autoencoder for images that outputs reconstructions and their errors.</param>
    /// <param name="data">Data with the column that it reads.</param>
    /// <param name="count">The number of rows, from the first on, at least 1.</param>
    /// <exception cref="InvalidDataException">The model has no such autoencoder, or the data has no rows.</exception>
    public static ImageGrid Reconstructions(ModelFile model, IDataView data, int count)
    {
        Check.AtLeast(count, 1, nameof(count));
        var objective = (Reconstruction)model.Autoencoder.Model.Definition.Objective;
        if (objective is not { ReconstructionColumnName: { } reconstruction, ErrorColumnName: { } error })
        {
            throw new InvalidDataException(
                $"The autoencoder in '{model.Path}' does not output reconstructions and their errors: it was trained without {nameof(Autoencoder.Options.ReconstructionColumnName)} or {nameof(Autoencoder.Options.ReconstructionErrorColumnName)}.");
        }

        var input = objective.Input;
        var scored = model.Transform(data, input.Name, reconstruction, error);
        var errors = scored.GetColumn<float>(error).Take(count).ToList();
        return new ImageGrid(
        [
            new ImageRow(Images(model, scored, input.Name, count)) { Title = "original" },
            new ImageRow(Images(model, scored, reconstruction, count)) { Title = "reconstruction", Captions = [.. errors.Select(value => value.ToString("F4", CultureInfo.InvariantCulture))] },
        ])
        {
            Title = $"Reconstructed from {objective.CodeSize} values; below, the mean squared error of each",
        };
    }

    /// <summary>Decoded images.</summary>
    /// <param name="model">The model that the decoder was taken from.</param>
    /// <param name="decoded">The decoder's output.</param>
    /// <param name="columnName">The column of the images.</param>
    /// <exception cref="InvalidDataException">The rows are not gray images, or there are none.</exception>
    public static ImageGrid Decoded(ModelFile model, IDataView decoded, string columnName) => new([new ImageRow(Images(model, decoded, columnName, int.MaxValue))]);

    /// <summary>Two-dimensional codes as points on the plane.</summary>
    /// <param name="model">A model with an autoencoder whose code size is 2.</param>
    /// <param name="data">Data with the column that it reads, and the column that names classes.</param>
    /// <param name="classColumnName">The column that sets the points' colors, a number or a text.</param>
    /// <exception cref="InvalidDataException">The model has no such autoencoder.</exception>
    public static CodeScatter Codes(ModelFile model, IDataView data, string classColumnName)
    {
        var encoded = model.Transform(data, PlaneColumn(model), classColumnName);
        var named = new MLContext().Transforms.Conversion.ConvertType(classColumnName, outputKind: DataKind.String).Fit(encoded).Transform(encoded);
        var classes = named.GetColumn<string>(classColumnName);
        return new CodeScatter([.. PlaneCodes(model, encoded).Zip(classes, (code, name) => new CodePoint(code[0], code[1], name))]);
    }

    /// <summary>Images decoded from codes across the plane.</summary>
    /// <param name="model">A model with an autoencoder for images whose code size is 2.</param>
    /// <param name="data">Data with the column that the model reads; it sets the range of codes that is drawn. For a variational autoencoder the range is -2 to 2, where nearly all codes lie.</param>
    /// <param name="size">The number of images along each side, at least 2.</param>
    /// <exception cref="InvalidDataException">The model has no such autoencoder.</exception>
    public static ImageGrid Plane(ModelFile model, IDataView data, int size)
    {
        Check.AtLeast(size, 2, nameof(size));
        Check.AtMost(size, 200, nameof(size));
        var encoder = model.Autoencoder;
        var column = PlaneColumn(model);
        var (x, y) = ((-PlaneEdge, PlaneEdge), (-PlaneEdge, PlaneEdge));
        if (((Autoencoder)encoder.Model.Definition.Network).VariationalWeight is null)
        {
            var codes = PlaneCodes(model, model.Transform(data, column)).ToList();
            (x, y) = (Middle(codes.Select(code => code[0])), Middle(codes.Select(code => code[1])));
        }

        double[] xs = [.. Steps(x, size)], ys = [.. Steps(y, size).Reverse()];
        var ml = new MLContext();
        var points = ml.Data.LoadFromEnumerable(ys.SelectMany(second => xs.Select(first => new PlanePoint { Code = [(float)first, (float)second] })));
        using var decoder = encoder.Decoder(nameof(PlanePoint.Code));
        var images = Images(model, decoder.Transform(points), "Image", size * size);
        return ImageGrid.Plane([.. images.Chunk(size)], xs, ys) with { Title = "Images decoded from codes" };
    }

    private static List<GrayImage> Images(ModelFile model, IDataView data, string columnName, int count)
    {
        var shape = model.Autoencoder.Model.Definition.Input.Shape;
        if (shape.Count != 2)
            throw new InvalidDataException($"The autoencoder in '{model.Path}' reads rows of the shape [{string.Join(", ", shape)}]; a picture needs gray images, [height, width].");
        var (height, width) = (shape[0], shape[1]);
        var isByte = model.Autoencoder.Model.Definition.Input.Type == FeatureType.Byte;
        List<GrayImage> images = isByte
            ? [.. data.GetColumn<VBuffer<byte>>(columnName).Take(count).Select(image => new GrayImage([.. image.DenseValues()], height, width))]
            : [.. data.GetColumn<VBuffer<float>>(columnName).Take(count).Select(image => new GrayImage([.. image.DenseValues()], height, width))];
        return images.Count > 0 ? images : throw new InvalidDataException("The data to draw has no rows.");
    }

    private static string PlaneColumn(ModelFile model)
    {
        var objective = (Reconstruction)model.Autoencoder.Model.Definition.Objective;
        return objective.CodeSize == 2
            ? objective.CodeColumnName
            : throw new InvalidDataException($"The autoencoder in '{model.Path}' has a code size of {objective.CodeSize}; a chart of the plane needs a code size of 2.")
                .About(file: model.Path, property: nameof(Autoencoder.CodeSize));
    }

    private static IEnumerable<float[]> PlaneCodes(ModelFile model, IDataView encoded) => encoded.GetColumn<float[]>(PlaneColumn(model));

    private static (double Low, double High) Middle(IEnumerable<float> values)
    {
        var sorted = values.Order().ToList();
        if (sorted.Count == 0)
            throw new InvalidDataException("The data to draw has no rows.");
        var outer = (int)(OuterShare * (sorted.Count - 1));
        return (sorted[outer], sorted[^(outer + 1)]);
    }

    private static IEnumerable<double> Steps((double Low, double High) range, int count) =>
        Enumerable.Range(0, count).Select(i => range.Low + (range.High - range.Low) * i / (count - 1));

    private sealed class PlanePoint
    {
        [VectorType(2)]
        public float[] Code { get; init; } = [];
    }
}
