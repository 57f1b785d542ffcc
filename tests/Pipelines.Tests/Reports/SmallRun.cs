using System.Text.Json.Nodes;
using Sconce.Pipelines.Plots;
using Sconce.Tests;

namespace Sconce.Pipelines.Tests.Reports;

/// <summary>Run folders as a training writes them, by hand: three passes of ten steps.</summary>
internal static class SmallRun
{
    private const string Network = """
        {
          "Network": { "$type": "TYPE", "Convolutions": [{ "Filters": 4, "KernelSize": 5, "Pooling": 2, "Padding": "Valid" }, { "Filters": 6, "KernelSize": 3, "Pooling": 2, "Padding": "Same" }], "DenseLayerSizes": [12], "BatchNormalization": false, "Augmentation": null },
          "Objective": { "$type": "Sconce.Trainers.Classification, Sconce.Trainers", "Classes": { "Type": "UInt32", "Values": ["0", "1", "2"] }, "LabelColumnName": "Label", "LabelSmoothing": 0 },
          "Input": { "Name": "Image", "Type": "Byte", "Shape": [28, 28], "IsSequence": false, "Symbols": null }
        }
        """;

    /// <summary>Of the two convolutions and the two dense layers: 4 filters of 5 x 5, 6 of 3 x 3 x 4, 6 x 6 x 6 to 12, 12 to 3.</summary>
    public const int Parameters = 4 * (25 + 1) + 6 * (36 + 1) + 12 * (216 + 1) + 3 * (12 + 1);

    public static string Write(TemporaryFolder folder, string name, double learningRate = 0.01, string status = "finished", string type = "Sconce.Trainers.ConvolutionalNetwork, Sconce.Trainers")
    {
        var path = Directory.CreateDirectory(folder.PathOf(name)).FullName;
        var info = new JsonObject
        {
            ["name"] = name,
            ["started"] = "2026-01-02T03:00:00+00:00",
            ["finished"] = "2026-01-02T03:04:05+00:00",
            ["status"] = status,
            ["network"] = JsonNode.Parse(Network.Replace("TYPE", type, StringComparison.Ordinal)),
            ["options"] = new JsonObject { ["LearningRate"] = learningRate, ["BatchSize"] = 100, ["Seed"] = null, ["Optimizer"] = new JsonObject { ["$type"] = "Sconce.Trainers.AdamW, Sconce.Trainers", ["WeightDecay"] = 0.5 } },
            ["metric"] = "accuracy",
            ["seed"] = 7,
            ["threads"] = 2,
            ["rows"] = 1_000,
            ["parameters"] = Parameters,
            ["steps"] = 30,
            ["seconds"] = 6.5,
            ["versions"] = new JsonObject { ["TorchSharp"] = "0.107.0" },
        };
        File.WriteAllText(Path.Combine(path, "run.json"), info.ToJsonString());
        var lines = new List<string>();
        for (var step = 1; step <= 30; step++)
        {
            lines.Add($$"""{"split":"train","step":{{step}},"epoch":{{(step + 9) / 10}},"loss":{{2.0 / step}},"metric":{{1 - 1.0 / step}},"learningRate":{{learningRate}},"gradientNorm":{{3.0 / step}},"seconds":{{0.2 * step}},"samplesPerSecond":500}""");
            if (step % 10 != 0)
                continue;
            lines.Add($$"""{"split":"validation","step":{{step}},"loss":{{2.5 / step}},"metric":{{1 - 1.5 / step}},"seconds":{{0.2 * step}}}""");
            lines.Add($$"""{"split":"epoch","step":{{step}},"epoch":{{step / 10}},"steps":10,"loss":{{2.2 / step}},"metric":{{1 - 1.2 / step}},"seconds":2,"samplesPerSecond":500}""");
        }

        File.WriteAllText(Path.Combine(path, "metrics.jsonl"), string.Join('\n', lines) + "\n");
        return path;
    }

    /// <summary>Three classes, two of which are told apart badly.</summary>
    public static Evaluation Evaluation { get; } = new()
    {
        Rows = 60,
        Seconds = 0.5,
        Metrics = new Dictionary<string, double> { ["accuracy"] = 0.9, ["log-loss"] = 0.25 },
        Classes = [new("<zero>", 20, 1, 1), new("one & a half", 20, 0.8, 0.95), new("2", 20, 0.9, 0.75)],
        Confusion = [[20, 0, 0], [0, 19, 1], [0, 5, 15]],
        Mistakes = [new("2", "one & a half", 0.0123, [PngFile.Encode(new GrayImage([0, 50, 100, 150, 200, 250], 2, 3))])],
    };
}
