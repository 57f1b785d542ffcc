using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Sconce.Trainers.Interop;

namespace Sconce.Trainers.Scoring;

/// <summary>The side of the view that ML.NET keeps to itself: being one step of a pipeline that its own <c>ConvertToOnnx</c> walks through.</summary>
internal sealed partial class ScoringView : ITransformCanSaveOnnx
{
    IDataView IDataTransform.Source => input;

    /// <summary>Always: of a view that cannot, ML.NET takes the columns for inputs, and says nothing.</summary>
    bool ICanSaveOnnx.CanSaveOnnx(OnnxContext ctx) => true;

    void ISaveAsOnnx.SaveAsOnnx(OnnxContext ctx) => OnnxContextWriter.Write(ctx, binding);

    void ICanSaveModel.Save(ModelSaveContext ctx) => throw new NotSupportedException("Scored rows are not part of a model. Save the transformer, by ml.Model.Save.");
}
