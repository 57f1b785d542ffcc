using System.Text;
using Microsoft.ML;
using Sconce.Trainers.Interop;

namespace Sconce.Trainers;

/// <summary>The internal interfaces of ML.NET that scoring transformers implement: saving.</summary>
public abstract partial class ScoringTransformer
{
    void ICanSaveModel.Save(ModelSaveContext ctx) => Save(ctx);

    /// <summary>Writes a folder that names the type that reads it, which may be in another library.</summary>
    private protected virtual void Save(ModelSaveContext context)
    {
        var reader = $"{GetType().FullName}, {GetType().Assembly.GetName().Name}";
        TransformerFolder.Write(context, Entries().Prepend((ScorerLoader.ReaderEntry, stream => stream.Write(Encoding.UTF8.GetBytes(reader)))), TransformerFolder.ScorerLoaderSignature);
    }
}
