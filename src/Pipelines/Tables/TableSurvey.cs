using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Pipelines.Tables;
using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>What was understood of a table before anything is learned from it.</summary>
/// <param name="Rows">The number of rows.</param>
/// <param name="Task">The task.</param>
/// <param name="TaskReason">Why it is this task, as part of a sentence: "the label has two values".</param>
/// <param name="Columns">The features and labels, in the order of the data.</param>
/// <param name="Warnings">What looks wrong.</param>
public sealed record TableSurvey(long Rows, TableTask Task, string TaskReason, IReadOnlyList<TableColumn> Columns, IReadOnlyList<TableWarning> Warnings)
{
    private const int RowsPerCheck = 1_024;
    private const int MostClassesTold = 100;

    /// <summary>What the values of each feature mean, as <c>TablePipelineOptions.Kinds</c> takes it.</summary>
    public IReadOnlyDictionary<string, TableColumnKind> Kinds => Columns.Where(column => !column.IsLabel).ToDictionary(column => column.Name, column => column.Kind);

    /// <summary>The features of which nothing can be learned: identifiers, constants, and those without a value.</summary>
    public IReadOnlyList<string> Useless => UselessOf(Warnings);

    /// <summary>Surveys a table. The data is read twice, and memory does not grow with it.</summary>
    /// <param name="data">The rows. Files are read best with <see cref="Files.LoadRowsOptions.IsTable"/>.</param>
    /// <param name="options">What is predicted.</param>
    /// <exception cref="ArgumentException">The data lacks a column; <see cref="ArgumentException.ParamName"/> is the option that names it.</exception>
    /// <exception cref="InvalidDataException">The label is missing in some rows, constant, or does not fit the task; or a weight is no number of 0 or more, or all are 0. The facts name the row and the column.</exception>
    public static TableSurvey Take(IDataView data, TableSurveyOptions options)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate(data.Schema);
        var labels = options.Labels.ToHashSet(StringComparer.Ordinal);
        var features = options.FeatureColumnNames?.ToHashSet(StringComparer.Ordinal);
        List<ColumnProfile> profiles = [.. data.Schema
            .Where(column => labels.Contains(column.Name) || (!column.IsHidden && !options.IgnoredColumnNames.Contains(column.Name) && features?.Contains(column.Name) != false))
            .Where(column => !column.IsHidden)
            .Select(column => new ColumnProfile(column))];
        Profile(data, profiles, options.CancellationToken);
        if (options.ExampleWeightColumnName is { } weight)
            WeightColumn.Check(data, weight, options.File);
        List<ColumnProfile> targets = [.. options.Labels.Distinct().Select(name => profiles.Single(profile => profile.Column.Name == name))];
        var (task, reason) = new LabelTask(options).Of(targets);
        List<TableWarning> warnings = [];
        List<TableColumn> columns = [];
        foreach (var profile in profiles)
        {
            var isGiven = options.Kinds.TryGetValue(profile.Column.Name, out var kind);
            if (!isGiven && HasDates(profile, options.DateFormat))
                (isGiven, kind) = (true, TableColumnKind.Date);
            kind = isGiven ? kind : profile.Kind;
            columns.Add(Describe(profile, kind, labels.Contains(profile.Column.Name)));
            if (!labels.Contains(profile.Column.Name) && ColumnWarnings.Of(profile, kind, isGiven) is { } warning)
                warnings.Add(warning);
        }

        if (task is TableTask.Binary or TableTask.Multiclass)
            warnings.AddRange(RareClasses(targets[0]));
        var useless = UselessOf(warnings);
        if (targets is [{ Column.Type: not VectorDataViewType } label])
        {
            var asked = profiles.Where(profile => !labels.Contains(profile.Column.Name) && !useless.Contains(profile.Column.Name));
            warnings.AddRange(Tells(data, label, task, [.. asked], options.CancellationToken));
        }

