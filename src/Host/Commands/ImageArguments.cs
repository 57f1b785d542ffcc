using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Sconce.Files;
using Sconce.Host.Display;
using Sconce.Pipelines;

namespace Sconce.Host.Commands;

/// <summary>What commands that read image files take.</summary>
internal static class ImageArguments
{
    private const double DefaultTestShare = 0.2;
    private const string TrainFolder = "train";
    private const string TestFolder = "test";

    public static readonly Option<ImageErrors> OnError = new Option<ImageErrors>("--on-error") { Description = "What happens with an image that cannot be used: fail, or skip, which counts and lists it.", DefaultValueFactory = _ => ImageErrors.Fail }.AcceptNames();

    public static readonly Option<string?> Images = new("--images") { Description = $"A folder of PNG or JPEG files, one folder a class (or two such folders, '{TrainFolder}' and '{TestFolder}'), or a CSV file with the columns path and label; instead of --data." };
    private static readonly Option<string?> _testImages = new("--test-images") { Description = "A folder or CSV file of images to test with, likewise." };
    private static readonly Option<double?> _testShare = new("--test-share") { Description = string.Create(CultureInfo.InvariantCulture, $"The share of each class that is tested with, where there are no test images. Default: {DefaultTestShare}.") };
    private static readonly Option<string> _size = new("--image-size") { Description = "The size that all images are brought to: WIDTHxHEIGHT in pixels.", DefaultValueFactory = _ => "28x28" };
    private static readonly Option<bool> _color = new("--color") { Description = "Three channels, red, green and blue, in place of grey." };
    private static readonly Option<string> _polarity = new("--polarity") { Description = "light-on-dark: pixels as they are; dark-on-light, as ink on paper: turned over; auto: what most images look like by their borders.", DefaultValueFactory = _ => "auto" };

    /// <summary>What a training takes.</summary>
    public static IReadOnlyList<Option> All { get; } = Create();

    public static void Validate(CommandResult result)
    {
        if (result.GetResult(Images) is null)
        {
            foreach (var option in All.Where(option => option != Images && result.GetResult(option) is { Implicit: false }))
                result.AddError($"{option.Name} needs --images: the folder of the images.");
            return;
        }

        if (result.GetResult(TrainingArguments.Data) is not null)
            result.AddError("--images and --data exclude each other.");
        if (result.GetResult(_testImages) is not null && result.GetResult(_testShare) is not null)
            result.AddError("--test-images and --test-share exclude each other.");
        if (result.GetValue(_testShare) is <= 0 or >= 1)
            result.AddError("--test-share has to be more than 0 and less than 1.");
        if (result.GetResult(_size) is { Implicit: false } && ParseSize(result.GetValue(_size)) is null)
            result.AddError($"--image-size is '{result.GetValue(_size)}'; WIDTHxHEIGHT is expected: 28x28.");
    }

    /// <summary>Opens the images to train and to test with; null where none were asked for. What cannot be tested with is told before anything is learned.</summary>
    public static (ImageSet Train, ImageSet Test, ImageOptions Options)? Open(ParseResult result, Terminal terminal, CancellationToken cancellation)
    {
        if (result.GetValue(Images) is not { } path)
            return null;
        var (width, height) = ParseSize(result.GetValue(_size))!.Value;
        var options = new ImageOptions { Width = width, Height = height, Color = result.GetValue(_color), Polarity = Polarity(result.GetValue(_polarity)) };
        var testPath = result.GetValue(_testImages);
        if (HasParts(path))
        {
            if (result.GetValue(_testShare) is not null)
                throw new UsageException($"'{path}' has the folders '{TrainFolder}' and '{TestFolder}', and '{TestFolder}' is what is tested with; --test-share has nothing to share out. Leave it out, or name '{Path.Combine(path, TrainFolder)}' by --images.");
            (path, testPath) = (Path.Combine(path, TrainFolder), testPath ?? Path.Combine(path, TestFolder));
        }

        var images = Open(result, terminal, path, labelled: true, cancellation);
        images.RequireClasses();
        if (testPath is not null)
        {
            var others = OpenTest(result, terminal, testPath, cancellation);
            others.RequireKnownClasses(images);
            return (images, others, options);
        }

        var (train, test) = images.Split(result.GetValue(_testShare) ?? DefaultTestShare, result.GetValue(TrainingArguments.Seed));
        return (train, test, options);
    }

    /// <summary>Opens labelled images to measure with: of a folder with two parts, the test part.</summary>
    public static ImageSet OpenTest(ParseResult result, Terminal terminal, string path, CancellationToken cancellation) =>
        Open(result, terminal, HasParts(path) ? Path.Combine(path, TestFolder) : path, labelled: true, cancellation);

    /// <summary>Opens images, prints what was left out, and what else there is to know of them.</summary>
    public static ImageSet Open(ParseResult result, Terminal terminal, string path, bool labelled, CancellationToken cancellation)
    {
        var images = ImageSet.Open(path, new ImageReading { Labelled = labelled, OnError = result.GetValue(OnError), CancellationToken = cancellation });
        foreach (var skipped in images.Skipped)
            terminal.Line($"Skipped: '{skipped.Path}' {skipped.Reason}");
        foreach (var warning in images.Warnings)
            terminal.Line($"Warning: {warning}");
        return images;
    }

    /// <summary>Says so where images to be scored look unlike those that the model was trained on.</summary>
    public static void WarnOfPolarity(Terminal terminal, ModelFile model, ImageSet images)
    {
        if (images.PolarityWarning(model) is { } warning)
            terminal.Line($"Warning: {warning}");
    }

    /// <summary>The number of images left out, as a summary ends: empty for none.</summary>
    public static string Summary(IReadOnlyCollection<UnusableImage> skipped) => skipped.Count == 0 ? "" : $"; {skipped.Count:N0} skipped";

    private static bool HasParts(string path) => Directory.Exists(Path.Combine(path, TrainFolder)) && Directory.Exists(Path.Combine(path, TestFolder));

    public static ImagePolarity Polarity(string? name) => name switch
    {
        "light-on-dark" => ImagePolarity.LightOnDark,
        "dark-on-light" => ImagePolarity.DarkOnLight,
        _ => ImagePolarity.Auto,
    };

    private static (int Width, int Height)? ParseSize(string? text)
    {
        return text?.Split('x') is [var width, var height] && Parse(width) is { } columns && Parse(height) is { } lines ? (columns, lines) : null;

        static int? Parse(string number) => int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0 ? value : null;
    }

    private static Option[] Create()
    {
        _polarity.AcceptOnlyFromAmong("auto", "light-on-dark", "dark-on-light");
        return [Images, _testImages, _testShare, _size, _color, _polarity, OnError];
    }
}
