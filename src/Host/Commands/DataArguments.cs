using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Sconce.Host.Commands;

/// <summary>The options of training commands for their data: MNIST's layout, image files, or files of rows.</summary>
internal static class DataArguments
{
    /// <summary>The default fraction of the data that is held out for testing.</summary>
    public const double DefaultTestFraction = 0.2;

    public static readonly Option<double?> TestFraction = new("--test-fraction") { Description = string.Create(CultureInfo.InvariantCulture, $"The fraction of --input, or of each class of --images, that is held out for testing. Default: {DefaultTestFraction}.") };
    private static readonly Option<string[]> _features = new("--feature-columns") { Description = "The columns that the network reads: A,B, or \"a,b\" in quotes for a name with a comma; a vector column stands for its values. Default: all numbers but the label.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string?> _shape = new("--shape") { Description = "The shape of a row's values, for networks that read images or sequences: 28x28, or 3x32x32 (channels, height, width)." };
    private static readonly Option<string[]> _testInput = new("--test-input") { Description = "Files of rows to test with, instead of --test-fraction.", AllowMultipleArgumentsPerToken = true };

    /// <summary>Adds the options to a command that trains on rows.</summary>
    /// <param name="command">The command.</param>
    /// <param name="isLabeled">Whether the network learns labels.</param>
    /// <param name="isTested">Whether the network is tested on held-out data.</param>
    /// <param name="readsImages">Whether image files are read too.</param>
    public static void AddTo(Command command, bool isLabeled = true, bool isTested = true, bool readsImages = true)
    {
        IEnumerable<Option> rows = [InputArguments.Input, .. InputArguments.Reading, .. isLabeled ? [InputArguments.LabelColumn] : Array.Empty<Option>(), _features, _shape, .. isTested ? [_testInput] : Array.Empty<Option>()];
        IEnumerable<Option> images = readsImages ? [ImageArguments.Images, .. isTested ? [ImageArguments.TestImages] : Array.Empty<Option>(), .. ImageArguments.Reading] : [];
        foreach (var option in (Option[])[TrainingArguments.Data, .. rows, .. isTested ? [TestFraction] : Array.Empty<Option>(), .. images, ImageArguments.OnError])
            command.Add(option);
        command.Validators.Add(result => Validate(result, [.. rows], [.. images], readsImages));
    }

    /// <summary>The columns that the network reads; null for all numbers.</summary>
    public static IReadOnlyList<string>? FeaturesOf(ParseResult result) => InputArguments.Names(result.GetValue(_features));

    /// <summary>The shape of a row's values; null for that of the data.</summary>
    public static IReadOnlyList<int>? ShapeOf(ParseResult result) => InputArguments.Sizes(result.GetValue(_shape));

    /// <summary>The files to test with; null for a fraction of the others.</summary>
    public static IReadOnlyList<string>? TestInputOf(ParseResult result) => result.GetValue(_testInput) is { Length: > 0 } paths ? paths : null;

    /// <summary>Requires at most one source of data, and for options of one kind of data its source.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="rows">The options of files of rows.</param>
    /// <param name="images">The options of image files.</param>
    /// <param name="readsImages">Whether image files are read too.</param>
    public static void ValidateSources(CommandResult result, IEnumerable<Option> rows, IEnumerable<Option> images, bool readsImages = true)
    {
        Option[] sources = [.. readsImages ? [ImageArguments.Images] : Array.Empty<Option>(), InputArguments.Input, TrainingArguments.Data];
        List<Option> given = [.. sources.Where(source => result.GetResult(source) is not null)];
        if (given.Count > 1)
            result.AddError($"{given[0].Name} cannot be combined with {given[1].Name}.");
        if (given.Count == 0 || given[0] != InputArguments.Input)
            Need(rows.Where(option => option != InputArguments.Input), InputArguments.Input, "the files to read");
        if (given.Count == 0 || given[0] != ImageArguments.Images)
            Need(images.Where(option => option != ImageArguments.Images), ImageArguments.Images, "the folder of the images");
        foreach (var option in (Option[])[TestFraction, ImageArguments.OnError])
        {
            if (result.GetResult(option) is { Implicit: false } && (given.Count == 0 || given[0] == TrainingArguments.Data))
                result.AddError($"{option.Name} needs {InputArguments.Input.Name}{(readsImages ? $" or {ImageArguments.Images.Name}" : "")}; it does not apply to MNIST's files.");
        }

        void Need(IEnumerable<Option> options, Option source, string what)
        {
            foreach (var option in options.Where(option => result.GetResult(option) is { Implicit: false }))
                result.AddError($"{option.Name} needs {source.Name}: {what}.");
        }
    }

    private static void Validate(CommandResult result, Option[] rows, Option[] images, bool readsImages)
    {
        ValidateSources(result, rows, images, readsImages);
        foreach (var others in (Option[])[ImageArguments.TestImages, _testInput])
        {
            if (result.GetResult(others) is not null && result.GetResult(TestFraction) is not null)
                result.AddError($"{others.Name} cannot be combined with {TestFraction.Name}.");
        }

        if (result.GetValue(TestFraction) is <= 0 or >= 1)
            result.AddError($"{TestFraction.Name} has to be more than 0 and less than 1.");
        if (result.GetValue(_shape) is { } shape && InputArguments.Sizes(shape) is null)
            result.AddError($"{_shape.Name} is '{shape}'; numbers joined by x are expected: 28x28.");
        if (result.GetResult(_features) is not null && InputArguments.Names(result.GetValue(_features)) is [])
            result.AddError($"{_features.Name} names no column.");
        InputArguments.ValidateReading(result);
        ImageArguments.Validate(result);
    }
}
