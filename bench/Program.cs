using BenchmarkDotNet.Running;
using Sconce.Bench;
using Sconce.Trainers;

// Without arguments: the side-by-side comparisons, whose ratios the README quotes.
// "micro": the BenchmarkDotNet suite; its own arguments follow (--filter *Score*).
TorchRuntime.EnsureLoaded();
switch (args)
{
    case ["micro", .. var rest]:
        BenchmarkSwitcher.FromAssembly(typeof(Micro).Assembly).Run(rest);
        break;
    case ["memory", var network]:
        MemoryBench.TrainInThisProcess(network);
        break;
    case []:
        LoadingBench.Run();
        TrainingBench.Run();
        ScoringBench.Run();
        MemoryBench.Run();
        break;
    default:
        Console.Error.WriteLine("usage: bench [micro [BenchmarkDotNet options]]");
        return 2;
}

return 0;
