namespace Sconce.Host.Display;

/// <summary>Shows a count that grows, and how fast.</summary>
/// <param name="what">What is counted: <c>rows scored</c>.</param>
/// <param name="interval">How often it is shown at most.</param>
/// <param name="clock">What tells the time.</param>
/// <param name="show">Is given the text.</param>
/// <remarks>The rate is of what came after the first report: a run that is gone on with begins with the rows of the earlier one, and none with what it takes to begin.</remarks>
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
