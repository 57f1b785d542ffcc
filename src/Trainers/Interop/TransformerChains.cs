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

    /// <summary>Leaves out what is there for training and testing alone, as <see cref="TransformerChain{T}.GetModelFor"/> does. Disposing either disposes both.</summary>
    public static ITransformer ForScoring(ITransformer model)
    {
        if (model is not ITransformerChainAccessor chain)
            return model;
        var kept = chain.Scopes.Index().Where(entry => entry.Item.HasFlag(TransformerScope.Scoring)).Select(entry => entry.Index).ToList();
        return new TransformerChain<ITransformer>(kept.Select(i => chain.Transformers[i]).ToArray(), kept.Select(i => chain.Scopes[i]).ToArray());
    }
}
