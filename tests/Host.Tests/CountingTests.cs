using Sconce.Host.Display;

namespace Sconce.Host.Tests;

/// <summary>The progress of what counts, where nobody watches.</summary>
public class CountingTests
{
    [Fact]
    public void A_plain_line_of_the_error_output_comes_every_five_seconds()
    {
        var (output, error) = Count(json: false);
        Assert.Equal("", output);
        // A run that is gone on with has 1,000 rows at its beginning, which are not its own.
        Assert.Equal(["3,000 rows scored, 400/s", "4,500 rows scored, 350/s"], error.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Machines_are_told_the_result_alone() => Assert.Equal(("", ""), Count(json: true));

    private static (string Output, string Error) Count(bool json)
    {
        var clock = new SetClock();
        using StringWriter output = new(), error = new();
        var terminal = new Terminal(output, error, json) { Clock = clock };
        Assert.Equal(7, terminal.Counting("rows scored", progress =>
        {
            foreach (var (second, rows) in ((int, long)[])[(8, 1000), (12, 2500), (13, 3000), (15, 4000), (17, 4400), (18, 4500), (20, 5000)])
            {
                clock.Now = TimeSpan.FromSeconds(second);
                progress?.Report(rows);
            }

            return 7;
        }));
        return (output.ToString(), error.ToString());
    }

    private sealed class SetClock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
