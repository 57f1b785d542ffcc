using Sconce.Pipelines.Plots;
using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>A picture that moves: charts one after another, again and again, as an animated PNG.</summary>
/// <param name="Frames">The charts, at least one, all of one width and height.</param>
public sealed record LineChartAnimation(IReadOnlyList<LineChart> Frames)
{
    // A moving picture is looked at on a screen, and each frame costs its pixels again.
    private const int Scale = 1;
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(60);

    /// <summary>How long each frame is shown, at most a minute. Default: 0.1 s.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(0.1);

    /// <summary>How long the last one is shown, likewise. Default: 2 s.</summary>
    public TimeSpan LastDuration { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Writes the picture.</summary>
    /// <param name="path">The file, which has to end in .png.</param>
    /// <exception cref="ArgumentException">The ending is another, or a chart has another size than the first or lines that do not go together.</exception>
    /// <exception cref="IOException">The file cannot be written; one that exists stays as it was.</exception>
    public void Save(string path)
    {
        PngFile.CheckEnding(path);
        Core.Errors.Check.AtLeast(Frames.Count, 1, "Frames.Count");
        Check(Duration, nameof(Duration));
        Check(LastDuration, nameof(LastDuration));
        using var animation = new AnimatedPng();
        foreach (var (i, frame) in Frames.Index())
        {
            var chart = frame.ToModel();
            using var png = PngFile.Encode(path, frame.Width * Scale, frame.Height * Scale, canvas => PlotPage.Draw(canvas, Scale, path, frame.Width, frame.Height, title: null, [[chart]]));
            animation.Add(png.AsSpan(), i == Frames.Count - 1 ? LastDuration : Duration);
        }

        animation.Save(path);
    }

    private static void Check(TimeSpan duration, string option)
    {
        Core.Errors.Check.Positive(duration.TotalSeconds, option);
        if (duration > _longest)
            throw new ArgumentOutOfRangeException(option, $"{option} is {duration}; it has to be at most {_longest}.");
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
