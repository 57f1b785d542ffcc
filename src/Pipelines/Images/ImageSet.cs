using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Files;
using Sconce.Files.Images;
using Sconce.Pipelines.Images;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>The image files of a folder or a list. Each was decoded once, so that unusable files are known before training or scoring.</summary>
/// <example>
/// <code>
/// var images = ImageSet.Open("shapes", new ImageReading { OnError = RowErrors.Skip });
/// var (train, test) = images.Split(testShare: 0.2, seed: 1);
/// var model = ImagePipeline.Create(ml, new ConvolutionalNetwork.Options()).Fit(train.ToDataView(ml));
/// </code>
/// </example>
public sealed class ImageSet
{
    private const int MostNamed = 10;

    private readonly IReadOnlyList<ImageLook> _looks;
    private readonly IReadOnlyDictionary<string, int> _passedOver;
    private readonly bool _isLabeled;

    private ImageSet(
        string path, bool isLabeled, IReadOnlyList<ImageFile> images, IReadOnlyList<ImageLook> looks, IReadOnlyList<UnusableImage> skipped, IReadOnlyDictionary<string, int> passedOver)
    {
        (Path, Images, Skipped) = (path, images, skipped);
        (_isLabeled, _looks, _passedOver) = (isLabeled, looks, passedOver);
    }

    /// <summary>The folder or list that was opened.</summary>
    public string Path { get; }

    /// <summary>The usable images: those of a folder in ordinal order of their paths, those of a list in its order.</summary>
    public IReadOnlyList<ImageFile> Images { get; }

    /// <summary>The skipped files, with reasons; empty unless <see cref="RowErrors.Skip"/> is set.</summary>
    public IReadOnlyList<UnusableImage> Skipped { get; }

