using Microsoft.ML;
using Sconce.Trainers.Interop;

namespace Sconce.Trainers;

/// <summary>The side of the transformer that ML.NET keeps to itself: saving, and being found by permutation feature importance.</summary>
public sealed partial class TorchTransformer : ISingleFeaturePredictionTransformer
{
    void ICanSaveModel.Save(ModelSaveContext ctx) => TransformerFolder.Write(ctx, ModelEntries.Write(Model));
}
