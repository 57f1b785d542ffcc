using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;

namespace Sconce.Trainers.Forecasts;

/// <summary>The internal interfaces of ML.NET that the view implements, so that <c>ConvertToOnnx</c> finds it and does not take the forecasts for inputs.</summary>
internal sealed partial class ForecastView : ITransformCanSaveOnnx
{
    IDataView IDataTransform.Source => _input;

    bool ICanSaveOnnx.CanSaveOnnx(OnnxContext ctx) => true;

    void ISaveAsOnnx.SaveAsOnnx(OnnxContext ctx) => throw new NotSupportedException(
        "A forecaster makes windows of the rows before each row, which an ONNX graph does not see, so that ML.NET's ConvertToOnnx cannot write it. ml.Model.ExportToOnnx writes the forecaster by itself: its graph reads windows.");

    void ICanSaveModel.Save(ModelSaveContext ctx) => throw new NotSupportedException("Forecasts are not part of a model. Save the transformer, by ml.Model.Save.");
}
