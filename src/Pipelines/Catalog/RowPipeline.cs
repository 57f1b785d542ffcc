using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Sconce.Core.Errors;
using Sconce.Files.Rows;
using Sconce.Trainers;
using Sconce.Trainers.Model;

namespace Sconce.Pipelines.Catalog;

/// <summary>The pipeline from the columns of a file of rows to a network: labels to keys, columns of numbers to one vector.</summary>
/// <remarks>
/// A single vector of Byte or Single, a single vector of unknown size, or a single column of text is passed to the network unchanged. Any
/// other columns are converted to Single, concatenated to one vector and standardized by their mean and standard deviation, which are saved
/// with the model.
/// </remarks>
internal sealed class RowPipeline
{
    private const string Vector = "Features";

    private readonly MLContext _ml;
    private readonly IReadOnlyList<int>? _shape;
    private readonly bool _isRegression;
    private readonly List<IEstimator<ITransformer>> _steps = [];

    /// <param name="ml">The context to train with.</param>
    /// <param name="schema">The columns of the data.</param>
    /// <param name="label">The label column; null for a network without a label.</param>
    /// <param name="features">The columns that the network reads; null for all numeric columns except the label.</param>
    /// <param name="shape">The dimensions of the feature vector; null to keep it flat.</param>
    /// <param name="isRegression">Whether the label is a number to predict rather than a class.</param>
    /// <exception cref="ArgumentException">
    /// A column is missing or has a type that no network reads, the label is among the features, or the shape has another number of values.
    /// </exception>
    public RowPipeline(MLContext ml, DataViewSchema schema, string? label, IReadOnlyList<string>? features, IReadOnlyList<int>? shape, bool isRegression)
    {
        (_ml, _shape, _isRegression) = (ml, shape, isRegression);
        Label = label;
        if (label is not null)
        {
            var type = Find(schema, label, "LabelColumn").Type;
            if (!isRegression)
                AddForLabel(new WholeClasses(ml.Transforms.Conversion.MapValueToKey(label, keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue), label));
            else if (type is not NumberDataViewType)
                throw new ArgumentException($"The label '{label}' has the type {type}; regression needs a number.", "LabelColumn").About(column: label);
            else if (type != NumberDataViewType.Single)
                AddForLabel(ml.Transforms.Conversion.ConvertType(label, outputKind: DataKind.Single));
        }

        if (label is not null && features?.Contains(label, StringComparer.Ordinal) == true)
            throw new ArgumentException($"FeatureColumns includes the label '{label}', which the network has to predict. Leave it out.", "FeatureColumns").About(column: label);
        List<DataViewSchema.Column> columns = features is null
            ? [.. schema.Where(column => !column.IsHidden && column.Name != label && IsOfNumbers(column.Type))]
            : [.. features.Select(name => Find(schema, name, "FeatureColumns"))];
        // One text is a sequence of characters.
        if (features is null && columns.Count == 0)
            columns = [.. schema.Where(column => !column.IsHidden && column.Name != label && column.Type is TextDataViewType)];
        if (columns.Count == 0 || (features is null && columns.Count > 1 && columns[0].Type is TextDataViewType))
            throw new ArgumentException($"No column of numbers can be read{(label is null ? "" : $" besides the label '{label}'")}. The columns are: {Names(schema)}.", "FeatureColumns");
        FeatureColumns = [.. columns.Select(column => column.Name)];
        var isReadAsIs = columns is [var only] && IsReadAsIs(only.Type);
        Features = isReadAsIs ? columns[0].Name : Vector;
        if (!isReadAsIs)
            AddVector(columns);
        if (shape is not null)
            CheckShape(shape, columns);

        void AddForLabel(IEstimator<ITransformer> step) => _steps.Add(new OptionalStepEstimator(step, label));
    }

    /// <summary>The label column; null for none.</summary>
    public string? Label { get; }

    /// <summary>The columns of the file that the network reads.</summary>
    public IReadOnlyList<string> FeatureColumns { get; }

    /// <summary>The column that the network is trained on.</summary>
    public string Features { get; }

    /// <summary>Treats rows as bad if a feature, or the number to predict, is not finite.</summary>
    public IDataView RequireFinite(IDataView rows) =>
        ((LoadedRows)rows).RequireFinite([.. FeatureColumns, .. _isRegression && Label is not null ? [Label] : Array.Empty<string>()]);

    /// <summary>Appends a trainer to the steps.</summary>
    public IEstimator<ITransformer> Create(IEstimator<TorchTransformer> trainer)
    {
        var chain = new EstimatorChain<ITransformer>();
        foreach (var step in _steps)
            chain = chain.Append(step);
        return chain.Append<ITransformer>(_shape is null ? trainer : new ShapedFeatures(trainer, Features, _shape));
    }

    private void AddVector(List<DataViewSchema.Column> columns)
    {
        var other = columns.FindIndex(column => !IsOfNumbers(column.Type));
        if (other >= 0)
        {
            throw new ArgumentException(
                $"The column '{columns[other].Name}' has the type {columns[other].Type}; only numbers and Booleans can be concatenated to one vector.",
                "FeatureColumns").About(column: columns[other].Name);
        }

        InputOutputColumnPair[] converted =
            [.. columns.Where(column => ItemOf(column.Type) != NumberDataViewType.Single).Select(column => new InputOutputColumnPair(column.Name))];
        if (converted.Length > 0)
            _steps.Add(_ml.Transforms.Conversion.ConvertType(converted, DataKind.Single));
        _steps.Add(_ml.Transforms.Concatenate(Vector, [.. columns.Select(column => column.Name)]));
        _steps.Add(_ml.Transforms.NormalizeMeanVariance(Vector, fixZero: false));
    }

    private static void CheckShape(IReadOnlyList<int> shape, List<DataViewSchema.Column> columns)
    {
        var expected = shape.Aggregate(1L, (product, each) => product * each);
        if (columns is [{ Type: TextDataViewType or VectorDataViewType { IsKnownSize: false } } sequence])
        {
            throw new ArgumentException($"Shape is {string.Join('x', shape)}, but the rows of the column '{sequence.Name}' of {sequence.Type} differ in length.", "Shape")
                .About(column: sequence.Name);
        }

        var found = columns.Sum(column => (column.Type as VectorDataViewType)?.Size ?? 1L);
        if (found != expected)
            throw new ArgumentException($"Shape is {string.Join('x', shape)}, which is {expected:N0} values, but the feature columns have {found:N0}.", "Shape");
    }

    private static DataViewType ItemOf(DataViewType type) => (type as VectorDataViewType)?.ItemType ?? type;

    private static bool IsOfNumbers(DataViewType type) =>
        type is not VectorDataViewType { IsKnownSize: false } && ItemOf(type) is NumberDataViewType or BooleanDataViewType;

    private static bool IsReadAsIs(DataViewType type) =>
        type is TextDataViewType || (type is VectorDataViewType { ItemType: var item } && (item == NumberDataViewType.Single || item == NumberDataViewType.Byte));

    private static DataViewSchema.Column Find(DataViewSchema schema, string name, string property) => schema.GetColumnOrNull(name)
        ?? throw new ArgumentException($"The data has no column '{name}'{NearestName.Question(name, schema.Select(column => column.Name))}. Its columns are: {Names(schema)}.", property)
            .About(column: name);

    private static string Names(DataViewSchema schema)
    {
        List<string> names = [.. schema.Where(column => !column.IsHidden).Select(column => column.Name)];
        return names.Count <= 20 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(20))} and {names.Count - 20} more";
    }
}
