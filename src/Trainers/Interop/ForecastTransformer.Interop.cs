using System.Diagnostics.CodeAnalysis;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Sconce.Trainers;
using Sconce.Trainers.Forecasts;
using Sconce.Trainers.Interop;

[assembly: LoadableClass(
    typeof(ITransformer), typeof(ForecastTransformer), null, typeof(SignatureLoadModel), "Sconce forecaster", TransformerFolder.ForecastLoaderSignature)]

namespace Sconce.Trainers;

/// <summary>The internal interfaces of ML.NET that a forecaster implements: saving and loading.</summary>
public sealed partial class ForecastTransformer
{
    void ICanSaveModel.Save(ModelSaveContext ctx) =>
        TransformerFolder.Write(ctx, ForecastEntries.Write(this), TransformerFolder.ForecastLoaderSignature, TransformerFolder.ForecastFormatVersion);

    [SuppressMessage("CodeQuality", "IDE0051", Justification = "ML.NET finds it by its name.")]
    internal static ITransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        ForecastEntries.Read(TransformerFolder.Open(context, TransformerFolder.ForecastLoaderSignature, TransformerFolder.ForecastFormatVersion));
}
