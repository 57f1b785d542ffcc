namespace Sconce.Trainers.Forecasts;

/// <summary>
/// The training and the held-out windows of a series. The windows of one horizon between them are left out, so that no value is forecast in
/// both.
/// </summary>
/// <param name="Learned">The number of training windows, the first ones.</param>
/// <param name="FirstHeldOut">The index of the first held-out window.</param>
/// <param name="HeldOut">The number of held-out windows, the last ones.</param>
internal readonly record struct ForecastSplit(int Learned, int FirstHeldOut, int HeldOut)
{
    /// <param name="windows">The number of windows.</param>
    /// <param name="share">The fraction of them to hold out, rounded up.</param>
    /// <param name="horizon">The number of values to forecast from a window.</param>
    /// <returns>The split, with fewer than one training window if there are too few.</returns>
    public static ForecastSplit Of(int windows, double share, int horizon)
    {
        var heldOut = (int)Math.Ceiling(windows * share);
        return new ForecastSplit(heldOut == 0 ? windows : windows - heldOut - horizon + 1, windows - heldOut, heldOut);
    }

    /// <param name="options">Window size, horizon and fraction.</param>
    /// <param name="series">The name of the series; empty if there is only one.</param>
    /// <param name="rows">The number of its rows.</param>
    /// <param name="heldOut">The number of rows at the end that are held out of the training.</param>
    /// <exception cref="InvalidDataException">There are too few rows.</exception>
    public static ForecastSplit Of(RecurrentForecast.Options options, string series, int rows, int heldOut = 0)
    {
        var (window, horizon) = (options.WindowSize, options.Horizon);
        var windows = rows - heldOut - window - horizon + 1;
        if (windows < 1)
            throw TooShort($"a window of {window} and a horizon of {horizon} need at least {window + horizon}");
        var split = Of(windows, options.CalibrationFraction, horizon);
        return split.Learned >= 1 ? split
            : throw TooShort($"with a window of {window} and a horizon of {horizon}, no training windows are left when the last {split.HeldOut} of its {windows} windows are held out to calibrate the bounds; {nameof(options.CalibrationFraction)} = 0 does without bounds, or");

        InvalidDataException TooShort(string why) => new(
            $"{(series.Length == 0 ? "The series" : $"The series '{series}'")} has {rows} rows{(heldOut == 0 ? "" : $", of which {rows - heldOut} are left when the last {heldOut} are held out")}; {why}. Give a longer series, or choose a shorter window or horizon.");
    }
}
