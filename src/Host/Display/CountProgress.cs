namespace Sconce.Host.Display;

/// <summary>Shows a growing count and its rate.</summary>
/// <param name="what">What is counted: <c>rows scored</c>.</param>
/// <param name="interval">The minimum time between two updates.</param>
/// <param name="clock">The clock.</param>
/// <param name="show">Called with the text.</param>
/// <remarks>The rate excludes what was counted by the first report, such as the rows of a resumed run, and the time until then.</remarks>
internal sealed class CountProgress(string what, TimeSpan interval, TimeProvider clock, Action<string> show) : IProgress<long>
{
    private Pace? _pace;
    private long _begun;
    private long _first;

    public void Report(long value)
    {
        if (_pace is null)
        {
            (_pace, _begun, _first) = (new Pace(interval, clock), clock.GetTimestamp(), value);
            return;
        }

        if (_pace.IsDue())
            show($"{value:N0} {what}, {(value - _first) / clock.GetElapsedTime(_begun).TotalSeconds:N0}/s");
    }
}
