using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Columnar;
using Sconce.Files.Rows;
using Sconce.Files.Text;
using Sconce.Trainers;
using Sconce.Trainers.Interop;

namespace Sconce.Pipelines.Metrics;

/// <summary>Compares scores with labels, which are read as text from files of any format.</summary>
internal sealed class LabelComparer
{
    private const string PredictedLabel = "PredictedLabel";
    private const string Score = "Score";
    private const string Probability = "Probability";
    private const string TextOfFalse = "False";
    private const string TextOfTrue = "True";

    /// <summary>The lower bound of probabilities in the log-loss, as in ML.NET.</summary>
    private const double LeastProbability = 1e-15;

    private readonly int _prediction;
    private readonly int _probabilities;
    private readonly Dictionary<string, int> _slots = [];

    /// <summary>The values of the label that false and true stand for; null if the label is a Boolean itself, or is none.</summary>
    private readonly ClassNames? _values;

    /// <param name="scores">The model's columns that are written.</param>
    /// <exception cref="ArgumentException">None of them can be compared with a label.</exception>
    public LabelComparer(DataViewSchema scores)
    {
        _prediction = IndexOf(scores, PredictedLabel);
        IsOfClasses = _prediction >= 0;
        if (!IsOfClasses)
        {
            _prediction = IndexOf(scores, Score);
            _probabilities = -1;
            if (_prediction < 0 || scores[_prediction].Type != NumberDataViewType.Single)
                throw new ArgumentException($"Labels can be compared only with the column '{PredictedLabel}', or '{Score}' as one number, but neither is among the columns to write ({string.Join(", ", scores.Select(column => $"{column.Name} of {column.Type}"))}).");
            return;
        }

        _values = ClassNames.FromAnnotation(scores[_prediction], ScoreAnnotations.BooleanValues) is { Values: not [TextOfFalse, TextOfTrue] } values ? values : null;
        _probabilities = IndexOf(scores, scores[_prediction].Type is BooleanDataViewType ? Probability : Score);
        if (_probabilities < 0 || scores[_probabilities].Type is not VectorDataViewType)
            return;
        // Without names, it is unknown which value belongs to which class; they may also be distances.
        if (scores[_probabilities].Annotations.Schema.GetColumnOrNull("SlotNames") is null)
        {
            _probabilities = -1;
            return;
        }

        foreach (var (slot, name) in FlatColumns.NamesOf(scores[_probabilities]).Index())
            _slots.TryAdd(name[(Score.Length + 1)..], slot);
    }

    /// <summary>Whether classes are compared, rather than numbers.</summary>
    public bool IsOfClasses { get; }

    /// <summary>Compares the rows of a batch.</summary>
    /// <param name="labels">Their labels; an empty label is missing.</param>
    /// <param name="scores">Their scores.</param>
    public LabelComparison Compare(FixedValues<ReadOnlyMemory<char>> labels, RowBatch scores) =>
        IsOfClasses ? CompareClasses(labels, scores) : CompareNumbers(labels, (FixedValues<float>)scores.Columns[_prediction], scores.Count);

    private LabelComparison CompareClasses(FixedValues<ReadOnlyMemory<char>> labels, RowBatch scores)
    {
        var (confusion, unlabelled, loss, lossRows) = (new Dictionary<string, Dictionary<string, long>>(StringComparer.Ordinal), 0L, 0.0, 0L);
        var predictions = scores.Columns[_prediction];
        for (var row = 0; row < scores.Count; row++)
        {
            if (Normalize(labels.Row(row)[0].Span, _values is null ? predictions.Type : TextDataViewType.Instance) is not { } label)
            {
                unlabelled++;
                continue;
            }

            if (!confusion.TryGetValue(label, out var counts))
                confusion[label] = counts = new(StringComparer.Ordinal);
            var prediction = predictions.TextOf(row);
            if (_values is not null)
                prediction = _values.Values[prediction == TextOfTrue ? 1 : 0];
            counts[prediction] = counts.GetValueOrDefault(prediction) + 1;
            if (ProbabilityOf(label, scores, row) is { } probability)
                (loss, lossRows) = (loss - Math.Log(Math.Max(probability, LeastProbability)), lossRows + 1);
        }

        return new()
        {
            Rows = scores.Count - unlabelled,
            Unlabelled = unlabelled,
            Confusion = confusion.ToDictionary(row => row.Key, IReadOnlyDictionary<string, long> (row) => row.Value),
            LogLossSum = loss,
            LogLossRows = lossRows,
        };
    }

    private static LabelComparison CompareNumbers(FixedValues<ReadOnlyMemory<char>> labels, FixedValues<float> scores, int count)
    {
        var (rows, absolute, squared, sum, squares) = (0L, 0.0, 0.0, 0.0, 0.0);
        for (var row = 0; row < count; row++)
        {
            if (!double.TryParse(labels.Row(row)[0].Span, NumberStyles.Float, CultureInfo.InvariantCulture, out var label) || !double.IsFinite(label))
                continue;
            var error = scores.Row(row)[0] - label;
            (rows, absolute, squared) = (rows + 1, absolute + Math.Abs(error), squared + error * error);
            (sum, squares) = (sum + label, squares + label * label);
        }

        return new() { Rows = rows, Unlabelled = count - rows, AbsoluteErrors = absolute, SquaredErrors = squared, Labels = sum, SquaredLabels = squares };
    }

    private double? ProbabilityOf(string label, RowBatch scores, int row)
    {
        if (_probabilities < 0)
            return null;
        var probabilities = ((FixedValues<float>)scores.Columns[_probabilities]).Row(row);
        if (_slots.Count == 0 && probabilities.Length == 1)
        {
            // Of a third value, nothing is predicted.
            return label == (_values?.Values[1] ?? TextOfTrue) ? probabilities[0]
                : label == (_values?.Values[0] ?? TextOfFalse) ? 1 - probabilities[0] : null;
        }

        return _slots.TryGetValue(label, out var slot) ? probabilities[slot] : null;
    }

    /// <summary>A label in the form in which predictions of a type are written; null if it is missing.</summary>
    private static string? Normalize(ReadOnlySpan<char> label, DataViewType type)
    {
        label = label.Trim();
        if (label.IsEmpty)
            return null;
        if (type is BooleanDataViewType && ((ValueParser<bool>)ValueParser.For(new RequestedColumn(PredictedLabel, type))).TryParse(label, out var truth))
            return truth.ToString();
        return type is NumberDataViewType && double.TryParse(label, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number.ToString(CultureInfo.InvariantCulture) : label.ToString();
    }

    private static int IndexOf(DataViewSchema schema, string name) => schema.GetColumnOrNull(name)?.Index ?? -1;
}
