using System.Diagnostics;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;

namespace Sconce.Trainers.Tests.PyTorch;

/// <summary>A network that PyTorch has made (networks.py): its weights, rows, and the probabilities that PyTorch gives for them.</summary>
internal sealed record PyTorchFixture(string Name, float[][] Rows, float[][] Probabilities)
{
    private static readonly JsonSerializerOptions _json = new() { PropertyNameCaseInsensitive = true };

    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "PyTorch");

    public static string Fixtures { get; } = Path.Combine(Folder, "fixtures");

    /// <summary>The same networks as networks.py has.</summary>
    public static IReadOnlyDictionary<string, (Network Network, int[] Shape)> Networks { get; } = new Dictionary<string, (Network, int[])>
    {
        ["convolutional"] = (new ConvolutionalNetwork { Convolutions = [new(3, Padding: ConvolutionPadding.Valid)], DenseLayerSizes = [5] }, [2, 8, 8]),
        ["dense-f32"] = (new DenseNetwork { HiddenLayerSizes = [4] }, [6]),
        ["dense-f16"] = (new DenseNetwork { HiddenLayerSizes = [4] }, [6]),
        ["dense-bf16"] = (new DenseNetwork { HiddenLayerSizes = [4] }, [6]),
        ["lstm"] = (new RecurrentNetwork { Layers = new() { HiddenSize = 4, NumberOfLayers = 2, Bidirectional = true } }, [5, 3]),
        ["gru"] = (new RecurrentNetwork { Layers = new() { Cell = RecurrentCell.Gru, HiddenSize = 4, NumberOfLayers = 2 } }, [5, 3]),
        ["elman"] = (new RecurrentNetwork { Layers = new() { Cell = RecurrentCell.Elman, HiddenSize = 4 } }, [5, 3]),
    };

    public string Weights => Path.Combine(Fixtures, $"{Name}.safetensors");

    public static PyTorchFixture Load(string name)
    {
        var content = JsonSerializer.Deserialize<Content>(File.ReadAllBytes(Path.Combine(Fixtures, $"{name}.json")), _json)!;
        return new(name, content.Rows, content.Probabilities);
    }

    /// <summary>The same network here, with weights of its own.</summary>
    public TorchTransformer Create(ulong seed = 5)
    {
        TorchRuntime.EnsureLoaded();
        var (network, shape) = Networks[Name];
        var definition = new ModelDefinition(network, new Classification(new ClassNames("String", ["a", "b", "c"]), "Label", 0), new InputColumn("Features", FeatureType.Single, shape));
        using var random = new torch.Generator(seed);
        return new TorchTransformer(new TorchModel(definition, new TrainingRecord { Rows = 7 }, definition.Build(random)));
    }

    /// <summary>What a model here makes of the rows.</summary>
    public float[][] Score(ITransformer model)
    {
        var ml = new MLContext();
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Networks[Name].Shape);
        return [.. model.Transform(ml.Data.LoadFromEnumerable(Rows.Select(row => new Row { Features = row }).ToList(), schema)).GetColumn<float[]>("Score")];
    }

    /// <summary>Asserts that two sets of probabilities agree.</summary>
    public static void AssertClose(float[][] expected, float[][] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        foreach (var (wanted, found) in expected.SelectMany(row => row).Zip(actual.SelectMany(row => row)))
            Assert.Equal(wanted, found, tolerance);
    }

    /// <summary>Runs a script of this folder by the first Python of <paramref name="interpreters"/> that there is; null without one, or where it lacks a module.</summary>
    public static string? Python(IEnumerable<string> interpreters, string required, params string[] arguments)
    {
        foreach (var interpreter in interpreters)
        {
            if (Run(interpreter, ["-c", $"import {required}"]) is { ExitCode: 0 })
            {
                var run = Run(interpreter, [Path.Combine(Folder, arguments[0]), .. arguments[1..]])!.Value;
                Assert.Equal((0, ""), (run.ExitCode, run.Error));
                return run.Output;
            }
        }

        return null;
    }

    private static (int ExitCode, string Output, string Error)? Run(string command, IEnumerable<string> arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, ["-B", .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, error.GetAwaiter().GetResult());
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private sealed record Content(float[][] Rows, float[][] Probabilities);

    private sealed class Row
    {
        public float[] Features { get; set; } = [];
    }
}
