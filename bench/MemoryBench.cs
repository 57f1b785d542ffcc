using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Sconce.Pipelines;
using Sconce.Trainers;

namespace Sconce.Bench;

/// <summary>The peak resident memory of a process that trains on MNIST and does nothing else.</summary>
internal static class MemoryBench
{
    public static void Run()
    {
        foreach (var network in (string[])["default", "classic"])
        {
            using var child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["memory", network]) { UseShellExecute = false, RedirectStandardOutput = true })!;
            Console.Write(child.StandardOutput.ReadToEnd());
            child.WaitForExit();
        }
    }

    public static void TrainInThisProcess(string network)
    {
        var ml = new MLContext(1);
        var options = network == "classic" ? ConvolutionalNetwork.Options.Classic : new ConvolutionalNetwork.Options();
        using var model = (IDisposable)DigitPipeline.Create(ml, options with { NumberOfSteps = 300 }).Fit(ml.Data.LoadMnist().Train);
        using var process = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"memory, training the {network} network: {process.PeakWorkingSet64 / 1e6:N0} MB at the peak (target 900)"));
    }
}
