using Sconce.Trainers.Native;
using Sconce.Trainers.Onnx;
using static TorchSharp.torch;

namespace Sconce.Trainers.Objectives;

/// <summary>A module with several predictions for each row: <c>forward</c> returns [rows, members, outputs].</summary>
internal interface IEnsembleModule
{
    /// <summary>The number of predictions, at least 1.</summary>
    int Members { get; }
}

/// <summary>
/// The members of an ensemble are trained by the mean of their own losses, and scored by the mean of their predictions: of probabilities, not of logits
/// (Gorishniy et al., "TabM", ICLR 2025, section 3).
/// </summary>
internal static class EnsembleAverage
{
    /// <summary>The outputs of all members as rows, with the targets and weights repeated; unchanged for a module without members.</summary>
    public static (Tensor Output, Tensor Target, Tensor? Weights) AsRows(nn.Module network, Tensor output, Tensor target, Tensor? weights)
    {
        if (network is not IEnsembleModule { Members: var members })
            return (output, target, weights);
        return (output.flatten(0, 1), target.repeat_interleave(members, 0), weights?.repeat_interleave(members, 0));
    }

    /// <summary>The mean over the members, [rows, outputs], of values [rows, members, outputs]; unchanged for a module without members.</summary>
    public static Tensor Mean(nn.Module network, Tensor values) => network is IEnsembleModule ? values.mean([1]) : values;

    /// <summary>The logit of the mean of the members' probabilities, computed from their logits without rounding to 0 or 1.</summary>
    public static Tensor Logit(nn.Module network, Tensor logits)
    {
        if (network is not IEnsembleModule)
            return logits;
        // log p = -softplus(-x), log(1 - p) = -softplus(x); the logarithm of the number of members cancels out.
        return nn.functional.softplus(logits.neg()).neg().logsumexp(1).sub(nn.functional.softplus(logits).neg().logsumexp(1));
    }

    /// <summary>Adds <see cref="Mean"/> to a graph.</summary>
    public static OnnxValue ExportMean(OnnxGraph graph, nn.Module network, OnnxValue values) =>
        network is IEnsembleModule { Members: var members } ? graph.Times(graph.Sum(values, 1), 1.0 / members) : values;

    /// <summary>Adds <see cref="Logit"/> to a graph.</summary>
    public static OnnxValue ExportLogit(OnnxGraph graph, nn.Module network, OnnxValue logits)
    {
        if (network is not IEnsembleModule)
            return logits;
        return graph.Add("Sub", [LogSum(graph.Add("Neg", [logits])), LogSum(logits)]);

        OnnxValue LogSum(OnnxValue values) => graph.Add("ReduceLogSumExp", [graph.Add("Neg", [graph.Add("Softplus", [values])])], ("axes", (long[])[1]), ("keepdims", 0));
    }
}
