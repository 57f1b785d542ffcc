using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;

namespace Sconce.Trainers.Forecasts;

/// <summary>
/// The internal interfaces of ML.NET that the view implements, so that <c>ConvertToOnnx</c> finds it and does not treat the forecasts as
/// inputs.
/// </summary>
internal sealed partial class ForecastView : ITransformCanSaveOnnx
{
    IDataView IDataTransform.Source => _input;

    bool ICanSaveOnnx.CanSaveOnnx(OnnxContext ctx) => true;

    void ISaveAsOnnx.SaveAsOnnx(OnnxContext ctx) => throw new NotSupportedException(
        "ML.NET's ConvertToOnnx cannot write a forecaster: it reads a window of earlier rows, which an ONNX graph does not see. Use ml.Model.ExportToOnnx, which exports the forecaster alone, with windows as its input.");

    void ICanSaveModel.Save(ModelSaveContext ctx) => throw new NotSupportedException("Forecasts are not part of a model. Save the transformer, by ml.Model.Save.");
}
