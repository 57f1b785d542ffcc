using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Fuzzing;
using Sconce.Trainers.Tests.Runs;

namespace Sconce.Trainers.Tests.Fuzzing;

/// <summary>Model zips, weights and checkpoints, damaged and forged: every one of them is loaded and works, or is refused by a sentence.</summary>
public sealed class ModelFuzzTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);
    private readonly Points _points = new(rows: 20, features: 4, classes: 3, seed: 1);

    public void Dispose() => _folder.Dispose();

    /// <summary>A checksum finds damage, so that what loads scores as the model that was saved.</summary>
    [Fact]
    public void Damaged_zips_are_refused_or_score_as_before()
    {
        var zips = Zips();
        var expected = zips.Select(zip => Scores(Load(zip))).ToList();
        Fuzzer.Run(zips, 1_000, zip => Assert.Contains(Scores(Load(zip)), expected), IsDocumented);
    }

    /// <summary>A forger gives each entry the hash that the record asks for.</summary>
    [Fact]
    public void Forged_records_are_refused_or_score() => Fuzzer.Run(Zips(), 1_500, zip => Scores(Load(zip)), IsDocumented, (mutator, zip) =>
    {
        var entries = new ModelZip(zip);
        foreach (var record in (string[])["Network.json", "Training.json"])
            entries.With(record, Encoding.UTF8.GetBytes(mutator.Mutate(JsonNode.Parse(entries[record])!).ToJsonString()));
        return entries.ToBytes();
    });

    [Fact]
    public void Forged_entries_are_refused_or_score() => Fuzzer.Run(Zips(), 1_500, zip => Scores(Load(zip)), IsDocumented, (mutator, zip) =>
    {
        var entries = new ModelZip(zip);
        foreach (var entry in (string[])["Network.json", "Weights.safetensors"])
            entries.With(entry, mutator.Mutate(entries[entry], entries["Network.json"]));
        return entries.ToBytes();
    });

    [Fact]
    public void Weights_are_imported_or_refused()
    {
        using var model = Fit();
        var path = _folder.PathOf("model.safetensors");
        model.SaveWeights(path);
        Fuzzer.Run([File.ReadAllBytes(path)], 1_000, weights =>
        {
            File.WriteAllBytes(path, weights);
            using var imported = (TorchTransformer)model.WithWeights(path);
            Scores(imported);
        }, IsDocumented);
    }

    [Fact]
    public void Checkpoints_are_resumed_or_refused()
    {
        var options = new DenseNetwork.Options
        {
            Network = new() { HiddenLayerSizes = [6], Dropout = 0.2 },
            BatchSize = 10,
            NumberOfSteps = 3,
            ValidationSet = _points.View,
            ValidationInterval = 1,
            Schedule = new PlateauSchedule(),
            EarlyStopping = new() { Patience = 10 },
            RunFolder = _folder.PathOf("run"),
            Resume = true,
            Checkpoints = new() { EverySteps = 1 },
        };
        using (_ml.MulticlassClassification.Trainers.DenseNetwork(options).Fit(_points.View))
        {
        }

        var folder = Path.Combine(options.RunFolder!, RunFolder.CheckpointsName);
        var file = Directory.GetFiles(folder).Order(StringComparer.Ordinal).First(path => new FileInfo(path).Length > 0);
        var corpus = new[] { File.ReadAllBytes(file) };
        var run = Directory.GetFiles(options.RunFolder!).ToDictionary(path => path, File.ReadAllBytes);
        // Numbers of a forged checkpoint may be NaN, with which the training diverges as any other.
        Fuzzer.Run(corpus, 400, Resume, IsDocumentedOrDiverged, (mutator, checkpoint) =>
        {
            File.WriteAllBytes(file, checkpoint);
            CheckpointFile.Rewrite(file, header =>
            {
                var changed = mutator.Mutate(header).AsObject();
                foreach (var name in header.AsObject().Select(member => member.Key).ToList())
                    header[name] = changed[name]?.DeepClone();
            });
            return File.ReadAllBytes(file);
        });
        Fuzzer.Run(corpus, 400, Resume, IsDocumentedOrDiverged, (mutator, checkpoint) =>
        {
            var changed = mutator.Mutate(checkpoint[..^SHA256.HashSizeInBytes], checkpoint);
            return [.. changed, .. SHA256.HashData(changed)];
        });

        void Resume(byte[] checkpoint)
        {
            foreach (var other in Directory.GetFiles(folder))
                File.Delete(other);
            foreach (var (path, content) in run)
                File.WriteAllBytes(path, content);
            File.WriteAllBytes(file, checkpoint);
            _ml.MulticlassClassification.Trainers.DenseNetwork(options).Fit(_points.View).Dispose();
        }
    }

    private static bool IsDocumented(Exception exception) => exception is InvalidDataException;

    private static bool IsDocumentedOrDiverged(Exception exception)
    {
        if (exception is TrainingDivergedException { LastGood: IDisposable good })
            good.Dispose();
        return exception is InvalidDataException or TrainingDivergedException;
    }

    /// <summary>A dense and a recurrent network, small, each with steps of ML.NET's around it.</summary>
    private List<byte[]> Zips()
    {
        using var dense = Fit();
        var chain = _ml.Transforms.CopyColumns("Other", "Features").Append(_ml.MulticlassClassification.Trainers.RecurrentNetwork(new()
        {
            FeatureColumnName = "Other",
            Network = new() { Layers = new() { HiddenSize = 3 } },
            NumberOfSteps = 1,
        })).Fit(_points.View);
        using var recurrent = chain as IDisposable;
        return [ModelZip.Save(_ml, dense, _points.View.Schema), ModelZip.Save(_ml, chain, _points.View.Schema)];
    }

    private TorchTransformer Fit() =>
        _ml.MulticlassClassification.Trainers.DenseNetwork(new() { Network = new() { HiddenLayerSizes = [5] }, BatchSize = 10, NumberOfSteps = 2 }).Fit(_points.View);

    private ITransformer Load(byte[] zip)
    {
        var path = _folder.PathOf("model.zip");
        File.WriteAllBytes(path, zip);
        return _ml.Model.LoadVerified(path, out _);
    }

    private string Scores(ITransformer model)
    {
        using var disposable = model as IDisposable;
        IDataView scored;
        try
        {
            scored = model.Transform(_points.View);
        }
        catch (ArgumentException exception)
        {
            // A forger's model may be whole, and read another column than this data has.
            return exception.Message;
        }

        return scored.Schema.GetColumnOrNull("Score") is { Type: VectorDataViewType } ? string.Join(' ', scored.GetColumn<float[]>("Score").First()) : "";
    }
}
