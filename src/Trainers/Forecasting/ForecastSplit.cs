namespace Sconce.Trainers;

/// <summary>How a series' windows are shared out. Between those that are learned from and those that calibrate a horizon is left out: no value is seen by both.</summary>
/// <param name="Learned">The number of windows, the first ones, that are learned from.</param>
/// <param name="FirstCalibrated">The place of the first window that calibrates.</param>
/// <param name="Calibrated">The number of windows, the last ones, that calibrate.</param>
internal readonly record struct ForecastSplit(int Learned, int FirstCalibrated, int Calibrated)
{
    /// <param name="options">Window, horizon and share.</param>
    /// <param name="series">The series' name; empty where there is one.</param>
    /// <param name="rows">The number of its rows.</param>
    /// <param name="heldOut">The number of them, at the end, that the training does not get.</param>
    /// <exception cref="InvalidDataException">There are too few rows.</exception>
    public static ForecastSplit Of(RecurrentForecast.Options options, string series, int rows, int heldOut = 0)
    {
        var (window, horizon) = (options.WindowSize, options.Horizon);
        var windows = rows - heldOut - window - horizon + 1;
        if (windows < 1)
            throw TooShort($"a window of {window} and a horizon of {horizon} need at least {window + horizon}");
        var calibrated = (int)Math.Ceiling(windows * options.CalibrationShare);
        var learned = calibrated == 0 ? windows : windows - calibrated - horizon + 1;
        return learned >= 1 ? new ForecastSplit(learned, windows - calibrated, calibrated)
            : throw TooShort($"with a window of {window} and a horizon of {horizon} nothing is left to learn from when the last {calibrated} of its {windows} windows are held out to find the bounds; {nameof(options.CalibrationShare)} = 0 does without bounds, or");

        InvalidDataException TooShort(string why) => new(
            $"{(series.Length == 0 ? "The series" : $"The series '{series}'")} has {rows} rows{(heldOut == 0 ? "" : $", of which {rows - heldOut} are left when the last {heldOut} are held out")}; {why}. Give a longer series, or choose a shorter window or horizon.");
    }
}
