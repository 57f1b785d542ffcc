using Microsoft.ML;
using Sconce.Trainers.Forecasts;
using Sconce.Trainers.Interop;

namespace Sconce.Trainers;

/// <summary>The internal interfaces of ML.NET that a forecaster implements: saving.</summary>
public sealed partial class ForecastTransformer
{
    void ICanSaveModel.Save(ModelSaveContext ctx) => TransformerFolder.Write(ctx, ForecastEntries.Write(this), TransformerFolder.ForecastLoaderSignature, TransformerFolder.ForecastFormatVersion);
}
