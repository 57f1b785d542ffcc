using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Pipelines.Explanations;
using Sconce.Trainers;
using Sconce.Trainers.Persistence;
using static TorchSharp.torch;

namespace Sconce.Pipelines;

/// <summary>Which pixels of an image speak for a class and which against it, by integrated gradients.</summary>
/// <remarks>
/// The contributions of all pixels add up to about the difference between the class's logit for the image and for the baseline. Sundararajan,
/// Taly and Yan, "Axiomatic attribution for deep networks", ICML 2017.
/// </remarks>
public sealed record Saliency
{
    /// <summary>The index of the row in the data, from 0.</summary>
    public required long Row { get; init; }

    /// <summary>The class that is explained: the predicted one, unless another was asked for; null for a network with one output.</summary>
    public string? ClassName { get; init; }

    /// <summary>The class's logit, or the network's only output.</summary>
    public required double Output { get; init; }

    /// <summary>The same for the baseline.</summary>
    public required double BaselineOutput { get; init; }

    /// <summary>The height of the image, in pixels.</summary>
    public required int Height { get; init; }

    /// <summary>Its width.</summary>
    public required int Width { get; init; }

    /// <summary>The contribution of each pixel, height x width, in units of the output: the sum over the colors.</summary>
    public required IReadOnlyList<float> Contributions { get; init; }

    /// <summary>The brightness of each pixel as the network reads it, height x width: the mean over the colors.</summary>
    public required IReadOnlyList<float> Brightness { get; init; }

    /// <summary>Explains the images of data.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="model">A classifier or regression whose network reads images: one array of height x width, or of 1 or 3 colors x height x width.</param>
    /// <param name="data">Data with the columns that the model reads.</param>
    /// <param name="options">Class, baseline, steps and number of images; null for the defaults.</param>
    /// <exception cref="InvalidDataException">The model has no network of images, or the data has no rows or lacks a column.</exception>
    /// <exception cref="ArgumentException">The model has no such class, or an option is out of range.</exception>
    public static IReadOnlyList<Saliency> Of(MLContext ml, ModelFile model, IDataView data, SaliencyOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(ml);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        options ??= new();
        options.Validate();
        var network = model.Network.Model;
        var definition = network.Definition;
        var input = definition.Input;
        var (height, width) = SizeOf(model, input);
        var classes = (definition.Objective as Classification)?.Classes.Values;
        var wanted = options.ClassName is null ? (int?)null : IndexOf(options.ClassName, classes, model);
        var rows = Read(model, data, input, options.MaximumImages);
        if (rows.Count == 0)
            throw new InvalidDataException("The data has no rows; at least one image is needed.");
        return network.Compute(module =>
        {
            long[] shape = [.. input.Shape.Select(size => (long)size)];
            var images = input.ToNetwork(rows[0] is byte[]? tensor(rows.SelectMany(row => (byte[])row).ToArray(), [rows.Count, .. shape])
                : tensor(rows.SelectMany(row => (float[])row).ToArray(), [rows.Count, .. shape]));
            var baseline = options.Baseline == SaliencyBaseline.Mean ? images.mean([0L]) : zeros_like(images.select(0, 0));
            var found = new List<Saliency>();
            for (var row = 0; row < rows.Count; row++)
            {
                options.CancellationToken.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                var image = images.select(0, row);
                var index = wanted ?? Predicted(module, image);
                var gradients = IntegratedGradients.Of(module, image, baseline, index, options.Steps);
                found.Add(new()
                {
                    Row = row,
                    ClassName = classes?[index],
                    Output = gradients.Output,
                    BaselineOutput = gradients.Baseline,
                    Height = height,
                    Width = width,
                    Contributions = Pixels(gradients.Values, height * width, color => color),
                    Brightness = Pixels([.. image.contiguous().data<float>()], height * width, sum => sum / (input.Length / (height * width))),
                });
            }

            return found;
        });
    }

