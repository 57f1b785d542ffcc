using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Pipelines.Scoring.Rows;

namespace Sconce.Pipelines.Explanations;

/// <summary>The number that a model predicts: the probability of the positive class, of one of several classes, or a score.</summary>
/// <param name="Name">The name of the column or of the class.</param>
/// <param name="Column">The name of the column.</param>
/// <param name="Index">The index in a vector; null for a single number.</param>
internal sealed record PredictedOutput(string Name, string Column, int? Index)
{
    private const string Probability = "Probability";

    /// <summary>Chooses the output by the columns that ML.NET's trainers add.</summary>
    /// <exception cref="ArgumentException">There is no score, or no such class.</exception>
    public static PredictedOutput Of(DataViewSchema scored, string? className)
    {
        var column = (scored.GetColumnOrNull(Probability) is { Type: NumberDataViewType } probability ? probability : scored.GetColumnOrNull(ScoreMetric.Score))
            ?? throw new ArgumentException($"The model has no output column '{ScoreMetric.Score}', so there is no prediction to explain.").About(column: ScoreMetric.Score);
        var classes = column.Type is VectorDataViewType ? ResultReader.SlotNamesOf(column) ?? [] : [];
        if (column.Type is NumberDataViewType && className is null)
            return new(column.Name, column.Name, null);
        if (column.Type is VectorDataViewType && className is null)
            return new(classes is [var first, ..] ? first : column.Name, column.Name, 0);
        var index = classes.ToList().IndexOf(className!);
        return index >= 0 ? new(className!, column.Name, index) : throw new ArgumentException(
            $"The model has no class '{className}'{NearestName.Question(className!, classes)}. {(classes.Count == 0 ? $"Leave {nameof(PartialDependenceOptions.ClassName)} null." : $"Its classes are: {string.Join(", ", classes)}.")}",
            nameof(PartialDependenceOptions.ClassName));
    }

    /// <summary>The predictions of all rows.</summary>
    public List<double> Read(IDataView scored)
    {
        var column = scored.Schema[Column];
        using var cursor = scored.GetRowCursor([column]);
        var predictions = new List<double>();
        if (Index is { } index)
        {
            var read = cursor.GetGetter<VBuffer<float>>(column);
            var values = default(VBuffer<float>);
            while (cursor.MoveNext())
            {
                read(ref values);
                predictions.Add(values.GetItemOrDefault(index));
            }
        }
        else
        {
            var read = ScalarReader.Number(cursor, column);
            while (cursor.MoveNext())
                predictions.Add(read());
        }

        return predictions;
    }
}
