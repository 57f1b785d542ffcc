using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Sconce.Core.Errors;
using Sconce.Files;
using Sconce.Pipelines.Images;
using Sconce.Trainers.Interop;

namespace Sconce.Pipelines;

/// <summary>
/// Converts paths of image files to pixels with ML.NET's own transformers: load, resize, convert to gray, extract. The fitted transformer consists of
/// these only, so that a saved pipeline needs no code of Sconce before its network. Fitting resolves <see cref="ImagePolarity.Auto"/>.
/// </summary>
public sealed class ImagePixels : IEstimator<ITransformer>
{
    private const int MostLookedAt = 200;

    private readonly MLContext _ml;
    private readonly string _outputColumnName;
    private readonly string _inputColumnName;
    private readonly ImageOptions _options;

    /// <param name="ml">The context; warnings go to its log.</param>
    /// <param name="outputColumnName">
    /// The column of the pixels. For color images that are not inverted, and for gray ones with <see cref="ImagePolarity.LightOnDark"/>, a
    /// <c>Vector&lt;Byte, channels, height, width&gt;</c>, 0 to 255, which Sconce's networks scale to [0, 1]; otherwise a
    /// <c>Vector&lt;Single, channels, height, width&gt;</c> in [0, 1], as ML.NET inverts only floats.
    /// </param>
    /// <param name="inputColumnName">The column of the paths, text.</param>
    /// <param name="options">Size, color and polarity; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public ImagePixels(MLContext ml, string outputColumnName = "Image", string inputColumnName = "ImagePath", ImageOptions? options = null)
    {
        Check.NotEmpty(outputColumnName, nameof(outputColumnName));
        Check.NotEmpty(inputColumnName, nameof(inputColumnName));
        (_ml, _outputColumnName, _inputColumnName, _options) = (ml, outputColumnName, inputColumnName, options ?? new());
        _options.Validate();
    }

    /// <summary>Examines up to 200 of the images for their polarity, and creates the transformers.</summary>
    /// <exception cref="InvalidDataException">An image cannot be used; the message names it.</exception>
    public ITransformer Fit(IDataView input)
    {
        var polarity = _options.Polarity;
        if (_options.Color)
        {
            polarity = polarity == ImagePolarity.Auto ? ImagePolarity.LightOnDark : polarity;
        }
        else
        {
            var survey = Survey(input);
            polarity = polarity == ImagePolarity.Auto ? survey.Prevailing : polarity;
            if (survey.TrainingWarning(polarity) is { } warning)
                MLNetEnvironment.Of(_ml, nameof(ImagePixels)).Warn(warning);
        }

        return Create(polarity).Fit(input);
    }

    /// <summary>Adds the column of the pixels, with the type that it has after fitting.</summary>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => Create(_options.Polarity).GetOutputSchema(inputSchema);

    private EstimatorChain<ImagePixelExtractingTransformer> Create(ImagePolarity polarity)
    {
        // The type must not depend on the images: GetOutputSchema promises it before there are any.
        var asFloats = _options.Polarity == ImagePolarity.DarkOnLight || (_options.Polarity == ImagePolarity.Auto && !_options.Color);
        // (pixel - offset) * scale: one multiplication, as exact as a network's own scaling of bytes. Bytes are not scaled.
        var (offset, scale) = polarity == ImagePolarity.DarkOnLight ? (byte.MaxValue, -1f / byte.MaxValue) : (0, 1f / byte.MaxValue);
        var name = _outputColumnName;
        var images = _ml.Transforms.LoadImages(name, imageFolder: null, _inputColumnName)
            .Append(_ml.Transforms.ResizeImages(name, _options.Width, _options.Height, name, _options.Resizing));
        return _options.Color
            ? images.Append(Extract(ImagePixelExtractingEstimator.ColorBits.Rgb))
            : images.Append(_ml.Transforms.ConvertToGrayscale(name)).Append(Extract(ImagePixelExtractingEstimator.ColorBits.Red));

        ImagePixelExtractingEstimator Extract(ImagePixelExtractingEstimator.ColorBits colors) =>
            _ml.Transforms.ExtractPixels(name, colorsToExtract: colors, offsetImage: offset, scaleImage: scale, outputAsFloatArray: asFloats);
    }

    private PolaritySurvey Survey(IDataView input)
    {
        var column = input.Schema.GetColumnOrNull(_inputColumnName) ?? throw new ArgumentException($"The data has no column '{_inputColumnName}' of image paths. Its columns are: {string.Join(", ", input.Schema.Select(each => each.Name))}.");
        if (column.Type is not TextDataViewType)
            throw new ArgumentException($"Column '{_inputColumnName}' has the type {column.Type}; text with the paths of images is expected.");
        var paths = input.GetColumn<string>(column).ToList();
        // Spread over all images, as folders list one class after another.
        var step = Math.Max(1, (paths.Count + MostLookedAt - 1) / MostLookedAt);
        return PolaritySurvey.Of([.. paths.Where((_, i) => i % step == 0).Select(Look)]);
    }

    private static ImageLook Look(string path)
    {
        try
        {
            return ImageLook.Of(path, new ImageReading().MaximumPixels);
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"The image '{path}' cannot be used: it {exception.Message}. ImageSet.Open finds all unusable images, and can skip them.", exception);
        }
    }
}
