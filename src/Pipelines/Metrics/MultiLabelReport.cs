using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Pipelines.Metrics;
using Sconce.Trainers;
using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>The metrics of a model that predicts several Booleans, for which ML.NET has no evaluator.</summary>
/// <param name="Rows">The number of rows.</param>
/// <param name="ExactMatch">The fraction of rows whose labels are all predicted correctly, in [0, 1].</param>
/// <param name="HammingLoss">The fraction of wrong predictions among all labels of all rows, in [0, 1].</param>
/// <param name="Labels">One entry for each label.</param>
/// <param name="Seconds">How long reading and scoring took, in seconds.</param>
public sealed record MultiLabelReport(long Rows, double ExactMatch, double HammingLoss, IReadOnlyList<LabelResult> Labels, double Seconds)
{
    /// <summary>The number of rows that lack a label, which are not measured.</summary>
    public long UnlabeledRows { get; init; }

    /// <summary>The rows with a wrong label, those with the least probability of all true labels together first: at most 24.</summary>
    public IReadOnlyList<Mistake> Mistakes { get; init; } = [];

    /// <summary>The mean of the labels' areas under the ROC curve, in [0, 1], over those that are defined; NaN if none is.</summary>
    public double MeanAreaUnderRocCurve => Labels.Select(label => label.AreaUnderRocCurve).Where(area => !double.IsNaN(area)).DefaultIfEmpty(double.NaN).Average();

    /// <summary>Rows scored per second.</summary>
    public double RowsPerSecond => Rows / Seconds;

    /// <summary>The metrics by name, without an area that is undefined.</summary>
    internal IReadOnlyDictionary<string, double> Metrics =>
        new (string Name, double Value)[] { ("exact match", ExactMatch), ("Hamming loss", HammingLoss), ("mean area under the curve", MeanAreaUnderRocCurve) }
            .Where(metric => !double.IsNaN(metric.Value)).ToDictionary(metric => metric.Name, metric => metric.Value);

    /// <summary>Scores labeled data and compares the scores with the labels.</summary>
    /// <param name="model">A model that predicts a vector of Booleans.</param>
    /// <param name="data">Data with the columns that the model was trained on, its label included.</param>
    /// <exception cref="InvalidDataException">The model does not predict a vector of Booleans, or the data has no label or no rows.</exception>
    public static MultiLabelReport Evaluate(ModelFile model, IDataView data)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Objective is not BinaryClassification { IsMultiLabel: true } objective)
            throw new InvalidDataException($"'{model.Path}' does not predict a vector of Booleans; it cannot be evaluated on several labels.").About(file: model.Path);
        var rows = LabeledRows.Of(model, objective, data);
        string[] wanted = [objective.LabelColumnName, BinaryClassification.PredictedLabel, BinaryClassification.ProbabilityName];
        return Measure(objective, rows.Score(model, objective, wanted)) with { UnlabeledRows = rows.Unlabeled };
    }

    /// <summary>Compares the scores of a model with labels.</summary>
    internal static MultiLabelReport Measure(BinaryClassification objective, IDataView scored)
    {
        var clock = Stopwatch.StartNew();
        var worst = new WorstMistakes.Worst<Mistake>(Evaluation.MistakesKept);
        var (labels, answers, chances) = (new List<bool[]>(), new List<bool[]>(), new List<float[]>());
        string[] columns = [objective.LabelColumnName, BinaryClassification.PredictedLabel, BinaryClassification.ProbabilityName];
        using (var cursor = scored.GetRowCursor(columns.Select(name => scored.Schema[name])))
        {
            var labelsOf = cursor.GetGetter<VBuffer<bool>>(scored.Schema[columns[0]]);
            var answersOf = cursor.GetGetter<VBuffer<bool>>(scored.Schema[columns[1]]);
            var chancesOf = cursor.GetGetter<VBuffer<float>>(scored.Schema[columns[2]]);
            var (label, answer, chance) = (default(VBuffer<bool>), default(VBuffer<bool>), default(VBuffer<float>));
            while (cursor.MoveNext())
            {
                labelsOf(ref label);
                answersOf(ref answer);
                chancesOf(ref chance);
                labels.Add([.. label.DenseValues()]);
                answers.Add([.. answer.DenseValues()]);
                chances.Add([.. chance.DenseValues()]);
                Offer(labels[^1], answers[^1], chances[^1]);
            }
        }

        var rows = labels.Count;
        if (rows == 0)
            throw new InvalidDataException("The data to evaluate on has no rows with labels.").About(column: objective.LabelColumnName);
        var wrong = labels.Zip(answers, (label, answer) => label.Zip(answer).Count(each => each.First != each.Second)).ToList();
        var once = Enumerable.Repeat(1, rows).ToArray();
        var results = Enumerable.Range(0, objective.OutputSize).Select(ResultOf).ToList();
        return new(rows, (double)wrong.Count(count => count == 0) / rows, (double)wrong.Sum(count => (long)count) / rows / objective.OutputSize, results, clock.Elapsed.TotalSeconds)
        {
            Mistakes = worst.Ordered(),
        };

        void Offer(bool[] truth, bool[] given, float[] probabilities)
        {
            if (truth.SequenceEqual(given))
                return;
            var probability = truth.Zip(probabilities, (isTrue, each) => isTrue ? each : 1 - (double)each).Aggregate(1.0, (product, each) => product * each);
            worst.Offer(1 - probability, () => new Mistake(NamesOf(truth), NamesOf(given), probability, []));
        }

        string NamesOf(bool[] values) => values.Contains(true) ? string.Join(", ", values.Index().Where(each => each.Item).Select(each => NameOf(each.Index))) : "none";

        string NameOf(int i) => objective.Labels?.Values[i] ?? i.ToString(CultureInfo.InvariantCulture);

        LabelResult ResultOf(int i)
        {
            bool[] truth = [.. labels.Select(row => row[i])];
            bool[] given = [.. answers.Select(row => row[i])];
            var area = new AreaUnderCurve(truth, [.. chances.Select(row => (double)row[i])]).Of(once);
            var (found, support, predicted) = (truth.Zip(given).Count(each => each.First && each.Second), truth.Count(each => each), given.Count(each => each));
            return new(NameOf(i), support, area, predicted == 0 ? 0 : (double)found / predicted, support == 0 ? 0 : (double)found / support);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}

/// <summary>The metrics of one of several labels.</summary>
/// <param name="Name">The label's slot name, or its index from 0 if it has none.</param>
/// <param name="Support">The number of rows in which it is true.</param>
/// <param name="AreaUnderRocCurve">The area under the ROC curve, in [0, 1]; NaN if the label is the same in all rows.</param>
/// <param name="Precision">The fraction of the rows predicted as true that are, in [0, 1]; 0 if there are none.</param>
/// <param name="Recall">The fraction of the true rows that are predicted as true, in [0, 1]; 0 if there are none.</param>
public sealed record LabelResult(string Name, long Support, double AreaUnderRocCurve, double Precision, double Recall)
{
    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
