using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Pipelines.Scoring;
using Sconce.Trainers;
using Sconce.Trainers.Model;

namespace Sconce.Pipelines.Explanations;

/// <summary>A model bound to the columns of data that explains it.</summary>
internal sealed class ExplainedModel
{
    private readonly ModelFile _model;
    private readonly DataViewSchema _schema;

    /// <exception cref="NotSupportedException">The model does not score rows independently.</exception>
    /// <exception cref="ArgumentException">The data lacks a column that the model reads.</exception>
    public ExplainedModel(ModelFile model, IDataView data)
    {
        if (!PipelineSteps.ScoreRowsApart(model.Transformer))
            throw new NotSupportedException($"'{model.Path}' does not score each row independently, so its columns cannot be explained.");
        _model = model;
        var absent = model.InputSchema.Where(column => data.Schema.GetColumnOrNull(column.Name) is null).ToList();
        Data = absent.Count == 0 ? data : new DefaultColumnsView(data, absent);
        _schema = Data.Schema;
        Output = model.Transformer.GetOutputSchema(_schema);
        Absent = absent.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        Results = [.. ((IReadOnlyList<string>)[ScoreMetric.Score, "Probability"]).Where(name => Output.GetColumnOrNull(name) is not null)];
        Columns = [.. ColumnsFor(Results)];
        if (Columns.Find(Absent.Contains) is { } lacking)
        {
            var names = data.Schema.Where(column => !column.IsHidden).Select(column => column.Name).ToList();
            throw new ArgumentException($"The data has no column '{lacking}'{NearestName.Question(lacking, names)}, which '{model.Path}' reads. It has: {string.Join(", ", names)}.", nameof(data))
                .About(column: lacking);
        }
    }

    /// <summary>The data, with default values for columns that scoring does not need.</summary>
    public IDataView Data { get; }

    /// <summary>The names of the columns that the data lacks.</summary>
    public IReadOnlySet<string> Absent { get; }

    /// <summary>The columns after scoring.</summary>
    public DataViewSchema Output { get; }

    /// <summary>The names of the scores.</summary>
    public IReadOnlyList<string> Results { get; }

    /// <summary>The names of the columns of the data that the scores are computed from, in the data's order.</summary>
    public List<string> Columns { get; }

    /// <summary>The name of the column that the model learned to predict.</summary>
    public string LabelColumnName => _model.Objective switch
    {
        Classification objective => objective.LabelColumnName,
        BinaryClassification objective => objective.LabelColumnName,
        Regression objective => objective.LabelColumnName,
        _ => FileScoringOptions.UsualLabel,
    };

    /// <summary>The columns of the data that are needed for some of the model's, in the data's order.</summary>
    public IEnumerable<string> ColumnsFor(IEnumerable<string> wanted)
    {
        var needed = PipelineSteps.ColumnsNeeded(_model.Transformer, _schema, wanted);
        return _schema.Where(column => !column.IsHidden && needed.Contains(column.Name)).Select(column => column.Name);
    }

    /// <summary>Reads rows with the columns that some of the model's columns need; the others get default values when they are scored.</summary>
    /// <exception cref="InvalidDataException">There are no rows.</exception>
    public HeldRows Hold(IEnumerable<string> wanted, int? most, int seed)
    {
        var rows = HeldRows.Take(Data, ColumnsFor(wanted), most, seed);
        return rows.Count > 0 ? rows : throw new InvalidDataException("The data has no rows; at least one is needed to explain a model.");
    }

    public IDataView Score(IDataView rows)
    {
        var absent = _schema.Where(column => !column.IsHidden && rows.Schema.GetColumnOrNull(column.Name) is null).ToList();
        return _model.Transformer.Transform(absent.Count == 0 ? rows : new DefaultColumnsView(rows, absent));
    }

    /// <summary>Requires a column among those that the scores are computed from.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public void Require(string name, string option)
    {
        if (!Columns.Contains(name, StringComparer.Ordinal))
        {
            throw new ArgumentException($"'{_model.Path}' reads no column '{name}'{NearestName.Question(name, Columns)}. Its scores are computed from: {string.Join(", ", Columns)}.", option)
                .About(property: option, column: name);
        }
    }
}
