using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Sconce.Core.Errors;
using Sconce.Pipelines.Catalog;
using Sconce.Pipelines.Tables;
using Sconce.Trainers;
using Sconce.Trainers.Model;

namespace Sconce.Pipelines;

/// <summary>The pipeline from the columns of a table to a trainer: missing values, numbers, categories, dates, truth values and text, all fitted on the training rows alone.</summary>
/// <remarks>A label that rows to score do not have is skipped, so that the fitted pipeline scores them as they are.</remarks>
public sealed class TablePipeline
{
    private const int WordBits = 7;

    private readonly MLContext _ml;
    private readonly DataViewSchema _schema;
    private readonly TablePipelineOptions _options;
    private readonly List<IEstimator<ITransformer>> _steps = [];
    private readonly HashSet<string> _made = new(StringComparer.Ordinal);
    private readonly List<string> _keys = [];

    private TablePipeline(MLContext ml, DataViewSchema schema, TablePipelineOptions options) => (_ml, _schema, _options) = (ml, schema, options);

    /// <summary>Creates the pipeline.</summary>
    /// <param name="ml">The context to train with.</param>
    /// <param name="schema">The columns of the table.</param>
    /// <param name="options">What is predicted, and from what.</param>
    /// <exception cref="ArgumentException">A column is missing or has a type that cannot be read, or an option has an unsupported value.</exception>
    /// <example>
    /// <code>
    /// var titanic = ml.Data.LoadTitanic();
    /// var model = TablePipeline.Create(ml, titanic.Schema, new() { LabelColumnName = "survived", IgnoredColumnNames = ["alive"] }).Fit(titanic);
    /// </code>
    /// </example>
    public static IEstimator<ITransformer> Create(MLContext ml, DataViewSchema schema, TablePipelineOptions options)
    {
        ArgumentNullException.ThrowIfNull(ml);
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return new TablePipeline(ml, schema, options).Create();
    }

    private EstimatorChain<ITransformer> Create()
    {
        var label = AddLabel();
        var weight = AddWeight();
        var features = AddFeatures();
        if (_options.CombinesFeatures)
            features = [Combine(features)];
        var columns = new TableTrainerColumns(label, features, weight);
        var chain = new EstimatorChain<ITransformer>();
        foreach (var step in _steps)
            chain = chain.Append(step);
        return chain.Append(_options.CreateTrainer?.Invoke(columns) ?? Tabular(columns));
    }

    private TorchEstimator Tabular(TableTrainerColumns columns)
    {
        if (_options.Task == TableTask.Regression)
        {
            return _ml.Regression.Trainers.TabularNetwork(new()
            {
                LabelColumnName = columns.Label,
                FeatureColumnNames = columns.Features,
                ExampleWeightColumnName = columns.Weight,
                Quantiles = _options.Quantiles,
            });
        }

        var options = new TabularNetwork.Options
        {
            LabelColumnName = columns.Label,
            FeatureColumnNames = columns.Features,
            ExampleWeightColumnName = columns.Weight,
            ClassWeights = _options.ClassWeights,
        };
        return _options.Task == TableTask.Multiclass ? _ml.MulticlassClassification.Trainers.TabularNetwork(options) : _ml.BinaryClassification.Trainers.TabularNetwork(options);
    }

    private string AddLabel()
    {
        if (_options.LabelColumnNames is { } several)
        {
            foreach (var name in several)
                AddIfThere(_ml.Transforms.MapBoolean(name), Find(name, nameof(_options.LabelColumnNames)).Name);
            if (_schema.GetColumnOrNull(_options.LabelColumnName) is not null)
                throw new ArgumentException($"{nameof(_options.LabelColumnName)} is '{_options.LabelColumnName}', which the table has already; the labels together need a name of their own.", nameof(_options.LabelColumnName)).About(column: _options.LabelColumnName);
            AddIfThere(_ml.Transforms.Concatenate(_options.LabelColumnName, [.. several]), several[0]);
            return _options.LabelColumnName;
        }

        var label = Find(_options.LabelColumnName, nameof(_options.LabelColumnName));
        switch (_options.Task)
        {
            case TableTask.Binary:
                AddIfThere(_ml.Transforms.MapBoolean(label.Name, positiveValue: _options.PositiveValue), label.Name);
                break;
            case TableTask.Multiclass when label.Type is not KeyDataViewType:
                AddIfThere(new WholeClasses(_ml.Transforms.Conversion.MapValueToKey(label.Name, keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue), label.Name), label.Name);
                break;
            case TableTask.Regression when label.Type is not NumberDataViewType:
                throw new ArgumentException($"The label '{label.Name}' has the type {label.Type}; regression needs a number.", nameof(_options.LabelColumnName)).About(column: label.Name);
            case TableTask.Regression when label.Type != NumberDataViewType.Single:
                AddIfThere(_ml.Transforms.Conversion.ConvertType(label.Name, outputKind: DataKind.Single), label.Name);
                break;
            case TableTask.MultiLabel when label.Type is not VectorDataViewType { ItemType: BooleanDataViewType, IsKnownSize: true }:
                throw new ArgumentException($"The label '{label.Name}' has the type {label.Type}; several labels need a vector of Booleans, or the names of several columns.", nameof(_options.LabelColumnName)).About(column: label.Name);
        }

        return label.Name;
    }

