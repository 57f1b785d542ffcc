using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Sconce.Pipelines;
using Sconce.Pipelines.Catalog;
using Sconce.Trainers;

namespace Sconce.Host.Commands.Tables;

/// <summary>The options of commands that learn from a table.</summary>
internal static class TableArguments
{
    private const double DefaultTestShare = 0.2;
    private const string Auto = "auto";
    private const string Tabular = "tabular";

    public static readonly Option<string[]> Label = new("--label") { Description = $"The column to predict; several columns of true and false: A,B. Default: {InputArguments.DefaultLabel}.", AllowMultipleArgumentsPerToken = true };
    public static readonly Option<double> TestShare = new("--test-share") { Description = "The fraction of the rows that is held out for testing, with each class in its share.", DefaultValueFactory = _ => DefaultTestShare };
    public static readonly Option<bool> NoCompare = new("--no-compare") { Description = "Do not train LightGBM for comparison." };

    private static readonly Option<string> _task = new Option<string>("--task")
    {
        Description = "binary: one of two values; multiclass: one of several classes; regression: a number; multilabel: several labels of true and false; auto: inferred from the label.",
        DefaultValueFactory = _ => Auto,
    }.AcceptOnlyFromAmong(Auto, "binary", "multiclass", "regression", "multilabel");

