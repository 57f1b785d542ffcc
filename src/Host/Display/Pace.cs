namespace Sconce.Host.Display;

/// <summary>Limits progress updates to one per interval.</summary>
internal sealed class Pace(TimeSpan interval, TimeProvider clock)
{
    private long _shown = clock.GetTimestamp();

    /// <summary>Whether an update is due; if so, the next interval starts.</summary>
    public bool IsDue()
    {
        if (clock.GetElapsedTime(_shown) < interval)
            return false;
        _shown = clock.GetTimestamp();
        return true;
    }
}
