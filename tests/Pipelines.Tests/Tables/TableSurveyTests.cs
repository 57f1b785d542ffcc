using System.Globalization;
using Microsoft.ML;
using Sconce.Tests;

namespace Sconce.Pipelines.Tests.Tables;

public sealed class TableSurveyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Titanics_alive_tells_who_survived_and_nothing_else_does()
    {
        var survey = TableSurvey.Take(_ml.Data.LoadTitanic(), new() { LabelColumnName = "survived" });
        Assert.Equal(891, survey.Rows);
        Assert.Equal(TableTask.Binary, survey.Task);
        Assert.Equal([(TableWarningKind.TellsLabel, "alive")], survey.Warnings.Select(warning => (warning.Kind, warning.Column)));
        Assert.Equal(TableColumnKind.Boolean, survey.Kinds["adult_male"]);
        Assert.Equal(TableColumnKind.Number, survey.Kinds["age"]);
        Assert.Equal(TableColumnKind.Category, survey.Kinds["deck"]);
        Assert.DoesNotContain("survived", survey.Kinds.Keys);
        var age = survey.Columns.Single(column => column.Name == "age");
        Assert.Equal((0.42, 28, 80, 88), (Math.Round(age.Minimum!.Value, 2), age.Median!.Value, age.Maximum!.Value, age.Distinct));
        Assert.Equal(177.0 / 891, age.MissingShare, 12);
    }

    [Fact]
    public void Penguins_have_three_species_and_nothing_wrong()
    {
        var survey = TableSurvey.Take(_ml.Data.LoadPenguins(), new() { LabelColumnName = "species" });
        Assert.Equal((344L, TableTask.Multiclass), (survey.Rows, survey.Task));
        Assert.Empty(survey.Warnings);
    }

    [Theory]
    [InlineData("customer", TableWarningKind.Identifier, null)]
    [InlineData("row", TableWarningKind.Identifier, null)]
    [InlineData("same", TableWarningKind.Constant, null)]
    [InlineData("none", TableWarningKind.Missing, null)]
    [InlineData("day", TableWarningKind.DateAsText, 1L)]
    [InlineData("weight", TableWarningKind.NumberAsText, 1L)]
    [InlineData("price", TableWarningKind.NumberAsText, 3L)]
    [InlineData("mixed", TableWarningKind.MixedTypes, 18L)]
    [InlineData("zip", TableWarningKind.LeadingZeros, 1L)]
    [InlineData("copy", TableWarningKind.TellsLabel, null)]
    [InlineData("score", TableWarningKind.TellsLabel, null)]
    [InlineData("many", TableWarningKind.ManyCategories, null)]
    [InlineData("fine", null, null)]
    [InlineData("iso", null, null)]
    public void What_looks_wrong_is_said_once(string column, TableWarningKind? kind, long? row)
    {
        var random = new Random(3);
        var lines = Enumerable.Range(0, 400).Select(i =>
        {
            var label = random.Next(2);
            var cells = new Dictionary<string, string>
            {
                ["customer"] = $"c-{random.NextInt64():x}",
                ["row"] = $"{i + 1}",
                ["same"] = "x",
                ["none"] = "",
                ["day"] = $"{1 + i % 28}.{1 + i % 12}.2024",
                ["weight"] = $"{random.Next(50, 99)} kg",
                ["price"] = i < 2 ? "900" : $"\"1,{random.Next(100, 999)}\"",
                ["mixed"] = i == 17 ? "twelve" : $"{random.Next(30)}",
                ["zip"] = $"0{random.Next(100, 130)}",
                ["copy"] = label == 1 ? "yes" : "no",
                ["score"] = (label + random.NextDouble() * 0.9).ToString(CultureInfo.InvariantCulture),
                ["many"] = $"m{(i < 300 ? i : random.Next(300))}",
                ["fine"] = i % 9 == 0 ? "" : $"{random.Next(100)}",
                ["iso"] = $"2024-01-{1 + random.Next(28):00}",
                ["label"] = $"{label}",
            };
            return $"{cells[column]},{cells["label"]}";
        });
        var survey = Survey($"{column},label\n{string.Join('\n', lines)}\n");
        var found = survey.Warnings.SingleOrDefault();
        Assert.Equal((kind, kind is null ? null : column, row), (found?.Kind, found?.Column, found?.Row));
    }

    [Theory]
    [InlineData("true,false", TableTask.Binary)]
    [InlineData("yes,no", TableTask.Binary)]
    [InlineData("1,0", TableTask.Binary)]
    [InlineData("a,b,c", TableTask.Multiclass)]
    [InlineData("1,2,3", TableTask.Multiclass)]
    [InlineData("1.5,2,3", TableTask.Regression)]
    public void The_label_says_the_task(string values, TableTask task)
    {
        var labels = values.Split(',');
        Assert.Equal(task, Survey(Table(Enumerable.Range(0, 60).Select(i => labels[i % labels.Length]))).Task);
    }

    [Fact]
    public void Many_whole_numbers_are_a_regression() => Assert.Equal(TableTask.Regression, Survey(Table(Enumerable.Range(0, 60).Select(i => $"{i % 30}"))).Task);

    [Theory]
    [InlineData("1,,3,", null, 2L, "2 of 4")]
    [InlineData("a,a,a", null, 1L, "'a'")]
    [InlineData("a,b,c", TableTask.Multiclass, 1L, "'a'")]
    [InlineData("a,b,c,a", TableTask.Binary, 3L, "'c'")]
    [InlineData("1,2,x,4", TableTask.Regression, 3L, "'x'")]
    [InlineData("1.5,2,3,1.5", TableTask.Multiclass, 1L, "decimals")]
    [InlineData("1,2,1e300", TableTask.Regression, 3L, "Single")]
    [InlineData("1,2,3,4,5,6,7,8,9,10,11,oops", null, 12L, "'oops'")]
    public void A_label_that_does_not_fit_is_refused(string values, TableTask? task, long row, string fact)
    {
        var error = Assert.Throws<InvalidDataException>(() => Survey(Table(values.Split(',')), task));
        var facts = ErrorFacts.Of(error);
        // What would help, besides correcting the row: leaving it out, or another task.
        var property = values.Contains(",,", StringComparison.Ordinal) ? "OnError" : fact == "'oops'" ? nameof(TableSurveyOptions.Task) : null;
        Assert.Equal(("label", row, "table.csv", property), (facts.Column, facts.Row, facts.File, facts.Property));
        Assert.Contains(fact, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_labels_are_truth_values()
    {
        TableSurvey Take(string table) => TableSurvey.Take(Load(table), new() { LabelColumnNames = ["a", "b"] });
        Assert.Equal(TableTask.MultiLabel, Take("x,a,b\n1,true,1\n2,false,0\n").Task);
        var facts = ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => Take("x,a,b\n1,true,1\n2,false,2\n")));
        Assert.Equal(("b", 2L, nameof(TableSurveyOptions.LabelColumnNames)), (facts.Column, facts.Row, facts.Property));
    }

    [Fact]
    public void Unknown_columns_are_refused_with_the_nearest_name()
    {
        var data = _ml.Data.LoadPenguins();
        foreach (var (options, property) in new[]
        {
            (new TableSurveyOptions { LabelColumnName = "speces" }, nameof(TableSurveyOptions.LabelColumnName)),
            (new TableSurveyOptions { LabelColumnName = "species", IgnoredColumnNames = ["iland"] }, nameof(TableSurveyOptions.IgnoredColumnNames)),
            (new TableSurveyOptions { LabelColumnName = "species", FeatureColumnNames = ["iland"] }, nameof(TableSurveyOptions.FeatureColumnNames)),
            (new TableSurveyOptions { LabelColumnName = "species", Kinds = new Dictionary<string, TableColumnKind> { ["sx"] = TableColumnKind.Category } }, nameof(TableSurveyOptions.Kinds)),
        })
        {
            var error = Assert.Throws<ArgumentException>(() => TableSurvey.Take(data, options));
            Assert.Equal(property, error.ParamName);
            Assert.Contains("did you mean", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Kinds_that_are_given_replace_what_values_look_like()
    {
        var survey = TableSurvey.Take(_ml.Data.LoadTitanic(), new()
        {
            LabelColumnName = "survived",
            Kinds = new Dictionary<string, TableColumnKind> { ["pclass"] = TableColumnKind.Category },
            IgnoredColumnNames = ["alive"],
        });
        Assert.Equal(TableColumnKind.Category, survey.Kinds["pclass"]);
        Assert.Empty(survey.Warnings);
    }

    [Fact]
    public void A_million_categories_are_counted_in_bounded_memory()
    {
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 1_000_000).Select(i => new Wide { Name = $"n{i}", Label = i % 3 == 0 }));
        GC.Collect();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var survey = TableSurvey.Take(data, new());
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 10_000_000);
        Assert.InRange(survey.Columns[0].Distinct, 970_000, 1_030_000);
        Assert.Equal(TableWarningKind.Identifier, survey.Warnings.Single().Kind);
    }

    private static string Table(IEnumerable<string> labels) => $"x,label\n{string.Concat(labels.Select((label, i) => $"{i * 7 % 5},{label}\n"))}";

    private TableSurvey Survey(string table, TableTask? task = null) => TableSurvey.Take(Load(table), new() { LabelColumnName = "label", Task = task, File = "table.csv" });

    private IDataView Load(string table)
    {
        var path = _folder.PathOf("table.csv");
        File.WriteAllText(path, table);
        return _ml.Data.LoadRows(path, new() { IsTable = true, HasHeader = true });
    }

    private sealed class Wide
    {
        public string Name { get; set; } = "";

        public bool Label { get; set; }
    }
}