    private static readonly Option<string[]> _features = new("--features") { Description = "The columns to predict from: A,B. Default: all others.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string[]> _ignore = new("--ignore") { Description = "Columns that are not read: A,B.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string[]> _kinds = new("--kinds")
    {
        Description = "What columns hold, if it is not what they look like: zip=category,opened=date. Kinds: number, category, boolean, date, text.",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string?> _weight = new("--weight") { Description = "A column of row weights, 0 or more." };
    private static readonly Option<string?> _group = new("--group") { Description = "A column whose equal values, such as a customer, stay in one part of the split." };
    private static readonly Option<string?> _time = new("--time") { Description = "A column of times or numbers: the latest rows are tested on." };
    private static readonly Option<string?> _positive = new("--positive") { Description = "The value of a binary label that counts as positive. Default: a word for true, the larger number, or the later text." };
    private static readonly Option<string?> _quantiles = new("--quantiles") { Description = "For regression, the quantiles to predict: 0.1,0.5,0.9." };
    private static readonly Option<string> _classWeights = new Option<string>("--class-weights")
    {
        Description = "balanced: every class counts the same, however many rows it has; none: every row counts the same.",
        DefaultValueFactory = _ => "none",
    }.AcceptOnlyFromAmong("balanced", "none");

    public static readonly Option<string> Network = new Option<string>("--network")
    {
        Description = "The network; all but tabular read categories one-hot.",
        DefaultValueFactory = _ => Tabular,
    }.AcceptOnlyFromAmong([.. NetworkRecipe.All.Select(recipe => recipe.Name)]);

    /// <summary>The options that say what is learned from which columns.</summary>
    public static IReadOnlyList<Option> Columns { get; } = [Label, _task, _features, _ignore, _kinds, _weight, _group, _time, _positive, _quantiles, _classWeights];

    /// <summary>Adds the options to a command.</summary>
    public static void AddTo(Command command, params IEnumerable<Option> others)
    {
        foreach (var option in (Option[])[InputArguments.Input, .. InputArguments.Reading, ImageArguments.OnError, .. Columns, Network, .. others])
            command.Add(option);
        command.Validators.Add(Validate);
    }

    /// <summary>The network that was chosen.</summary>
    public static NetworkRecipe RecipeOf(ParseResult result) => NetworkRecipe.All.First(recipe => recipe.Name == result.GetValue(Network));

    /// <summary>The labels.</summary>
    public static IReadOnlyList<string> LabelsOf(ParseResult result) => InputArguments.Names(result.GetValue(Label)) is { Count: > 0 } names ? names : [InputArguments.DefaultLabel];

    /// <summary>What the survey is asked.</summary>
    public static TableSurveyOptions SurveyOf(ParseResult result, CancellationToken cancellation)
    {
        var labels = LabelsOf(result);
        return new()
        {
            LabelColumnName = labels[0],
            LabelColumnNames = labels.Count > 1 ? labels : null,
            Task = result.GetValue(_task) is { } task && task != Auto ? Enum.Parse<TableTask>(task, ignoreCase: true) : null,
            FeatureColumnNames = InputArguments.Names(result.GetValue(_features)),
            IgnoredColumnNames = [.. InputArguments.Names(result.GetValue(_ignore)) ?? [], .. Others(result)],
            Kinds = KindsOf(result),
            ExampleWeightColumnName = result.GetValue(_weight),
            DateFormat = InputArguments.ReadingOf(result, default).DateTimeFormat,
            CancellationToken = cancellation,
        };
    }

    /// <summary>How the table becomes the input of a trainer.</summary>
    public static TablePipelineOptions PipelineOf(ParseResult result, TableSurvey survey)
    {
        var labels = LabelsOf(result);
        return new()
        {
            Task = survey.Task,
            LabelColumnName = labels.Count > 1 ? "Labels" : labels[0],
            LabelColumnNames = labels.Count > 1 ? labels : null,
            FeatureColumnNames = [.. survey.Columns.Where(column => !column.IsLabel && !survey.Useless.Contains(column.Name)).Select(column => column.Name)],
            ExampleWeightColumnName = result.GetValue(_weight),
            Kinds = survey.Kinds,
            PositiveValue = result.GetValue(_positive),
            ClassWeights = result.GetValue(_classWeights) == "balanced" ? ClassWeights.Balanced : null,
            Quantiles = result.GetValue(_quantiles) is { } quantiles ? Numbers(quantiles) : null,
            DateFormat = InputArguments.ReadingOf(result, default).DateTimeFormat,
        };
    }

    /// <summary>How the rows are split.</summary>
    public static TableSplitOptions SplitOf(ParseResult result, TableSurvey survey, CancellationToken cancellation)
    {
        var (group, time) = (result.GetValue(_group), result.GetValue(_time));
        return new()
        {
            TestShare = result.GetResult(TestShare) is null ? DefaultTestShare : result.GetValue(TestShare),
            StratifyColumnName = survey.Task == TableTask.MultiLabel || group is not null || time is not null ? null : LabelsOf(result)[0],
            GroupColumnName = group,
            TimeColumnName = time,
            Seed = result.GetValue(TrainingArguments.Seed),
            CancellationToken = cancellation,
        };
    }

    /// <summary>The column of groups; null for none.</summary>
    public static string? GroupOf(ParseResult result) => result.GetValue(_group);

    private static IEnumerable<string> Others(ParseResult result) => ((string?[])[result.GetValue(_weight), result.GetValue(_group)]).OfType<string>();

    private static Dictionary<string, TableColumnKind> KindsOf(ParseResult result) => (InputArguments.Names(result.GetValue(_kinds)) ?? []).Select(KindOf)
        .ToDictionary(kind => kind!.Value.Name, kind => kind!.Value.Kind, StringComparer.Ordinal);

    /// <summary>Reads NAME=KIND; the name may contain =. Null for anything else.</summary>
    private static (string Name, TableColumnKind Kind)? KindOf(string text) =>
        text.LastIndexOf('=') is > 0 and var end && Enum.TryParse<TableColumnKind>(text[(end + 1)..].Trim(), ignoreCase: true, out var kind) && !char.IsDigit(text[end + 1])
            ? (text[..end].Trim(), kind)
            : null;

    private static double[]? Numbers(string text)
    {
        var numbers = text.Split(',').Select(each => double.TryParse(each, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN).ToArray();
        return numbers.Any(double.IsNaN) ? null : numbers;
    }

    private static void Validate(CommandResult result)
    {
        if (result.GetResult(InputArguments.Input) is null)
            result.AddError($"{InputArguments.Input.Name} is needed: the files of the table.");
        InputArguments.ValidateReading(result);
        if (result.GetResult(_group) is not null && result.GetResult(_time) is not null)
            result.AddError($"{_group.Name} cannot be combined with {_time.Name}.");
        string[] labels = [.. InputArguments.Names(result.GetValue(Label)) ?? [InputArguments.DefaultLabel]];
        if (InputArguments.Names(result.GetValue(_features))?.FirstOrDefault(labels.Contains) is { } label)
            result.AddError($"{_features.Name} has '{label}', which is the label; leave it out.");
        if (result.GetResult(TestShare) is { Implicit: false } && result.GetValue(TestShare) is <= 0 or >= 1)
            result.AddError($"{TestShare.Name} has to be more than 0 and less than 1.");
        if (result.GetValue(_quantiles) is { } quantiles && Numbers(quantiles) is null)
            result.AddError($"{_quantiles.Name} is '{quantiles}'; numbers separated by commas are expected: 0.1,0.5,0.9.");
        var names = (InputArguments.Names(result.GetValue(_kinds)) ?? []).ToList();
        if (names.Find(text => KindOf(text) is null) is { } wrong)
            result.AddError($"{_kinds.Name} has '{wrong}'; NAME=KIND is expected, with the kind number, category, boolean, date or text.");
        else if (names.GroupBy(text => KindOf(text)!.Value.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Skip(1).Any()) is { Key: var twice })
            result.AddError($"{_kinds.Name} names the column '{twice}' twice.");
    }
}
