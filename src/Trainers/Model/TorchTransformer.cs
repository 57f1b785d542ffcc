using Microsoft.ML;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Scoring;

namespace Sconce.Trainers;

/// <summary>A trained network as an ML.NET transformer: it adds the score columns.</summary>
public sealed partial class TorchTransformer : ScoringTransformer, ISingleFeaturePredictionTransformer<TorchModel>
{
    internal TorchTransformer(TorchModel model) => Model = model;

    /// <summary>The network with its weights, and how it was trained.</summary>
    public TorchModel Model { get; }

    internal override IBatchScorer Scorer => Model;

    internal override IEnumerable<(string Name, Action<Stream> Write)> Entries() => ModelEntries.Write(Model);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Model.Dispose();
    }
}
