using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace Sconce.Trainers.Interop;

/// <summary>Parameters of ML.NET's transformers that are not public.</summary>
internal static class StepParameters
{
    /// <summary>The columns that are concatenated to one column, in order.</summary>
    public static IReadOnlyList<string> SourcesOf(ColumnConcatenatingTransformer step, string output) =>
        step.Columns.Last(column => column.outputColumnName == output).inputColumnNames;

    /// <summary>The parameters that a normalizer has learned for one of its output columns.</summary>
    public static NormalizingTransformer.NormalizerModelParametersBase Of(NormalizingTransformer step, string output) => step.GetNormalizerModelParameters(PlaceOf(step, output));

    /// <summary>The replacement of missing values: a number, or an array with one number for each slot.</summary>
    public static object Of(MissingValueReplacingTransformer step, string output) => Replacements(step)[PlaceOf(step, output)];

    /// <summary>
    /// The norm that rows are divided by, whether their mean is subtracted first, and the factor that they are multiplied by.
    /// </summary>
    public static (LpNormNormalizingEstimatorBase.NormFunction Norm, bool SubtractsMean, float Scale) Of(LpNormNormalizingTransformer step, string output)
    {
        var column = step.Columns.ElementAt(PlaceOf(step, output));
        return (column.Norm, column.EnsureZeroMean, column.Scale);
    }

    /// <summary>The steps of a one-hot encoding.</summary>
    public static ITransformer Of(OneHotEncodingTransformer step) => Steps(step);

    /// <summary>The index of a column among a transformer's output columns.</summary>
    private static int PlaceOf(OneToOneTransformerBase step, string output) => Array.FindIndex(Columns(step), column => column.Output == output);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "ColumnPairs")]
    private static extern ref (string Output, string Input)[] Columns(OneToOneTransformerBase step);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_repValues")]
    private static extern ref object[] Replacements(MissingValueReplacingTransformer step);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_transformer")]
    private static extern ref TransformerChain<ITransformer> Steps(OneHotEncodingTransformer step);
}
