using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Model;

[assembly: LoadableClass(typeof(ITransformer), typeof(OptionalStep), null, typeof(SignatureLoadModel), "Sconce optional step", TransformerFolder.OptionalStepSignature)]

namespace Sconce.Trainers.Model;

/// <summary>The internal interfaces of ML.NET that the step implements: saving, with the inner step in a folder within its own.</summary>
internal sealed partial class OptionalStep
{
    private const string StepFolder = "Step";
    private const string ColumnEntry = "Column.txt";

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        TransformerFolder.Write(ctx, [(ColumnEntry, stream => stream.Write(Encoding.UTF8.GetBytes(columnName)))], TransformerFolder.OptionalStepSignature);
        ctx.SaveModel(step, StepFolder);
    }

    [SuppressMessage("CodeQuality", "IDE0051", Justification = "ML.NET finds it by its name.")]
    internal static ITransformer Create(IHostEnvironment environment, ModelLoadContext context)
    {
        var open = TransformerFolder.Open(context, TransformerFolder.OptionalStepSignature);
        var name = open(ColumnEntry) ?? throw new InvalidDataException($"The model lacks its entry '{ColumnEntry}'. Copy the file again, or save the model again.");
        context.LoadModel<ITransformer, SignatureLoadModel>(environment, out var step, StepFolder);
        return new OptionalStep(step, Encoding.UTF8.GetString(name));
    }
}
