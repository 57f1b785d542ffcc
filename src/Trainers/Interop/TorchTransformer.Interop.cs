using Microsoft.ML;
using Sconce.Trainers.Interop;

namespace Sconce.Trainers;

/// <summary>The side of the transformer that ML.NET keeps to itself: its own loader, and being found by permutation feature importance.</summary>
public sealed partial class TorchTransformer : ISingleFeaturePredictionTransformer
{
    private protected override void Save(ModelSaveContext context) => TransformerFolder.Write(context, Entries());
}
