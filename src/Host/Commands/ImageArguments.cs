using System.CommandLine;
using System.CommandLine.Parsing;
using Sconce.Files;
using Sconce.Host.Display;
using Sconce.Pipelines;

namespace Sconce.Host.Commands;

/// <summary>The options of commands that read image files.</summary>
internal static class ImageArguments
{
    private const string TrainFolder = "train";
    private const string TestFolder = "test";

    public static readonly Option<Word<RowErrors>> OnError = new Option<Word<RowErrors>>("--on-error")
    {
        Description = "What to do with a row or an image that cannot be read: fail, or skip it.",
        DefaultValueFactory = _ => RowErrors.Fail,
    }.AcceptNames(RowErrors.Fail, RowErrors.Skip);


    public static readonly Option<string?> Images = new("--images") { Description = $"A folder of PNG or JPEG files, one folder a class (or two such folders, '{TrainFolder}' and '{TestFolder}'), or a CSV file with the columns path and label." };
    public static readonly Option<string?> TestImages = new("--test-images") { Description = "A folder or CSV file of images to test with, instead of --test-fraction." };
    private static readonly Option<string> _size = new("--image-size") { Description = "The size that all images are resized to: WIDTHxHEIGHT in pixels.", DefaultValueFactory = _ => "28x28" };
    private static readonly Option<bool> _color = new("--color") { Description = "Read three channels, red, green and blue, instead of gray." };
    private static readonly Option<Word<ImagePolarity>> _polarity = new Option<Word<ImagePolarity>>("--polarity")
    {
        Description = "light-on-dark: pixels as they are; dark-on-light, such as ink on paper: inverted; auto: detected from the borders of most images.",
        DefaultValueFactory = _ => ImagePolarity.Auto,
    }.AcceptNames();

    /// <summary>How images are read.</summary>
    public static IReadOnlyList<Option> Reading { get; } = [_size, _color, _polarity];

    public static void Validate(CommandResult result)
    {
        if (result.GetResult(_size) is { Implicit: false } && ParseSize(result.GetValue(_size)) is null)
            result.AddError($"--image-size is '{result.GetValue(_size)}'; WIDTHxHEIGHT is expected: 28x28.");
    }

    /// <summary>Opens the images to train and to test with. Test images of unknown classes are refused before the training.</summary>
    public static (ImageSet Train, ImageSet Test, ImageOptions Options) Open(ParseResult result, Terminal terminal, int seed, CancellationToken cancellation)
    {
        var path = result.GetValue(Images)!;
        var (width, height) = ParseSize(result.GetValue(_size))!.Value;
        var options = new ImageOptions { Width = width, Height = height, Color = result.GetValue(_color), Polarity = result.GetValue(_polarity) };
        var testPath = result.GetValue(TestImages);
        if (HasParts(path))
        {
            if (result.GetValue(DataArguments.TestFraction) is not null)
                throw new UsageException($"'{path}' has the folders '{TrainFolder}' and '{TestFolder}', so {DataArguments.TestFraction.Name} does not apply. Leave it out, or pass '{Path.Combine(path, TrainFolder)}' as {Images.Name}.");
            (path, testPath) = (Path.Combine(path, TrainFolder), testPath ?? Path.Combine(path, TestFolder));
        }

        var images = Open(result, terminal, path, labeled: true, cancellation);
        images.RequireClasses();
        if (testPath is not null)
        {
            var others = OpenTest(result, terminal, testPath, cancellation);
            others.RequireKnownClasses(images);
            return (images, others, options);
        }

        var (train, test) = images.Split(result.GetValue(DataArguments.TestFraction) ?? DataArguments.DefaultTestFraction, seed);
        return (train, test, options);
    }

    /// <summary>Opens labeled images to test with: of a folder with two parts, the test part.</summary>
    public static ImageSet OpenTest(ParseResult result, Terminal terminal, string path, CancellationToken cancellation) =>
        Open(result, terminal, HasParts(path) ? Path.Combine(path, TestFolder) : path, labeled: true, cancellation);

    /// <summary>Opens images, and prints which were skipped and what else to note.</summary>
    public static ImageSet Open(ParseResult result, Terminal terminal, string path, bool labeled, CancellationToken cancellation)
    {
        var images = ImageSet.Open(path, new ImageReading { Labeled = labeled, OnError = result.GetValue(OnError), CancellationToken = cancellation });
        foreach (var skipped in images.Skipped)
            terminal.Line($"Skipped: '{skipped.Path}' {skipped.Reason}");
        foreach (var warning in images.Warnings)
            terminal.Line($"Warning: {warning}");
        return images;
    }

    /// <summary>Warns if images look unlike those that the model was trained on.</summary>
    public static void WarnOfPolarity(Terminal terminal, ModelFile model, ImageSet images)
    {
        if (images.PolarityWarning(model) is { } warning)
            terminal.Line($"Warning: {warning}");
    }

    /// <summary>The number of skipped images, as a summary ends; empty for none.</summary>
    public static string Summary(IReadOnlyCollection<UnusableImage> skipped) => skipped.Count == 0 ? "" : $"; {skipped.Count:N0} skipped";

    private static bool HasParts(string path) => Directory.Exists(Path.Combine(path, TrainFolder)) && Directory.Exists(Path.Combine(path, TestFolder));

    private static (int Width, int Height)? ParseSize(string? text) => InputArguments.Sizes(text) is [var width, var height] ? (width, height) : null;
}
