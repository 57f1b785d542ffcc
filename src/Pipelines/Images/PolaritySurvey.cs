namespace Sconce.Pipelines.Images;

/// <summary>The numbers of images that look light on dark and dark on light.</summary>
/// <param name="LightOnDark">The number of images with a dark border.</param>
/// <param name="DarkOnLight">The number of images with a light border.</param>
/// <param name="Total">The number of all images, including ambiguous ones.</param>
internal readonly record struct PolaritySurvey(int LightOnDark, int DarkOnLight, int Total)
{
    // Fewer than one in twenty are treated as outliers.
    private const int OneIn = 20;

    public static PolaritySurvey Of(IReadOnlyCollection<ImageLook> looks) =>
        new(looks.Count(look => look.Polarity == ImagePolarity.LightOnDark), looks.Count(look => look.Polarity == ImagePolarity.DarkOnLight), looks.Count);

    /// <summary>The polarity that <see cref="ImagePolarity.Auto"/> resolves to: dark on light if more than half of the images look so.</summary>
    public ImagePolarity Prevailing => 2 * DarkOnLight > Total ? ImagePolarity.DarkOnLight : ImagePolarity.LightOnDark;

    /// <summary>The warning about training images that are read as <paramref name="polarity"/> but look different; null for none.</summary>
    public string? TrainingWarning(ImagePolarity polarity)
    {
        var others = Others(polarity);
        if (others * OneIn < Total || others == 0)
            return null;
        return Counts(polarity, others) + (2 * others > Total
            ? $", but Polarity is {Name(polarity)}: the network sees the background as ink. Use Auto, which follows the majority of images."
            : ": the polarity is mixed, and one setting applies to all images. Train on images of one polarity, or invert the others.");
    }

    /// <summary>The warning about images that look different from those of <paramref name="polarity"/> that the model was trained on; null for none.</summary>
    public string? ScoringWarning(ImagePolarity polarity)
    {
        var others = Others(polarity);
        return others * OneIn < Total || others == 0 ? null
            : $"{Counts(polarity, others)}, but the model was trained on images {Name(polarity)}, so their scores are unreliable. Invert the images, or train a model with the other polarity.";
    }

    private int Others(ImagePolarity polarity) => polarity == ImagePolarity.DarkOnLight ? LightOnDark : DarkOnLight;

    private string Counts(ImagePolarity polarity, int others) =>
        $"{others:N0} of {Total:N0} images look {Name(polarity == ImagePolarity.DarkOnLight ? ImagePolarity.LightOnDark : ImagePolarity.DarkOnLight)} by their borders";

    private static string Name(ImagePolarity polarity) => polarity == ImagePolarity.DarkOnLight ? "dark on light" : "light on dark";
}
