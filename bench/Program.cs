using BenchmarkDotNet.Running;
using Sconce.Bench;
using Sconce.Trainers;

// Without arguments: the comparisons side by side whose figures the README quotes; or one of them by its name.
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
    ["rows"] = RowScorerBench.Run,
    ["encoding"] = ScoringBench.Encode,
    ["callbacks"] = CallbackBench.Run,
    ["precision"] = PrecisionBench.Run,
    ["checkpoints"] = CheckpointBench.Run,
    ["memory"] = MemoryBench.Run,
    ["onnx"] = OnnxBench.Run,
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
    case []:
        foreach (var run in comparisons.Values)
            run();
        return 0;
    case [var name] when comparisons.TryGetValue(name, out var comparison):
        comparison();
        return 0;
    default:
        Console.Error.WriteLine($"usage: bench [{string.Join('|', comparisons.Keys)}|micro [BenchmarkDotNet options]]");
        return 2;
}