    /// <summary>The classes, sorted; empty if images are not labeled.</summary>
    public IReadOnlyList<string> Classes => [.. Images.Select(image => image.Label).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Warnings about the images: ignored files, transparency, EXIF orientation.</summary>
    public IReadOnlyList<string> Warnings => [.. FindWarnings()];

    internal PolaritySurvey Polarity => PolaritySurvey.Of([.. _looks]);

    /// <summary>Finds images and checks each of them.</summary>
    /// <param name="path">
    /// A folder with a folder per class, which may have subfolders, of PNG and JPEG files (.png, .jpg, .jpeg, .jfif in any case);
    /// or a CSV file with the columns <c>path</c> (or <c>ImagePath</c>), relative to the file's folder, and <c>Label</c>.
    /// Without labels, any folder of images, a CSV file of paths, or an image.
    /// </param>
    /// <param name="reading">How files are found and checked; null for the defaults.</param>
    /// <exception cref="FileNotFoundException">The path does not exist.</exception>
    /// <exception cref="InvalidDataException">Some images cannot be used (the message names up to ten), or there are none.</exception>
    public static ImageSet Open(string path, ImageReading? reading = null)
    {
        reading ??= new();
        reading.Validate();
        var listing = ImageListing.Of(path, reading.Labeled);
        var (looks, reasons) = (new ImageLook[listing.Images.Count], new string?[listing.Images.Count]);
        Parallel.For(0, looks.Length, new ParallelOptions { CancellationToken = reading.CancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            try
            {
                looks[i] = ImageLook.Of(listing.Images[i].Path, reading.MaximumPixels);
            }
            catch (InvalidDataException exception)
            {
                reasons[i] = exception.Message;
            }
        });

        var unusable = listing.Unusable
            .Concat(reasons.Index().Where(entry => entry.Item is not null).Select(entry => new UnusableImage(listing.Images[entry.Index].Path, entry.Item!)))
            .OrderBy(entry => entry.Path, StringComparer.Ordinal).ToList();
        if (unusable.Count > 0 && reading.OnError == RowErrors.Fail)
            throw new InvalidDataException(Name(path, unusable)).About(property: nameof(ImageReading.OnError), file: unusable[0].Path);
        var used = Enumerable.Range(0, looks.Length).Where(i => reasons[i] is null).ToList();
        if (used.Count == 0)
        {
            var skipped = unusable.Count > 0 ? $": {unusable.Count:N0} were left out, the first of which, '{unusable[0].Path}', {unusable[0].Reason}" : "";
            throw new InvalidDataException(
                $"'{path}' has no images that can be used{skipped}. {(reading.Labeled ? "A folder with a folder of PNG or JPEG files for each class is expected." : "PNG or JPEG files are expected.")}");
        }

        return new ImageSet(path, reading.Labeled, [.. used.Select(i => listing.Images[i])], [.. used.Select(i => looks[i])], unusable, listing.PassedOver);
    }

    /// <summary>Requires at least two classes.</summary>
    /// <exception cref="InvalidDataException">There is only one class; the message names it.</exception>
    public void RequireClasses()
    {
        if (Classes is [var only])
            throw new InvalidDataException($"'{Path}' has images of only one class, '{only}'; a classifier needs two or more, each in its own folder.");
    }

    /// <summary>Requires that a model knows all classes of these images.</summary>
    /// <param name="model">A classifier.</param>
    /// <exception cref="InvalidDataException">It does not know a class, or is not a classifier.</exception>
    public void RequireKnownClasses(ModelFile model)
    {
        if (model.Objective is not Classification { Classes.Values: var known })
            throw new InvalidDataException($"'{model.Path}' is not a classifier and cannot be evaluated as one.");
        if (FindUnknown(known) is { } unknown)
            throw new InvalidDataException($"'{Path}' has images of the class '{unknown}', which '{model.Path}' does not know; its classes are {Name(known)}.");
    }

    /// <summary>Requires that all classes of these images occur in the training images.</summary>
    /// <param name="train">The training images.</param>
    /// <exception cref="InvalidDataException">A class does not occur in them.</exception>
    public void RequireKnownClasses(ImageSet train)
    {
        var known = train.Classes;
        if (FindUnknown(known) is { } unknown)
            throw new InvalidDataException($"'{Path}' has images of the class '{unknown}', which the training images '{train.Path}' do not have; their classes are {Name(known)}. Add such images there, or remove them here.");
    }

    /// <summary>The warning that these images have another polarity than the model's training images; null for none, and for color images.</summary>
    public string? PolarityWarning(ModelFile model) => model.Images is { IsColor: false, Polarity: var trained } ? Polarity.ScoringWarning(trained) : null;

    /// <summary>Splits off a fraction of each class for testing.</summary>
    /// <param name="testShare">The fraction, in (0, 1). At least one image of each class stays in the training part.</param>
    /// <param name="seed">The seed of the split.</param>
    /// <returns>Two parts, both with images. Only the first keeps <see cref="Skipped"/>.</returns>
    /// <exception cref="InvalidDataException">Each class has only one image.</exception>
    public (ImageSet Train, ImageSet Test) Split(double testShare, int seed)
    {
        Check.Between(testShare, 0, 1, nameof(testShare));
        var random = new Random(seed);
        var test = new HashSet<int>();
        var classes = Enumerable.Range(0, Images.Count).GroupBy(i => Images[i].Label ?? "", StringComparer.Ordinal);
        foreach (var rows in classes.OrderBy(rows => rows.Key, StringComparer.Ordinal).Select(rows => rows.ToArray()))
        {
            random.Shuffle(rows);
            test.UnionWith(rows.Take(Math.Min(rows.Length - 1, (int)Math.Ceiling(testShare * rows.Length))));
        }

        if (test.Count == 0)
            throw new InvalidDataException($"'{Path}' has only one image of each class, so none can be held out for testing. Add images, or pass separate test images.").About(property: nameof(testShare), file: Path);
        return (Part(i => !test.Contains(i), Skipped), Part(test.Contains, []));
    }

    /// <summary>Returns the images as rows: <c>ImagePath</c>, and <c>Label</c> if they are labeled.</summary>
    public IDataView ToDataView(MLContext ml) => ToDataView(ml.Data);

    internal IDataView ToDataView(DataOperationsCatalog data) => _isLabeled
        ? data.LoadFromEnumerable(Images.Select(image => new LabeledImageRow { ImagePath = image.Path, Label = image.Label ?? "" }).ToList())
        : data.LoadFromEnumerable(Images.Select(image => new ImagePathRow { ImagePath = image.Path }).ToList());

    private ImageSet Part(Func<int, bool> belongs, IReadOnlyList<UnusableImage> skipped)
    {
        var rows = Enumerable.Range(0, Images.Count).Where(belongs).ToList();
        return new(Path, _isLabeled, [.. rows.Select(i => Images[i])], [.. rows.Select(i => _looks[i])], skipped, new Dictionary<string, int>());
    }

    private string? FindUnknown(IEnumerable<string> known) => Classes.Except(known, StringComparer.Ordinal).FirstOrDefault();

    private static string Name(IEnumerable<string> classes) => string.Join(", ", classes.Select(name => $"'{name}'"));

    private static string Name(string path, List<UnusableImage> unusable)
    {
        var named = string.Join("; ", unusable.Take(MostNamed).Select(entry => $"'{entry.Path}' {entry.Reason}"));
        return $"{(unusable.Count == 1 ? "One image" : $"{unusable.Count:N0} images")} of '{path}' cannot be used: {named}{(unusable.Count > MostNamed ? $"; and {unusable.Count - MostNamed:N0} more" : "")}. Repair or remove these files, or set OnError to Skip.";
    }

    private IEnumerable<string> FindWarnings()
    {
        if (_passedOver.Count > 0)
            yield return $"{_passedOver.Values.Sum():N0} files in '{Path}' do not have a .png, .jpg, .jpeg, or .jfif ending and were ignored: {string.Join(", ", _passedOver.Select(entry => $"{entry.Value:N0} of '{entry.Key}'"))}.";
        if (Count(look => look.IsTransparent) is > 0 and var transparent)
            yield return $"{transparent:N0} images in '{Path}' have transparent pixels, which are read as black; the first is {First(look => look.IsTransparent)}. Flatten them onto a background.";
        if (Count(look => look.IsTurned) is > 0 and var turned)
            yield return $"{turned:N0} images in '{Path}' have an EXIF orientation, which is ignored; the first is {First(look => look.IsTurned)}. Rotate and save them if it matters.";

        int Count(Func<ImageLook, bool> isSo) => _looks.Count(isSo);
        string First(Func<ImageLook, bool> isSo) => $"'{Images[_looks.Index().First(entry => isSo(entry.Item)).Index].Path}'";
    }
}
