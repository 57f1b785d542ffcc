using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Interop;

/// <summary>Takes chains of transformers apart and puts them together again, scopes included.</summary>
internal static class TransformerChains
{
    /// <summary>Gives a chain of the same shape, in chains within it too, whose transformers are what <paramref name="replace"/> makes of each.</summary>
    public static ITransformer Replace(ITransformer model, Func<ITransformer, ITransformer> replace) => model is ITransformerChainAccessor chain
        ? new TransformerChain<ITransformer>(chain.Transformers.Select(step => Replace(step, replace)).ToArray(), chain.Scopes)
        : replace(model);
}
