using System.Text.Json;
using Sconce.Pipelines.Onnx;
using Sconce.Trainers;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Scoring;

namespace Sconce.Pipelines;

/// <summary>
/// An ONNX graph as an ML.NET transformer that scores batches of rows by ONNX Runtime: it adds the graph's outputs as columns.
/// Its folder in a zip holds the file itself, so that <c>mlContext.Model.Load</c> needs neither that file nor libtorch.
/// </summary>
public sealed class OnnxBatchTransformer : ScoringTransformer
{
    private const string ModelEntry = "Model.onnx";
    private const string SettingsEntry = "Settings.json";

    internal OnnxBatchTransformer(OnnxBatchScorer scorer) => Onnx = scorer;

    /// <summary>The name of the file that the graph came from.</summary>
    public string FileName => Onnx.Settings.File;

    internal OnnxBatchScorer Onnx { get; }

    internal override IBatchScorer Scorer => Onnx;

    /// <summary>Returns the ONNX file as it was.</summary>
    public byte[] ToOnnx() => [.. Onnx.Content];

    /// <summary>Reads the transformer. The loader finds this method by its name.</summary>
    internal static ScoringTransformer Read(Func<string, byte[]?> open)
    {
        var settings = RecordJson.Read<OnnxSettings>(Require(SettingsEntry), SettingsEntry);
        try
        {
            settings.Validate();
            return new OnnxBatchTransformer(new OnnxBatchScorer(settings, Require(ModelEntry)));
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException($"The model's entry '{SettingsEntry}' does not fit its graph: {exception.Message}", exception);
        }

        byte[] Require(string entry) => open(entry) ?? throw new InvalidDataException($"The model lacks its entry '{entry}'. Copy the file again, or export the model again.");
    }

    internal override IEnumerable<(string Name, Action<Stream> Write)> Entries() =>
    [
        (SettingsEntry, stream => JsonSerializer.Serialize(stream, Onnx.Settings, RecordJson.Options)),
        (ModelEntry, stream => stream.Write(Onnx.Content)),
    ];

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Onnx.Dispose();
    }
}
