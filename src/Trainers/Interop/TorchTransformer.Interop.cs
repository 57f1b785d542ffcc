using System.Diagnostics.CodeAnalysis;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Sconce.Trainers;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Persistence;

[assembly: LoadableClass(typeof(ITransformer), typeof(TorchTransformer), null, typeof(SignatureLoadModel), "Sconce network", TransformerFolder.LoaderSignature)]

namespace Sconce.Trainers;

/// <summary>The internal interfaces of ML.NET that the transformer implements: saving, loading, and permutation feature importance.</summary>
public sealed partial class TorchTransformer : ISingleFeaturePredictionTransformer
{
    private protected override void Save(ModelSaveContext context) => TransformerFolder.Write(context, Entries());

    [SuppressMessage("CodeQuality", "IDE0051", Justification = "ML.NET finds it by its name.")]
    internal static ITransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        new TorchTransformer(ModelEntries.Read(TransformerFolder.Open(context)));
}
