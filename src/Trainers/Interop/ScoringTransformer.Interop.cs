using System.Text;
using Microsoft.ML;
using Sconce.Trainers.Interop;

namespace Sconce.Trainers;

/// <summary>The side of the transformers that ML.NET keeps to itself: saving.</summary>
public abstract partial class ScoringTransformer
{
    void ICanSaveModel.Save(ModelSaveContext ctx) => Save(ctx);

    /// <summary>Writes a folder that says which type reads it: that type may be of a library which this one does not know.</summary>
    private protected virtual void Save(ModelSaveContext context)
    {
        var reader = $"{GetType().FullName}, {GetType().Assembly.GetName().Name}";
        TransformerFolder.Write(context, Entries().Prepend((ScorerLoader.ReaderEntry, stream => stream.Write(Encoding.UTF8.GetBytes(reader)))), TransformerFolder.ScorerLoaderSignature);
    }
}
