namespace Sconce.Host.Display;

/// <summary>Says when progress is to be shown again: at most once an interval, and not before one has passed.</summary>
internal sealed class Pace(TimeSpan interval, TimeProvider clock)
{
    private long _shown = clock.GetTimestamp();

    /// <summary>Whether the interval is over; then the next one begins.</summary>
    public bool IsDue()
    {
        if (clock.GetElapsedTime(_shown) < interval)
            return false;
        _shown = clock.GetTimestamp();
        return true;
    }
}
