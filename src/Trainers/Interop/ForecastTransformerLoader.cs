using System.Diagnostics.CodeAnalysis;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Sconce.Trainers.Forecasts;
using Sconce.Trainers.Interop;

[assembly: LoadableClass(typeof(ITransformer), typeof(ForecastTransformerLoader), null, typeof(SignatureLoadModel), "Sconce forecaster", TransformerFolder.ForecastLoaderSignature)]

namespace Sconce.Trainers.Interop;

/// <summary>ML.NET calls it to load a forecaster's folder in a zip.</summary>
internal static class ForecastTransformerLoader
{
    [SuppressMessage("CodeQuality", "IDE0051", Justification = "ML.NET finds it by its name.")]
    internal static ITransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        ForecastEntries.Read(TransformerFolder.Open(context, TransformerFolder.ForecastLoaderSignature, TransformerFolder.ForecastFormatVersion));
}
