using System.Diagnostics;
using System.Globalization;

namespace Sconce.Bench;

/// <summary>Two ways of doing the same work, timed in turns so that a change of the machine's speed meets both, and compared pair by pair.</summary>
internal static class Ratio
{
    /// <param name="title">What is compared.</param>
    /// <param name="target">The ratio that the project asks for.</param>
    /// <param name="unit">What is counted: "samples/s".</param>
    /// <param name="rounds">The number of pairs that count; one pair before them does not.</param>
    /// <param name="ours">Does the work and returns how much of it was done.</param>
    /// <param name="bare">Likewise, for the other way.</param>
    public static void Print(string title, double target, string unit, int rounds, Func<double> ours, Func<double> bare)
    {
        Time(ours);
        Time(bare);
        List<double> ourSpeeds = [], bareSpeeds = [];
        for (var round = 0; round < rounds; round++)
        {
            // Each is the first of its pair as often as the other one.
            if (round % 2 == 0)
                ourSpeeds.Add(Time(ours));
            bareSpeeds.Add(Time(bare));
            if (round % 2 == 1)
                ourSpeeds.Add(Time(ours));
        }

        var ratios = ourSpeeds.Zip(bareSpeeds, (our, other) => our / other).ToList();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{title}: ratio {Median(ratios):F3} (target {target:F2}; pairs {ratios.Min():F3} to {ratios.Max():F3}), {Median(ourSpeeds):N0} against {Median(bareSpeeds):N0} {unit}"));
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[sorted.Count / 2 - 1] + sorted[sorted.Count / 2]) / 2;
    }

    /// <summary>Work a second.</summary>
    public static double Time(Func<double> work)
    {
        GC.Collect();
        var clock = Stopwatch.StartNew();
        var done = work();
        return done / clock.Elapsed.TotalSeconds;
    }
}
