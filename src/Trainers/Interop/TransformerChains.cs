using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Interop;

/// <summary>Takes chains of transformers apart and puts them together again, scopes included.</summary>
internal static class TransformerChains
{
    /// <summary>
    /// Returns a chain of the same structure, nested chains included, in which <paramref name="replace"/> has replaced each transformer.
    /// </summary>
    public static ITransformer Replace(ITransformer model, Func<ITransformer, ITransformer> replace) => model is ITransformerChainAccessor chain
        ? new TransformerChain<ITransformer>(chain.Transformers.Select(step => Replace(step, replace)).ToArray(), chain.Scopes)
        : replace(model);
}