    /// <summary>Draws the image, and beside it the contributions: orange for the class, blue against it.</summary>
    /// <param name="path">The file, which has to end in .png.</param>
    /// <exception cref="ArgumentException">The ending is another.</exception>
    /// <exception cref="IOException">The file cannot be written; one that exists stays as it was.</exception>
    public void Save(string path) => SaliencyPicture.Save(this, path);

    private static int Predicted(nn.Module<Tensor, Tensor> module, Tensor image)
    {
        using var noGradient = no_grad();
        return (int)module.call(image.unsqueeze(0)).reshape(-1).argmax().item<long>();
    }

    /// <summary>Sums the values of each pixel over the colors, of which each is one whole image.</summary>
    private static float[] Pixels(float[] values, int pixels, Func<float, float> scale)
    {
        var sums = new float[pixels];
        for (var i = 0; i < values.Length; i++)
            sums[i % pixels] += values[i];
        return Array.ConvertAll(sums, sum => scale(sum));
    }

    private static (int Height, int Width) SizeOf(ModelFile model, InputColumn input) => input switch
    {
        { IsSequence: false, Shape: [var height, var width] } => (height, width),
        { IsSequence: false, Shape: [1 or 3, var height, var width] } => (height, width),
        _ => throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"'{model.Path}' reads rows of the shape [{string.Join(", ", input.Shape)}]; images of [height, width], or of [colors, height, width] with 1 or 3 colors, can be explained."))
            .About(file: model.Path, column: input.Name),
    };

    private static int IndexOf(string name, IReadOnlyList<string>? classes, ModelFile model)
    {
        var index = classes?.ToList().IndexOf(name) ?? -1;
        return index >= 0 ? index : throw new ArgumentException(
            classes is null ? $"'{model.Path}' has no classes; leave {nameof(SaliencyOptions.ClassName)} null."
                : $"'{model.Path}' has no class '{name}'{NearestName.Question(name, classes)}. Its classes are: {string.Join(", ", classes)}.", nameof(SaliencyOptions.ClassName));
    }

    /// <summary>Reads the network's input for the first rows: arrays of bytes or floats.</summary>
    private static List<Array> Read(ModelFile model, IDataView data, InputColumn input, int most)
    {
        var prepared = model.Transform(data, input.Name);
        var column = prepared.Schema[input.Name];
        using var cursor = prepared.GetRowCursor([column]);
        return input.Type == FeatureType.Byte ? Rows<byte>() : Rows<float>();

        List<Array> Rows<T>()
        {
            var read = cursor.GetGetter<VBuffer<T>>(column);
            var values = default(VBuffer<T>);
            var rows = new List<Array>();
            while (rows.Count < most && cursor.MoveNext())
            {
                read(ref values);
                rows.Add(values.DenseValues().ToArray());
            }

            return rows;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}

/// <summary>What an image is compared with.</summary>
public enum SaliencyBaseline
{
    /// <summary>Zeros: black, for images that are light on dark.</summary>
    Black,

    /// <summary>The mean of the images that are explained.</summary>
    Mean,
}

/// <summary>Options of <see cref="Saliency"/>.</summary>
public sealed record SaliencyOptions
{
    /// <summary>The class to explain; null for each image's predicted one. Default: null.</summary>
    public string? ClassName { get; init; }

    /// <summary>What images are compared with. Default: black.</summary>
    public SaliencyBaseline Baseline { get; init; }

    /// <summary>The number of points between baseline and image, at least 1. Default: 50.</summary>
    public int Steps { get; init; } = 50;

    /// <summary>The maximum number of images, at least 1: the first of the data. Default: 16.</summary>
    public int MaximumImages { get; init; } = 16;

    /// <summary>Ends the work between two images.</summary>
    public CancellationToken CancellationToken { get; init; }

    internal void Validate()
    {
        Check.AtLeast(Steps, 1, nameof(Steps));
        Check.AtLeast(MaximumImages, 1, nameof(MaximumImages));
    }
}