    private string? AddWeight()
    {
        if (_options.ExampleWeightColumnName is not { } name)
            return null;
        var type = Find(name, nameof(_options.ExampleWeightColumnName)).Type;
        if (type is not NumberDataViewType)
            throw new ArgumentException($"The weight '{name}' has the type {type}; a number is needed.", nameof(_options.ExampleWeightColumnName)).About(column: name);
        if (type != NumberDataViewType.Single)
            AddIfThere(_ml.Transforms.Conversion.ConvertType(name, outputKind: DataKind.Single), name);
        return name;
    }

    private List<string> AddFeatures()
    {
        HashSet<string> others = [.. _options.Labels, .. _options.ExampleWeightColumnName is { } weight ? (string[])[weight] : [], .. _options.IgnoredColumnNames];
        List<DataViewSchema.Column> columns = _options.FeatureColumnNames is { } named
            ? [.. named.Select(name => Find(name, nameof(_options.FeatureColumnNames)))]
            : [.. _schema.Where(column => !column.IsHidden && !others.Contains(column.Name))];
        if (columns.Find(column => _options.Labels.Contains(column.Name)) is { Name: { } label })
            throw new ArgumentException($"{nameof(_options.FeatureColumnNames)} includes the label '{label}', which the network has to predict. Leave it out.", nameof(_options.FeatureColumnNames)).About(column: label);
        if (columns.Count == 0)
            throw new ArgumentException($"No feature is left besides the label '{_options.Labels[0]}'.", nameof(_options.FeatureColumnNames));
        foreach (var name in _options.Kinds.Keys)
            Find(name, nameof(_options.Kinds));

        List<string> features = [];
        var sources = new Dictionary<string, NumberSource>(StringComparer.Ordinal);
        foreach (var column in columns)
        {
            if (column.Type is KeyDataViewType or VectorDataViewType { ItemType: KeyDataViewType })
                _keys.Add(column.Name);
            // Such as embeddings, or keys that an earlier step made; the trainer checks them.
            if (column.Type is KeyDataViewType or VectorDataViewType)
            {
                features.Add(column.Name);
                continue;
            }

            switch (KindOf(column))
            {
                case TableColumnKind.Category:
                    var key = Free($"{column.Name} (category)");
                    _steps.Add(_ml.Transforms.MapCategories(key, column.Name, _options.Categories));
                    features.Add(key);
                    _keys.Add(key);
                    break;
                case TableColumnKind.Text when column.Type is not TextDataViewType:
                    throw new ArgumentException($"Column '{column.Name}' has the type {column.Type}, which is not text.", nameof(_options.Kinds)).About(column: column.Name);
                case TableColumnKind.Text:
                    var words = Free($"{column.Name} (words)");
                    _steps.Add(_ml.Transforms.Text.NormalizeText(words, column.Name));
                    _steps.Add(_ml.Transforms.Text.ProduceHashedWordBags(words, words, numberOfBits: WordBits, ngramLength: 1));
                    features.Add(words);
                    break;
                case var kind:
                    sources.Add(column.Name, kind switch { TableColumnKind.Boolean => NumberSource.Boolean, TableColumnKind.Date => NumberSource.Date, _ => NumberSource.Number });
                    break;
            }
        }

        if (sources.Count > 0)
        {
            var numbers = Free("Numbers");
            _steps.Add(_ml.Transforms.MapNumbers(numbers, [.. sources.Keys], new() { Sources = sources, Scaling = _options.Scaling, DateFormat = _options.DateFormat }));
            features.Insert(0, numbers);
        }

        return features;
    }

    /// <summary>One vector of all features, with categories one-hot.</summary>
    private string Combine(List<string> features)
    {
        InputOutputColumnPair[] keys = [.. _keys.Select(name => new InputOutputColumnPair(Free($"{name} one-hot"), name))];
        if (keys.Length > 0)
            _steps.Add(_ml.Transforms.Conversion.MapKeyToVector(keys));
        var hot = keys.ToDictionary(pair => pair.InputColumnName, pair => pair.OutputColumnName, StringComparer.Ordinal);
        var all = Free("Features");
        _steps.Add(_ml.Transforms.Concatenate(all, [.. features.Select(name => hot.GetValueOrDefault(name, name))]));
        return all;
    }

    private TableColumnKind KindOf(DataViewSchema.Column column)
    {
        if (_options.Kinds.TryGetValue(column.Name, out var kind))
            return kind;
        return column.Type switch
        {
            NumberDataViewType => TableColumnKind.Number,
            BooleanDataViewType => TableColumnKind.Boolean,
            DateTimeDataViewType or DateTimeOffsetDataViewType => TableColumnKind.Date,
            TextDataViewType => TableColumnKind.Category,
            var type => throw new ArgumentException($"Column '{column.Name}' has the type {type}; text, a Boolean, a number, or a time is expected. Leave it out.", nameof(_options.FeatureColumnNames)).About(column: column.Name),
        };
    }

    private void AddIfThere(IEstimator<ITransformer> step, string column) => _steps.Add(new OptionalStepEstimator(step, column));

    /// <summary>A name that no column of the table has, and none that was made before.</summary>
    private string Free(string name)
    {
        while (_schema.GetColumnOrNull(name) is not null || !_made.Add(name))
            name = $"_{name}";
        return name;
    }

    private DataViewSchema.Column Find(string name, string property) => TableColumns.Find(_schema, name, property);
}
