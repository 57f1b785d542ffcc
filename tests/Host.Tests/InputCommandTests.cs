using System.Globalization;
using System.Text.Json;
using Microsoft.ML;

namespace Sconce.Host.Tests;

/// <summary>Files of rows from the command line: whatever is scored can be trained on, evaluated and encoded too.</summary>
public sealed class InputCommandTests(SmallMnist mnist)
{
    /// <summary>Pixels as a vector: of bytes in Parquet, of numbers in CSV.</summary>
    [Theory]
    [InlineData("digits.parquet")]
    [InlineData("digits.csv")]
    public void Images_in_files_of_rows_are_trained_on_evaluated_and_scored(string name)
    {
        var (train, test, model, scores) = (Digits("train", name), Digits("test", name), mnist.Path($"{name}.zip"), mnist.Path($"scores-{name}"));
        var trained = Json("train", "cnn", "--input", train, "--test-input", test, "--shape", "28x28", "--epochs", "2", "--batch-size", "50", "--output", model);
        Assert.Equal(SmallMnist.TrainRows, trained.GetProperty("trainingRows").GetInt32());
        var accuracy = trained.GetProperty("accuracy").GetDouble();
        Assert.InRange(accuracy, 0.6, 1);

        Assert.Equal(accuracy, Json("evaluate", model, "--input", test).GetProperty("accuracy").GetDouble(), 9);
        var scored = Json("score", model, test, "--output", scores, "--columns", "PredictedLabel", "--evaluate");
        Assert.Equal(accuracy, scored.GetProperty("comparison").GetProperty("accuracy").GetDouble(), 9);
    }

    /// <summary>A column for each pixel, by any name, as data sets from elsewhere have them: they are put into one vector, and found again by their names.</summary>
    [Fact]
    public void A_table_with_a_class_is_trained_on_by_its_columns()
    {
        var (table, shuffled, model) = (mnist.Path("points.csv"), mnist.Path("points-shuffled.tsv"), mnist.Path("points.zip"));
        var rows = Points(300);
        File.WriteAllLines(table, rows.Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.A},{row.B},x,{row.Big},{row.Kind}")).Prepend("a,b,note,big,kind"));
        File.WriteAllLines(shuffled, rows.Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.Kind}\t{row.Big}\t{row.B}\t{row.A}")).Prepend("kind\tbig\tb\ta"));
        var trained = Json("train", "dense", "--input", table, "--label-column", "kind", "--hidden-sizes", "16", "--epochs", "40", "--batch-size", "20", "--output", model);
        Assert.InRange(trained.GetProperty("accuracy").GetDouble(), 0.9, 1);

        var evaluated = Json("evaluate", model, "--input", shuffled);
        Assert.InRange(evaluated.GetProperty("accuracy").GetDouble(), 0.9, 1);
        Assert.Equal(["far", "near"], evaluated.GetProperty("classes").EnumerateArray().Select(each => each.GetProperty("name").GetString()));
        Assert.Equal(evaluated.GetProperty("accuracy").GetDouble(), Json("score", model, shuffled, "--output", mnist.Path("points-scores.csv"), "--evaluate", "--label", "kind").GetProperty("comparison").GetProperty("accuracy").GetDouble(), 9);
        // Of two columns the third is not missed.
        Assert.InRange(Json("train", "dense", "--input", table, "--label-column", "kind", "--feature-columns", "a,b", "--epochs", "20", "--output", model).GetProperty("accuracy").GetDouble(), 0.8, 1);
        Assert.InRange(Json("cross-validate", "dense", "--input", table, "--label-column", "kind", "--folds", "3", "--epochs", "20").GetProperty("meanAccuracy").GetDouble(), 0.8, 1);
    }

