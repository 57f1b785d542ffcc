using Microsoft.ML;
using Sconce.Trainers.Interop;

namespace Sconce.Trainers;

/// <summary>The internal interfaces of ML.NET that the transformer implements: its loader, and permutation feature importance.</summary>
public sealed partial class TorchTransformer : ISingleFeaturePredictionTransformer
{
    private protected override void Save(ModelSaveContext context) => TransformerFolder.Write(context, Entries());
}
