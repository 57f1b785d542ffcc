using Microsoft.ML;
using Microsoft.ML.Runtime;
using Sconce.Files;
using Sconce.Pipelines.Images;
using Sconce.Tests;

namespace Sconce.Pipelines.Tests.Images;

/// <summary>Ink on paper or light on dark: told by borders, decided in training, and warned of where it is mixed.</summary>
public sealed class PolarityTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Digits_are_told_by_their_borders()
    {
        var light = ImageSet.Open(Path.Combine(ImageFiles.Export(_folder.PathOf("light"), 100, 1), "train"));
        Assert.Equal(new PolaritySurvey(100, 0, 100), light.Polarity);
        var dark = ImageSet.Open(Path.Combine(ImageFiles.Export(_folder.PathOf("dark"), 100, 1, turnOver: true), "train"));
        Assert.Equal(new PolaritySurvey(0, 100, 100), dark.Polarity);
        Assert.Equal(ImagePolarity.LightOnDark, light.Polarity.Prevailing);
        Assert.Equal(ImagePolarity.DarkOnLight, dark.Polarity.Prevailing);
    }

    /// <summary>A photograph has no paper: a border of many tones, or of a middle one, says nothing.</summary>
    [Fact]
    public void Borders_of_many_tones_or_a_middle_one_say_nothing()
    {
        ImageFiles.Write(_folder.PathOf("p/many.png"), 30, 30, (x, y) => ImageFiles.Grey(8 * ((x + 3 * y) % 32)));
        ImageFiles.Write(_folder.PathOf("p/middle.png"), 30, 30, (_, _) => ImageFiles.Grey(128));
        ImageFiles.Write(_folder.PathOf("p/one.png"), 1, 1, (_, _) => ImageFiles.Grey(255));
        var survey = ImageSet.Open(_folder.PathOf("p"), new() { Labeled = false }).Polarity;
        Assert.Equal(new PolaritySurvey(0, 1, 3), survey);
        Assert.Equal(ImagePolarity.LightOnDark, survey.Prevailing);
    }

    [Theory]
    [InlineData(100, 0, 100, ImagePolarity.LightOnDark, null)]
    [InlineData(96, 4, 100, ImagePolarity.LightOnDark, null)]
    [InlineData(60, 40, 100, ImagePolarity.LightOnDark, "40 of 100 images look dark on light by their borders: the polarity is mixed")]
    [InlineData(40, 60, 100, ImagePolarity.DarkOnLight, "40 of 100 images look light on dark by their borders: the polarity is mixed")]
    [InlineData(0, 90, 100, ImagePolarity.LightOnDark, "90 of 100 images look dark on light by their borders, but Polarity is light on dark")]
    [InlineData(0, 0, 100, ImagePolarity.LightOnDark, null)]
    public void Training_warns_of_what_does_not_fit(int light, int dark, int total, ImagePolarity polarity, string? said)
    {
        var warning = new PolaritySurvey(light, dark, total).TrainingWarning(polarity);
        if (said is null)
            Assert.Null(warning);
        else
            Assert.StartsWith(said, warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Scoring_warns_of_the_other_polarity()
    {
        Assert.Null(new PolaritySurvey(100, 0, 100).ScoringWarning(ImagePolarity.LightOnDark));
        var warning = new PolaritySurvey(2, 98, 100).ScoringWarning(ImagePolarity.LightOnDark)!;
        foreach (var part in (string[])["98 of 100 images look dark on light", "the model was trained on images light on dark", "polarity"])
            Assert.Contains(part, warning, StringComparison.Ordinal);
    }

    /// <summary>Folders give one class after another: the last of 390 images count as much as the first.</summary>
    [Fact]
    public void Fitting_looks_at_images_from_the_first_to_the_last()
    {
        var light = ImageFiles.Write(_folder.PathOf("one/light.png"), 4, 4, (_, _) => ImageFiles.Grey(0));
        var dark = ImageFiles.Write(_folder.PathOf("one/dark.png"), 4, 4, (_, _) => ImageFiles.Grey(255));
        var ml = new MLContext();
        var warnings = new List<string>();
        ml.Log += (_, line) =>
        {
            if (line.Kind == ChannelMessageKind.Warning)
                warnings.Add(line.RawMessage);
        };
        new ImagePixels(ml).Fit(ml.Data.LoadFromEnumerable(Enumerable.Range(0, 390).Select(i => new ImagePathRow { ImagePath = i < 180 ? light : dark }).ToList()));
        Assert.StartsWith("90 of 195 images look light on dark by their borders: the polarity is mixed", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Fitting_writes_the_warning_to_the_log()
    {
        ImageFiles.Export(_folder.PathOf("light"), 30, 1);
        ImageFiles.Export(_folder.PathOf("dark"), 20, 1, turnOver: true);
        var ml = new MLContext();
        var warnings = new List<string>();
        ml.Log += (_, line) =>
        {
            if (line.Kind == ChannelMessageKind.Warning)
                warnings.Add(line.RawMessage);
        };
        string[] paths = [.. Directory.GetFiles(_folder.FullName, "*.png", SearchOption.AllDirectories).Where(path => path.Contains("train", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        var data = ml.Data.LoadFromEnumerable(paths.Select(path => new ImagePathRow { ImagePath = path }).ToList());
        new ImagePixels(ml).Fit(data);
        Assert.Contains("20 of 50 images look dark on light", Assert.Single(warnings), StringComparison.Ordinal);
        new ImagePixels(ml, options: new() { Color = true }).Fit(data);
        Assert.Single(warnings);
    }
}
