namespace Sconce.Pipelines.Images;

/// <summary>How many images look light on dark, and how many dark on light.</summary>
/// <param name="LightOnDark">The number of images with a dark border.</param>
/// <param name="DarkOnLight">The number of images with a light border.</param>
/// <param name="Total">The number of images, those included that cannot be told.</param>
internal readonly record struct PolaritySurvey(int LightOnDark, int DarkOnLight, int Total)
{
    // Fewer than one in twenty are exceptions rather than a part of the data.
    private const int OneIn = 20;

    public static PolaritySurvey Of(IReadOnlyCollection<ImageLook> looks) =>
        new(looks.Count(look => look.Polarity == ImagePolarity.LightOnDark), looks.Count(look => look.Polarity == ImagePolarity.DarkOnLight), looks.Count);

    /// <summary>What <see cref="ImagePolarity.Auto"/> stands for: dark on light where more than half of the images look so.</summary>
    public ImagePolarity Prevailing => 2 * DarkOnLight > Total ? ImagePolarity.DarkOnLight : ImagePolarity.LightOnDark;

    /// <summary>What to say of images that are to be learned from as <paramref name="polarity"/>; null where they look so.</summary>
    public string? TrainingWarning(ImagePolarity polarity)
    {
        var others = Others(polarity);
        if (others * OneIn < Total || others == 0)
            return null;
        return Counts(polarity, others) + (2 * others > Total
            ? $", but Polarity is {Name(polarity)}: the network sees paper as ink. The polarity Auto follows what most images look like."
            : ": the polarity is mixed, and the network learns each image as it comes. Train on images of one kind, or turn the others over.");
    }

    /// <summary>What to say of images that are to be scored by a model whose pipeline takes images as <paramref name="polarity"/>; null where they look so.</summary>
    public string? ScoringWarning(ImagePolarity polarity)
    {
        var others = Others(polarity);
        return others * OneIn < Total || others == 0 ? null
            : $"{Counts(polarity, others)}, and the model was trained on images {Name(polarity)}: their scores mean little. Invert the images, or train a model with the other polarity.";
    }

    private int Others(ImagePolarity polarity) => polarity == ImagePolarity.DarkOnLight ? LightOnDark : DarkOnLight;

    private string Counts(ImagePolarity polarity, int others) =>
        $"{others:N0} of {Total:N0} images look {Name(polarity == ImagePolarity.DarkOnLight ? ImagePolarity.LightOnDark : ImagePolarity.DarkOnLight)} by their borders";

    private static string Name(ImagePolarity polarity) => polarity == ImagePolarity.DarkOnLight ? "dark on light" : "light on dark";
}
