using Microsoft.ML;
using Microsoft.ML.Data;
using Kinds = Microsoft.ML.Data.AnnotationUtils.Kinds;

namespace Sconce.Trainers.Interop;

/// <summary>The annotations by which ML.NET's evaluators recognize a trainer's columns.</summary>
internal static class ScoreAnnotations
{
    /// <summary>Starts the annotations of a multiclass score column; <paramref name="valueKind"/> is "Score" or "PredictedLabel".</summary>
    public static DataViewSchema.Annotations.Builder Create(string valueKind) => Create(AnnotationUtils.Const.ScoreColumnKind.MulticlassClassification, valueKind);

    /// <summary>The annotations of a regression's score column, of one number or of several.</summary>
    public static DataViewSchema.Annotations Regression(bool several) => Create(
        several ? AnnotationUtils.Const.ScoreColumnKind.MultiOutputRegression : AnnotationUtils.Const.ScoreColumnKind.Regression, AnnotationUtils.Const.ScoreValueKind.Score).ToAnnotations();

    /// <summary>The name of the annotation with the values that false and true stand for, two texts.</summary>
    public const string BooleanValues = "BooleanValues";

    /// <summary>The annotations of a column of a trainer of Booleans; <paramref name="valueKind"/> is "Score", "Probability" or "PredictedLabel".</summary>
    /// <param name="valueKind">What the column holds.</param>
    /// <param name="several">Whether it is a vector.</param>
    /// <param name="labels">The names of a vector's labels; null for none.</param>
    /// <param name="values">The values that false and true stand for; null for none.</param>
    public static DataViewSchema.Annotations Binary(string valueKind, bool several, ClassNames? labels, ClassNames? values = null)
    {
        var annotations = Create(several ? MultiLabel : AnnotationUtils.Const.ScoreColumnKind.BinaryClassification, valueKind);
        if (valueKind == AnnotationUtils.Const.ScoreValueKind.Probability)
            annotations.Add(Kinds.IsNormalized, BooleanDataViewType.Instance, (ref bool value) => value = true);
        labels?.AnnotateText(annotations, Kinds.SlotNames);
        values?.AnnotateText(annotations, BooleanValues);
        return annotations.ToAnnotations();
    }

    /// <summary>The shapes of the three columns of a trainer of Booleans.</summary>
    public static IEnumerable<SchemaShape.Column> BinaryShape(SchemaShape.Column.VectorKind kind)
    {
        var common = AnnotationUtils.GetTrainerOutputAnnotation().ToList();
        yield return new(BinaryClassification.PredictedLabel, kind, BooleanDataViewType.Instance, false, new SchemaShape(common));
        yield return new(BinaryClassification.ScoreName, kind, NumberDataViewType.Single, false, new SchemaShape(common));
        yield return new(BinaryClassification.ProbabilityName, kind, NumberDataViewType.Single, false, new SchemaShape(AnnotationUtils.GetTrainerOutputAnnotation(true)));
    }

    /// <summary>
    /// Adds <paramref name="columns"/> to <paramref name="input"/>; a trainer's score columns get a common set number that is unique to
    /// that trainer.
    /// </summary>
    public static DataViewSchema Append(DataViewSchema input, IEnumerable<ScoreColumn> columns)
    {
        var set = input.GetMaxAnnotationKind(out _, Kinds.ScoreColumnSetId) + 1;
        var schema = new DataViewSchema.Builder();
        schema.AddColumns(input);
        foreach (var column in columns)
        {
            if (column.Annotations?.Schema.GetColumnOrNull(Kinds.ScoreColumnKind) is null)
            {
                schema.AddColumn(column.Name, column.Type, column.Annotations);
                continue;
            }

            var annotations = new DataViewSchema.Annotations.Builder();
            annotations.Add(column.Annotations, _ => true);
            annotations.Add(Kinds.ScoreColumnSetId, AnnotationUtils.ScoreColumnSetIdType, (ref uint value) => value = set);
            schema.AddColumn(column.Name, column.Type, annotations.ToAnnotations());
        }

        return schema.ToSchema();
    }

    /// <summary>The schema shapes of known columns.</summary>
    public static IEnumerable<SchemaShape.Column> Shapes(IEnumerable<ScoreColumn> columns) => SchemaShape.Create(Append(new DataViewSchema.Builder().ToSchema(), columns));

    /// <summary>The shapes of a multiclass trainer's two columns.</summary>
    public static IEnumerable<SchemaShape.Column> MulticlassShape(SchemaShape.Column label, string predictedLabelName, string scoreName)
    {
        var common = AnnotationUtils.GetTrainerOutputAnnotation().ToList();
        var predictedLabel = common.ToList();
        var score = common.Append(new(Kinds.SlotNames, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, false)).ToList();
        if (label.Annotations.TryFindColumn(Kinds.KeyValues, out var values))
        {
            predictedLabel.Add(values);
            score.Add(new(Kinds.TrainingLabelValues, SchemaShape.Column.VectorKind.Vector, values.ItemType, false));
        }

        yield return new(predictedLabelName, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, true, new SchemaShape(predictedLabel));
        yield return new(scoreName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false, new SchemaShape(score));
    }

    /// <summary>The shape of a regression trainer's column.</summary>
    public static SchemaShape.Column RegressionShape(string scoreName, SchemaShape.Column.VectorKind kind) =>
        new(scoreName, kind, NumberDataViewType.Single, false, new SchemaShape(AnnotationUtils.GetTrainerOutputAnnotation()));

    /// <summary>The shape of a column without annotations.</summary>
    public static SchemaShape.Column PlainShape(string name, SchemaShape.Column.VectorKind kind, DataViewType itemType) => new(name, kind, itemType, false);

    /// <summary>The shape of a column of keys of text.</summary>
    public static SchemaShape.Column KeyShape(string name) => new(
        name, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, true,
        new SchemaShape([new(Kinds.KeyValues, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, false)]));

    /// <summary>The shape of a vector of normalized numbers with names.</summary>
    public static SchemaShape.Column NumbersShape(string name) => new(
        name, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false,
        new SchemaShape([
            new(Kinds.SlotNames, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, false),
            new(Kinds.IsNormalized, SchemaShape.Column.VectorKind.Scalar, BooleanDataViewType.Instance, false)]));

    /// <summary>The shape of a column of sequences like the label's, with its key values.</summary>
    public static SchemaShape.Column SequenceShape(string name, SchemaShape.Column label) => new(
        name, label.IsKey ? SchemaShape.Column.VectorKind.VariableVector : SchemaShape.Column.VectorKind.Scalar, label.ItemType, label.IsKey,
        new SchemaShape(label.Annotations.Where(annotation => annotation.Name == Kinds.KeyValues)));

    private static DataViewSchema.Annotations.Builder Create(string columnKind, string valueKind)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        AddText(annotations, Kinds.ScoreColumnKind, columnKind);
        AddText(annotations, Kinds.ScoreValueKind, valueKind);
        return annotations;
    }

    /// <summary>ML.NET has no evaluator of several labels.</summary>
    private const string MultiLabel = "MultiLabelClassification";

    private static void AddText(DataViewSchema.Annotations.Builder annotations, string kind, string text) =>
        annotations.Add(kind, TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = text.AsMemory());
}
