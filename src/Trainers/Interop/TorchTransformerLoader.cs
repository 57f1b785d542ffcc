using System.Diagnostics.CodeAnalysis;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Persistence;

[assembly: LoadableClass(typeof(ITransformer), typeof(TorchTransformerLoader), null, typeof(SignatureLoadModel), "Sconce network", TransformerFolder.LoaderSignature)]

namespace Sconce.Trainers.Interop;

/// <summary>ML.NET calls it to load one of this library's folders in a zip.</summary>
internal static class TorchTransformerLoader
{
    [SuppressMessage("CodeQuality", "IDE0051", Justification = "ML.NET finds it by its name.")]
    internal static ITransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        new TorchTransformer(ModelEntries.Read(TransformerFolder.Open(context)));
}