        return new(profiles[0].Rows, task, reason, columns, warnings);
    }

    private static List<string> UselessOf(IEnumerable<TableWarning> warnings) =>
        [.. warnings.Where(warning => warning.Kind is TableWarningKind.Identifier or TableWarningKind.Constant or TableWarningKind.Missing).Select(warning => warning.Column)];

    private static void Profile(IDataView data, List<ColumnProfile> profiles, CancellationToken cancellation)
    {
        using var cursor = data.GetRowCursor(profiles.Select(profile => profile.Column));
        TableCell[] cells = [.. profiles.Select(profile => TableCell.Of(cursor, profile.Column))];
        for (var row = 0L; cursor.MoveNext(); row++)
        {
            if (row % RowsPerCheck == 0)
                cancellation.ThrowIfCancellationRequested();
            for (var i = 0; i < cells.Length; i++)
            {
                cells[i].Read();
                profiles[i].Add(cells[i]);
            }
        }
    }

    /// <summary>Whether the examples of a text column are dates of the user's format.</summary>
    private static bool HasDates(ColumnProfile profile, string? format) => format is not null && profile.Column.Type is TextDataViewType && profile.Examples.Count > 0
        && profile.Examples.All(text => DateTime.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out _));

    private static TableColumn Describe(ColumnProfile profile, TableColumnKind kind, bool isLabel)
    {
        var hasNumbers = profile.IsNumeric && profile.Present > 0;
        return new(profile.Column.Name, profile.Column.Type, kind, profile.Rows == 0 ? 0 : (double)profile.Missing / profile.Rows, profile.Distinct, profile.Examples)
        {
            Minimum = hasNumbers ? profile.Minimum : null,
            Median = hasNumbers ? profile.Median : null,
            Maximum = hasNumbers ? profile.Maximum : null,
            IsLabel = isLabel,
        };
    }

    private static IEnumerable<TableWarning> RareClasses(ColumnProfile label) =>
        (label.Values ?? []).Where(value => value.Value.Count == 1).Select(value => new TableWarning(
            TableWarningKind.RareClass, label.Column.Name,
            string.Create(CultureInfo.InvariantCulture, $"The class '{value.Key}' of '{label.Column.Name}' has a single row, row {value.Value.Row}, so it cannot be measured; add rows, or put it with another class."), value.Value.Row));

    private static List<TableWarning> Tells(IDataView data, ColumnProfile label, TableTask task, List<ColumnProfile> features, CancellationToken cancellation)
    {
        var isNumber = task == TableTask.Regression;
        if (features.Count == 0 || (!isNumber && (label.Values is null || label.Values.Count > MostClassesTold)))
            return [];
        var classes = isNumber ? [] : label.Values!.Keys.Index().ToDictionary(value => value.Item, value => value.Index, StringComparer.Ordinal);
        List<LabelTell> tells = [.. features.Select(feature => new LabelTell(feature, classes.Count))];
        using var cursor = data.GetRowCursor([.. features.Select(feature => feature.Column), label.Column]);
        TableCell[] cells = [.. features.Select(feature => TableCell.Of(cursor, feature.Column))];
        var target = TableCell.Of(cursor, label.Column);
        for (var row = 0L; cursor.MoveNext(); row++)
        {
            if (row % RowsPerCheck == 0)
                cancellation.ThrowIfCancellationRequested();
            target.Read();
            for (var i = 0; i < cells.Length; i++)
            {
                cells[i].Read();
                if (isNumber)
                    tells[i].Add(cells[i], target.Number);
                else if (classes.TryGetValue(target.Text, out var known))
                    tells[i].Add(cells[i], known);
            }
        }

        return [.. features.Zip(tells, (feature, tell) => (feature.Column.Name, Reason: tell.Reason())).Where(tell => tell.Reason is not null)
            .Select(tell => new TableWarning(TableWarningKind.TellsLabel, tell.Name, $"'{tell.Name}' alone {tell.Reason} '{label.Column.Name}'; leave it out unless it is known before the label is."))];
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
