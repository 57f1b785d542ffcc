using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Files.Rows;
using Sconce.Trainers;
using Sconce.Trainers.Model;

namespace Sconce.Pipelines.Scoring;

/// <summary>The columns that a model reads, and its output columns that are written.</summary>
internal sealed class ScoringPlan
{
    /// <summary>The usual output columns of ML.NET's trainers.</summary>
    private static readonly string[] _usualColumns = ["PredictedLabel", "Score", "Probability"];

    private readonly IReadOnlyList<DataViewSchema.Column> _absent;
    private readonly IReadOnlyList<int> _finite;
    private readonly int _features;

    /// <param name="model">The model.</param>
    /// <param name="columns">The output columns to write; null for those of its last network or trainer.</param>
    /// <param name="keep">The columns of the input to keep.</param>
    /// <param name="label">The column that scores are compared with; null for none.</param>
    /// <exception cref="ArgumentException">The model has no such output column, its type cannot be written, or a column is named twice.</exception>
    /// <exception cref="InvalidDataException">The model reads a column that files cannot have.</exception>
    public ScoringPlan(ModelFile model, IReadOnlyList<string>? columns = null, IReadOnlyList<string>? keep = null, string? label = null)
    {
        Model = model;
        ScoresRowsApart = PipelineSteps.ScoreRowsApart(model.Transformer);
        ReadsSeries = PipelineSteps.Of(model.Transformer).OfType<ForecastTransformer>().Any();
        var output = model.Transformer.GetOutputSchema(model.InputSchema);
        var results = ResultsOf(model.Transformer, model.InputSchema, output);
        Columns = columns ?? results;
        Keep = keep?.Select(name => name.Length == 0 ? FieldBinding.Unnamed : name).ToList()
            ?? (model.Images is { } images ? [images.PathColumnName] : (IReadOnlyList<string>)[]);
        foreach (var name in Columns)
            Check(output, name);
        List<string> scores = [.. results.Where(name => IsReal(output[name].Type))];
        HashSet<string> made = [.. Columns.Where(name => scores.Contains(name) || (IsReal(output[name].Type) && model.InputSchema.GetColumnOrNull(name) is null))];
        // A label that was chosen by a score that is not finite is arbitrary. A score that is written shows this itself.
        Scored = [.. Columns, .. !ReadsSeries && Columns.Any(name => results.Contains(name) && !scores.Contains(name)) ? scores.Except(Columns) : []];
        _finite = ReadsSeries ? [] : [.. Enumerable.Range(0, Scored.Count).Where(i => i >= Columns.Count || made.Contains(Scored[i]))];
        foreach (var (names, option) in ((IReadOnlyList<string>, string)[])[(Columns, nameof(Columns)), (Keep, nameof(Keep))])
        {
            if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Skip(1).Any()) is { Key: var again })
            {
                throw new ArgumentException($"{option} names the column '{again}' more than once; each column can be written only once.")
                    .About(property: option, column: again);
            }
        }

        if (Keep.FirstOrDefault(Columns.Contains) is { } twice)
        {
            throw new ArgumentException($"Keep names the column '{twice}', which is also an output of the model. Remove it from Keep or from Columns.")
                .About(property: nameof(Keep), column: twice);
        }

        var needed = FindNeeded();
        _absent = [.. model.InputSchema.Where(column => !needed.Contains(column.Name))];
        var finite = model.Scorers.Select(step => step.Scorer.Input.Name).ToHashSet();
        List<RequestedColumn> requested = [.. model.InputSchema.Where(column => needed.Contains(column.Name)).DistinctBy(column => column.Name)
            .Select(column => new RequestedColumn(column.Name, Readable(column)) { Annotations = column.Annotations, IsFinite = finite.Contains(column.Name) })];
        _features = requested.Count;
        if (label is not null)
            requested.Add(new RequestedColumn(label, TextDataViewType.Instance) { Role = ColumnRole.Label, IsRequired = label != FileScoringOptions.UsualLabel });
        Label = label;
        requested.AddRange(Keep.Select(name => new RequestedColumn(name, null) { Role = ColumnRole.Kept }));
        Request = new RowRequest(requested) { Reader = $"'{model.Path}'" };
    }

    public ModelFile Model { get; }

    /// <summary>The model's columns that are written, in order.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>The model's columns that are computed: those that are written, followed by scores that only have to be finite.</summary>
    public IReadOnlyList<string> Scored { get; }

    /// <summary>The input's columns that are written before them.</summary>
    public IReadOnlyList<string> Keep { get; }

    /// <summary>The column that scores are compared with; null for none.</summary>
    public string? Label { get; }

    /// <summary>The columns that are read from files: the model's columns, the label, and the kept columns.</summary>
    public RowRequest Request { get; }

    /// <summary>Whether rows are scored independently, so that batches can be scored in parallel.</summary>
    public bool ScoresRowsApart { get; }

    /// <summary>Whether the model reads all rows before it scores the first, so that all are held in memory.</summary>
    public bool ReadsSeries { get; }

    /// <summary>The same plan for a model with the same columns.</summary>
    public ScoringPlan For(ITransformer other) => new(ModelFile.Of(Model.Path, other, Model.InputSchema), Columns, Keep, Label);

    /// <summary>Runs the model on the columns of <see cref="Request"/>.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="first">The number of the first row, for the model's messages.</param>
    public IDataView Transform(IDataView rows, long first = 0) =>
        UnsplitRows.Read(Model.Transformer.Transform(UnsplitRows.Mark(_absent.Count == 0 ? rows : new DefaultColumnsView(rows, _absent), first)));

    /// <summary>The columns of a batch that the model reads.</summary>
    public DataViewSchema FeaturesOf(DataViewSchema read) => Schema(read.Take(_features));

    /// <summary>The columns that are written.</summary>
    /// <param name="read">The columns that are read.</param>
    public DataViewSchema SchemaOf(DataViewSchema read)
    {
        var scored = Transform(new RowBatchView(new RowBatch(read, 0), FeaturesOf(read))).Schema;
        return Schema(read.TakeLast(Keep.Count).Concat(CursorBatches.SchemaOf(Columns.Select(name => scored[name]))));
    }

    /// <summary>Joins the kept columns and the scores of rows.</summary>
    /// <param name="read">The rows as they were read.</param>
    /// <param name="scores">The same number of rows of <see cref="Scored"/>.</param>
    public RowBatch Join(RowBatch read, RowBatch scores) =>
        new(Schema(read.Schema.TakeLast(Keep.Count).Concat(scores.Schema.Take(Columns.Count))), [.. read.Columns.TakeLast(Keep.Count), .. scores.Columns.Take(Columns.Count)], read);

    /// <summary>The columns of scores that are written.</summary>
    public DataViewSchema Written(DataViewSchema scores) => Schema(scores.Take(Columns.Count));

    /// <summary>Names the score of a row that is not finite; null if all are.</summary>
    /// <param name="scores">Rows of <see cref="Scored"/>.</param>
    /// <param name="row">The row.</param>
    public string? FindNonFinite(RowBatch scores, int row)
    {
        foreach (var column in _finite)
        {
            if (scores.Columns[column].NonFiniteIn(row) is { } value)
                return string.Create(CultureInfo.InvariantCulture, $"'{Model.Path}' computes '{scores.Columns[column].Name}' as {value}, which is not finite");
        }

        return null;
    }

    /// <summary>The labels of a batch; null without a label.</summary>
    public FixedValues<ReadOnlyMemory<char>>? LabelsOf(RowBatch read) => Label is null ? null : (FixedValues<ReadOnlyMemory<char>>)read.Columns[_features];

    private static DataViewSchema Schema(IEnumerable<DataViewSchema.Column> columns) => RequestedColumn.SchemaOf(columns.Select(RequestedColumn.Of));

    /// <summary>The names of the output columns of a model's last network or trainer; of a model without one, of all columns that it adds.</summary>
    public static List<string> ResultsOf(ITransformer model, DataViewSchema input, DataViewSchema output)
    {
        if (PipelineSteps.Of(model).OfType<ScoringTransformer>().LastOrDefault() is { } last)
            return [.. last.Scorer.Columns.Select(column => column.Name)];
        List<string> made = [.. output.Where(column => !column.IsHidden && input.GetColumnOrNull(column.Name) is null).Select(column => column.Name)];
        List<string> usual = [.. _usualColumns.Where(made.Contains)];
        return usual.Count > 0 ? usual : made;
    }

    private void Check(DataViewSchema output, string name)
    {
        var visible = output.Where(column => !column.IsHidden).Select(column => column.Name).ToList();
        var column = output.GetColumnOrNull(name)
            ?? throw new ArgumentException($"'{Model.Path}' has no output column '{name}'{NearestName.Question(name, visible)}. Its columns are: {string.Join(", ", visible)}.")
                .About(property: nameof(Columns), file: Model.Path, column: name);
        if (((column.Type as VectorDataViewType)?.ItemType ?? column.Type) is not PrimitiveDataViewType)
        {
            throw new ArgumentException(
                $"Column '{name}' of '{Model.Path}' has the type {column.Type}, which cannot be written to a file. Numbers, text, Booleans, dates, and vectors of them can.")
                .About(property: nameof(Columns), file: Model.Path, column: name);
        }
    }

    private static bool IsReal(DataViewType type) => ((type as VectorDataViewType)?.ItemType ?? type) is NumberDataViewType { RawType: var raw } && (raw == typeof(float) || raw == typeof(double));

    private HashSet<string> FindNeeded() => Model.Transformer.IsRowToRowMapper
        ? PipelineSteps.ColumnsNeeded(Model.Transformer, Model.InputSchema, Scored)
        : [.. Model.InputSchema.Select(column => column.Name)];

    private DataViewType Readable(DataViewSchema.Column column) => ((column.Type as VectorDataViewType)?.ItemType ?? column.Type) is PrimitiveDataViewType
        ? column.Type
        : throw new InvalidDataException(
            $"'{Model.Path}' needs the column '{column.Name}' of type {column.Type}, which no file format supports. Save the model with the steps that create this column from files, such as ml.Transforms.LoadImages.")
            .About(file: Model.Path, column: column.Name);
}
