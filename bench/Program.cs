using System.Globalization;
using BenchmarkDotNet.Running;
using Sconce.Bench;
using Sconce.Trainers;

// Without arguments: the comparisons side by side whose figures the README quotes; or one of them by its name.
// "tables FOLDER [MINUTES]": tables that are not part of the repository; with MINUTES, each method is also tuned for so long.
// "micro": the BenchmarkDotNet suite; its own arguments follow (--filter *Score*).
var comparisons = new Dictionary<string, Action>
{
    ["loading"] = LoadingBench.Run,
    ["loadrows"] = LoadRowsBench.Run,
    ["training"] = TrainingBench.Run,
    ["recurrent"] = TrainingBench.Recurrent,
    ["cells"] = CellBench.Run,
    ["sine"] = SineBench.Run,
    ["scoring"] = ScoringBench.Run,
    ["files"] = FileScoringBench.Run,
    ["encoding"] = ScoringBench.Encode,
    ["callbacks"] = CallbackBench.Run,
    ["precision"] = PrecisionBench.Run,
    ["checkpoints"] = CheckpointBench.Run,
    ["memory"] = MemoryBench.Run,
    ["onnx"] = OnnxBench.Run,
    ["rows"] = RowScorerBench.Run,
};
if (args is [OnnxBench.FirstRow, var zip])
{
    // Before libtorch is loaded: whether it is loaded at all is what is asked.
    OnnxBench.ScoreOneRow(zip);
    return 0;
}

TorchRuntime.EnsureLoaded();
switch (args)
{
    case ["micro", .. var rest]:
        BenchmarkSwitcher.FromAssembly(typeof(Micro).Assembly).Run(rest);
        return 0;
    case ["memory", var network]:
        MemoryBench.TrainInThisProcess(network);
        return 0;
    case ["tables", var folder]:
        TablesBench.Run(folder, minutes: null);
        return 0;
    case ["tables", var folder, var minutes]:
        TablesBench.Run(folder, double.Parse(minutes, CultureInfo.InvariantCulture));
        return 0;
    case []:
        foreach (var run in comparisons.Values)
            run();
        return 0;
    case [var name] when comparisons.TryGetValue(name, out var comparison):
        comparison();
        return 0;
    default:
        Console.Error.WriteLine($"usage: bench [{string.Join('|', comparisons.Keys)}|tables FOLDER [MINUTES]|micro [BenchmarkDotNet options]]");
        return 2;
}
