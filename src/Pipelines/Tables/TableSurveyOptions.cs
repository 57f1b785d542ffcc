using Microsoft.ML;
using Sconce.Pipelines.Tables;
using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>What a table is surveyed for.</summary>
public sealed record TableSurveyOptions
{
    /// <summary>The column to predict. Default: <c>Label</c>.</summary>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>Several columns to predict, for <see cref="TableTask.MultiLabel"/>; they replace <see cref="LabelColumnName"/>. Default: null.</summary>
    public IReadOnlyList<string>? LabelColumnNames { get; init; }

    /// <summary>The task. Null, the default, to infer it from the label.</summary>
    public TableTask? Task { get; init; }

    /// <summary>The columns to predict from. Null, the default, for all but the label and <see cref="IgnoredColumnNames"/>.</summary>
    public IReadOnlyList<string>? FeatureColumnNames { get; init; }

    /// <summary>Columns that nothing is learned from, such as weights and groups. Default: none.</summary>
    public IReadOnlyList<string> IgnoredColumnNames { get; init; } = [];

    /// <summary>What the values of columns mean, instead of what they look like. Default: none.</summary>
    public IReadOnlyDictionary<string, TableColumnKind> Kinds { get; init; } = new Dictionary<string, TableColumnKind>();

    /// <summary>The weights of the rows, which are checked. Default: null.</summary>
    public string? ExampleWeightColumnName { get; init; }

    /// <summary>The format of dates in text, which are recognized by it. Default: null, ISO 8601.</summary>
    public string? DateFormat { get; init; }

    /// <summary>The file of the rows, which errors name. Default: null.</summary>
    public string? File { get; init; }

    /// <summary>Stops the survey.</summary>
    public CancellationToken CancellationToken { get; init; }

    internal IReadOnlyList<string> Labels => LabelColumnNames ?? [LabelColumnName];

    /// <exception cref="ArgumentException">A value is not supported, or the data has no such column.</exception>
    internal void Validate(DataViewSchema schema)
    {
        if (LabelColumnNames is { Count: 0 })
            throw new ArgumentException($"{nameof(LabelColumnNames)} is empty; it has to name at least one column, or be null.", nameof(LabelColumnNames));
        if (Task is { } task && !Enum.IsDefined(task))
            throw new ArgumentOutOfRangeException(nameof(Task), $"{nameof(Task)} is {task}; it has to be one of {string.Join(", ", Enum.GetNames<TableTask>())}.");
        foreach (var name in Labels)
            Require(name, LabelColumnNames is null ? nameof(LabelColumnName) : nameof(LabelColumnNames));
        foreach (var name in FeatureColumnNames ?? [])
            Require(name, nameof(FeatureColumnNames));
        foreach (var name in IgnoredColumnNames)
            Require(name, nameof(IgnoredColumnNames));
        foreach (var name in Kinds.Keys)
            Require(name, nameof(Kinds));
        if (ExampleWeightColumnName is { } weight)
            Require(weight, nameof(ExampleWeightColumnName));

        void Require(string name, string property) => TableColumns.Find(schema, name, property, File);
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
