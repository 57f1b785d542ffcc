using Microsoft.ML;

namespace Sconce.Trainers.Model;

/// <summary>The transformers that a model is made of.</summary>
internal static class PipelineSteps
{
    /// <summary>A chain's transformers in order, those of chains within it included; any other transformer is its own only step.</summary>
    public static IEnumerable<ITransformer> Of(ITransformer model) => model is IEnumerable<ITransformer> chain ? chain.SelectMany(Of) : [model];

    /// <summary>Whether a model scores each row by itself, so that batches of rows may be scored beside each other.</summary>
    public static bool ScoreRowsApart(ITransformer model) => model.IsRowToRowMapper && !Of(model).OfType<ScoringTransformer>().Any(step => step.Scorer.ContinuesRows);

    /// <summary>The names of the columns that have to be given for some of a model's columns to be computed.</summary>
    public static HashSet<string> ColumnsNeeded(ITransformer model, DataViewSchema input, IEnumerable<string> wanted)
    {
        var names = wanted.ToHashSet(StringComparer.Ordinal);
        var mapper = model.GetRowToRowMapper(input);
        // Of several columns with a name the last is read.
        return mapper.GetDependencies(mapper.OutputSchema.Where(column => names.Contains(column.Name) && !column.IsHidden)).Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The last network of a model, a forecaster's included.</summary>
    public static TorchModel Network(ITransformer model) => FindNetwork(model) ?? throw new InvalidOperationException("The model has no network.");

    /// <summary>Likewise; null where there is none.</summary>
    public static TorchModel? FindNetwork(ITransformer model) => Of(model).Select(NetworkOf).OfType<TorchModel>().LastOrDefault();

    /// <summary>The network of a step; null if it has none.</summary>
    public static TorchModel? NetworkOf(ITransformer step) => step switch
    {
        TorchTransformer network => network.Model,
        ForecastTransformer forecaster => forecaster.Model,
        _ => null,
    };
}