    [Fact]
    public void A_number_is_predicted_and_measured()
    {
        var (table, model, run) = (mnist.Path("numbers.csv"), mnist.Path("numbers.zip"), mnist.Path("numbers-run"));
        File.WriteAllLines(table, Points(400).Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.A},{row.B},{1000 + 300 * row.A - 200 * row.B}")).Prepend("a,b,price"));
        var trained = Json("train", "dense", "--task", "regression", "--input", table, "--label-column", "price", "--epochs", "60", "--batch-size", "20", "--run", run, "--output", model);
        Assert.InRange(trained.GetProperty("rSquared").GetDouble(), 0.95, 1);
        var evaluated = Json("evaluate", model, "--input", table);
        Assert.InRange(evaluated.GetProperty("rSquared").GetDouble(), 0.95, 1);
        Assert.Equal(400, evaluated.GetProperty("rows").GetInt32());
        Assert.Equal(evaluated.GetProperty("meanAbsoluteError").GetDouble(), Json("score", model, table, "--output", mnist.Path("numbers-scores.csv"), "--evaluate", "--label", "price").GetProperty("comparison").GetProperty("meanAbsoluteError").GetDouble(), 1e-3);
        var page = mnist.Path("numbers.html");
        Assert.Equal(0, Cli.Run("report", run, "--output", page).ExitCode);
        foreach (var part in (string[])["root mean squared error", "R²", "Worst mistakes"])
            Assert.Contains(part, System.Net.WebUtility.HtmlDecode(File.ReadAllText(page)), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_are_compressed_and_encoded()
    {
        var (train, model, codes) = (Digits("train", "rows.parquet"), mnist.Path("rows-autoencoder.zip"), mnist.Path("rows-codes.csv"));
        var trained = Json("train", "autoencoder", "--input", train, "--feature-columns", "Image", "--code-size", "5", "--steps", "40", "--output", model);
        Assert.InRange(trained.GetProperty("meanSquaredError").GetDouble(), 0.001, 0.1);
        Assert.Equal(SmallMnist.TestRows, Json("encode", model, Digits("test", "rows.parquet"), "--output", codes).GetProperty("rows").GetInt32());
        Assert.Equal("Code.0,Code.1,Code.2,Code.3,Code.4", File.ReadLines(codes).First());
    }

    /// <summary>ML.NET's evaluator would leave the row out, and the accuracy would be better than it is.</summary>
    [Fact]
    public void Rows_of_an_unknown_class_count_as_wrong()
    {
        var (table, test, strangers, model) = (mnist.Path("known.csv"), mnist.Path("unknown.csv"), mnist.Path("strangers.csv"), mnist.Path("known.zip"));
        var rows = Points(100).Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.A},{row.B},{row.Kind}")).ToList();
        File.WriteAllLines(table, rows.Prepend("a,b,Label"));
        File.WriteAllLines(test, [.. rows.Prepend("a,b,Label"), "0.1,0.1,elsewhere", "0.1,0.2,elsewhere", "0.1,0.3,"]);
        File.WriteAllLines(strangers, ["a,b,Label", "0.1,0.1,elsewhere"]);
        var trained = Json("train", "dense", "--input", table, "--test-input", test, "--epochs", "5", "--output", model);
        var known = Json("evaluate", model, "--input", table).GetProperty("accuracy").GetDouble();
        var evaluated = Json("evaluate", model, "--input", test);
        Assert.Equal(known * 100 / 102, evaluated.GetProperty("accuracy").GetDouble(), 9);
        Assert.Equal((102, 2, 1), (evaluated.GetProperty("rows").GetInt32(), evaluated.GetProperty("unknownRows").GetInt32(), evaluated.GetProperty("unlabeledRows").GetInt32()));
        Assert.Equal(known * 100 / 102, trained.GetProperty("accuracy").GetDouble(), 9);
        var scored = Json("score", model, test, "--output", mnist.Path("unknown-scores.csv"), "--evaluate");
        Assert.Equal(known * 100 / 102, scored.GetProperty("comparison").GetProperty("accuracy").GetDouble(), 9);
        var refused = Cli.Run("evaluate", model, "--input", strangers);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("'elsewhere'", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_that_are_not_finite_are_refused_by_file_and_row_or_skipped()
    {
        var (table, model) = (mnist.Path("gaps.csv"), mnist.Path("gaps.zip"));
        var rows = Points(80).Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.A},{row.B},{row.A + row.B}")).ToList();
        File.WriteAllLines(table, [.. rows.Prepend("a,b,Label"), "0.1,,0.3", "0.1,0.2,NaN"]);
        string[] train = ["train", "dense", "--task", "regression", "--input", table, "--steps", "2", "--output", model];
        var refused = Cli.Run(train);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains(table, refused.Error, StringComparison.Ordinal);
        Assert.Contains("81", refused.Error, StringComparison.Ordinal);
        Json([.. train, "--on-error", "skip", "--test-input", table]);
        // The row without a feature is skipped; that without a label is not measured.
        Assert.Equal(80, Json("evaluate", model, "--input", table, "--on-error", "skip").GetProperty("rows").GetInt32());
    }

    [Fact]
    public void Labels_that_are_all_the_same_have_no_explained_variance()
    {
        var (table, model) = (mnist.Path("constant.csv"), mnist.Path("constant.zip"));
        File.WriteAllLines(table, Points(40).Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.A},{row.B},0.1")).Prepend("a,b,Label"));
        Assert.Equal("NaN", Json("train", "dense", "--task", "regression", "--input", table, "--steps", "2", "--output", model).GetProperty("rSquared").GetString());
        Assert.Equal("NaN", Json("evaluate", model, "--input", table).GetProperty("rSquared").GetString());
        Assert.Equal("NaN", Json("score", model, table, "--output", mnist.Path("constant-scores.csv"), "--evaluate").GetProperty("comparison").GetProperty("rSquared").GetString());
    }

    [Theory]
    [InlineData("--shape", "--shape", "3x3")]
    [InlineData("--feature-columns", "--feature-columns", "a,Label")]
    [InlineData("--task", "--steps", "2")]
    public void What_cannot_be_learned_is_refused_by_its_option(string option, params string[] options)
    {
        var table = mnist.Path("refused.csv");
        File.WriteAllLines(table, Points(40).Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.A},{row.B},{row.A + 0.5}")).Prepend("a,b,Label"));
        var run = Cli.Run(["train", "dense", "--input", table, "--output", mnist.Path("unused.zip"), .. options]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(option, run.Error, StringComparison.Ordinal);
    }

    /// <summary>A folder or a pattern may name the output too.</summary>
    [Fact]
    public void Codes_do_not_replace_the_rows_that_they_are_made_of()
    {
        var (folder, model) = (mnist.Path("own-input"), mnist.Path("own-input.zip"));
        var table = Path.Combine(Directory.CreateDirectory(folder).FullName, "rows.csv");
        File.WriteAllLines(table, Points(40).Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.A},{row.B},{row.Big}")).Prepend("a,b,c"));
        Json("train", "autoencoder", "--input", table, "--code-size", "2", "--steps", "2", "--output", model);
        var before = File.ReadAllText(table);
        foreach (var input in (string[])[table, folder, Path.Combine(folder, "*.csv")])
        {
            foreach (var arguments in (string[][])[[input], ["--input", input]])
            {
                var run = Cli.Run(["encode", model, .. arguments, "--output", table]);
                Assert.Equal(2, run.ExitCode);
                Assert.Contains("rows.csv", run.Error, StringComparison.Ordinal);
            }
        }

        Assert.Equal(before, File.ReadAllText(table));
        Assert.Equal(40, Json("encode", model, folder, "--output", mnist.Path("own-codes.csv")).GetProperty("rows").GetInt32());
    }

    /// <summary>The file is not there: whoever looked for it would say so.</summary>
    [Theory]
    [InlineData("--learning-rate is 0", "--learning-rate", "0")]
    [InlineData("--hidden-sizes is 0", "--hidden-sizes", "0")]
    [InlineData("--shape is '28x'", "--shape", "28x")]
    [InlineData("--delimiter is 'ab'", "--delimiter", "ab")]
    [InlineData("--input-format is 'xls'", "--input-format", "xls")]
    [InlineData("--input cannot be combined with --data", "--data", "x")]
    [InlineData("--images cannot be combined with --input", "--images", "x")]
    [InlineData("--color needs --images", "--color")]
    [InlineData("--test-input cannot be combined with --test-fraction", "--test-input", "x", "--test-fraction", "0.5")]
    public void Options_are_checked_before_files_are_opened(string said, params string[] options)
    {
        var run = Cli.Run(["train", "dense", "--input", mnist.Path("nowhere.csv"), "--output", mnist.Path("unused.zip"), .. options]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--label-column needs --input", "--label-column", "x")]
    [InlineData("--test-fraction needs --input or --images", "--test-fraction", "0.5")]
    [InlineData("--task regression needs --input", "--task", "regression")]
    public void Options_of_files_need_files(string said, params string[] options)
    {
        var run = Cli.Run(["train", "dense", "--output", mnist.Path("unused.zip"), .. options]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_that_is_not_there_is_named_with_those_that_are()
    {
        File.WriteAllText(mnist.Path("few.csv"), "a,kind\n1,x\n2,y\n3,x\n");
        foreach (var (said, options) in ((string, string[])[])[("'Label'", []), ("'knd' (did you mean 'kind'?)", ["--label-column", "knd"]), ("'b'", ["--label-column", "kind", "--feature-columns", "a,b"])])
        {
            var run = Cli.Run(["train", "dense", "--input", mnist.Path("few.csv"), "--output", mnist.Path("unused.zip"), .. options]);
            Assert.NotEqual(0, run.ExitCode);
            Assert.Contains(said, run.Error, StringComparison.Ordinal);
            Assert.Contains("a, kind", run.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_model_of_a_table_is_not_evaluated_on_digits()
    {
        var (table, model) = (mnist.Path("other.csv"), mnist.Path("other.zip"));
        File.WriteAllLines(table, Points(60).Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.A},{row.Kind}")).Prepend("a,Label"));
        Json("train", "dense", "--input", table, "--steps", "2", "--output", model);
        var run = Cli.Run("evaluate", model);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--input", run.Error, StringComparison.Ordinal);
    }

    private static JsonElement Json(params string[] arguments)
    {
        var run = Cli.Run([.. arguments, "--json"]);
        Assert.True(run.ExitCode == 0, run.Error);
        return JsonDocument.Parse(run.Output).RootElement;
    }

    private static List<Point> Points(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(_ => new Point(Math.Round(random.NextDouble() * 2 - 1, 3), Math.Round(random.NextDouble() * 2 - 1, 3)))];
    }

    private string Digits(string part, string name)
    {
        var path = mnist.Path($"{part}-{name}");
        if (File.Exists(path))
            return path;
        var ml = new MLContext();
        var (train, test) = ml.Data.LoadMnist(mnist.Data);
        ml.Data.SaveRows(part == "train" ? train : test, path);
        return path;
    }

    private sealed record Point(double A, double B)
    {
        public string Big => (1e6 * A).ToString(CultureInfo.InvariantCulture);

        public string Kind => A + B > 0 ? "far" : "near";
    }
}
