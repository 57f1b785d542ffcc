using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Sconce.Trainers.Interop;

namespace Sconce.Trainers.Scoring;

/// <summary>The internal interfaces of ML.NET that the view implements, so that <c>ConvertToOnnx</c> can convert it as a step of a pipeline.</summary>
internal sealed partial class ScoringView : ITransformCanSaveOnnx
{
    IDataView IDataTransform.Source => input;

    /// <summary>Always true: ML.NET would silently treat the columns of a view that cannot be converted as inputs.</summary>
    bool ICanSaveOnnx.CanSaveOnnx(OnnxContext ctx) => true;

    void ISaveAsOnnx.SaveAsOnnx(OnnxContext ctx) => OnnxContextWriter.Write(ctx, binding);

    void ICanSaveModel.Save(ModelSaveContext ctx) => throw new NotSupportedException("Scored rows are not part of a model. Save the transformer, by ml.Model.Save.");
}
