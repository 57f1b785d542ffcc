using Microsoft.ML;

namespace Sconce.Trainers.Model;

/// <summary>The transformers of a model.</summary>
internal static class PipelineSteps
{
    /// <summary>A chain's transformers in order, including those of nested chains; any other transformer is a single step.</summary>
    public static IEnumerable<ITransformer> Of(ITransformer model) => model is IEnumerable<ITransformer> chain ? chain.SelectMany(Of) : [model];

    /// <summary>Whether a model scores rows independently, so that batches can be scored in parallel.</summary>
    public static bool ScoreRowsApart(ITransformer model) => model.IsRowToRowMapper && !Of(model).OfType<ScoringTransformer>().Any(step => step.Scorer.ContinuesRows);

    /// <summary>The names of the input columns that are needed to compute some of a model's columns.</summary>
    public static HashSet<string> ColumnsNeeded(ITransformer model, DataViewSchema input, IEnumerable<string> wanted)
    {
        var names = wanted.ToHashSet(StringComparer.Ordinal);
        var mapper = model.GetRowToRowMapper(input);
        // If several columns have the same name, the last is read.
        return mapper.GetDependencies(mapper.OutputSchema.Where(column => names.Contains(column.Name) && !column.IsHidden)).Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The last network of a model, including a forecaster's.</summary>
    public static TorchModel Network(ITransformer model) => FindNetwork(model) ?? throw new InvalidOperationException("The model has no network.");

    /// <summary>The last network of a model; null if it has none.</summary>
    public static TorchModel? FindNetwork(ITransformer model) => Of(model).Select(NetworkOf).OfType<TorchModel>().LastOrDefault();

    /// <summary>The network of a step; null if it has none.</summary>
    public static TorchModel? NetworkOf(ITransformer step) => step switch
    {
        TorchTransformer network => network.Model,
        ForecastTransformer forecaster => forecaster.Model,
        _ => null,
    };
}
