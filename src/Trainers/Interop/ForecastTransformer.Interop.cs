using Microsoft.ML;
using Sconce.Trainers.Forecasts;
using Sconce.Trainers.Interop;

namespace Sconce.Trainers;

/// <summary>The side of the forecaster that ML.NET keeps to itself: saving.</summary>
public sealed partial class ForecastTransformer
{
    void ICanSaveModel.Save(ModelSaveContext ctx) => TransformerFolder.Write(ctx, ForecastEntries.Write(this), TransformerFolder.ForecastLoaderSignature, TransformerFolder.ForecastFormatVersion);
}
