using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using Sconce.Host.Commands;
using Sconce.Trainers;

namespace Sconce.Host.Tests;

/// <summary>Options that are given wrongly, whichever command they are of: one sentence that names the option and what it takes.</summary>
public class OptionTests(SmallMnist mnist)
{
    private static readonly RootCommand _root = Program.Root;
    private static readonly List<(string[] Path, Option Option)> _all = [.. OptionsOf(_root, [])];

    [Theory]
    [InlineData("--threads is 'x'; a whole number", "score", "m.zip", "in.csv", "--threads", "x")]
    [InlineData("--threads is '99999999999'; a whole number, at most 2147483647", "score", "m.zip", "in.csv", "--threads", "99999999999")]
    [InlineData("--rows-per-part is '1.5'; a whole number", "score", "m.zip", "in.csv", "--rows-per-part", "1.5")]
    [InlineData("--on-error is 'ignore'; one of fail, quarantine, skip", "score", "m.zip", "in.csv", "--on-error", "ignore")]
    [InlineData("--on-error is '2'; one of fail, quarantine, skip", "score", "m.zip", "in.csv", "--on-error", "2")]
    [InlineData("--engine is 'x'; one of as-saved, auto, onnx", "score", "m.zip", "in.csv", "--engine", "x")]
    [InlineData("--engine is 'a-s-saved'; one of as-saved, auto, onnx", "score", "m.zip", "in.csv", "--engine", "a-s-saved")]
    [InlineData("--on-error is 's-k-i-p'; one of fail, quarantine, skip", "score", "m.zip", "in.csv", "--on-error", "s-k-i-p")]
    [InlineData("--header is 'maybe'; one of auto, no, yes", "score", "m.zip", "in.csv", "--header", "maybe")]
    [InlineData("--decimal-marker is ';'; one of ',', '.'", "score", "m.zip", "in.csv", "--decimal-marker", ";")]
    [InlineData("--on-error is 'ignore'; one of fail, skip", "evaluate", "m.zip", "--on-error", "ignore")]
    [InlineData("--report-every is 'x'; a whole number", "train", "cnn", "--report-every", "x")]
    [InlineData("--test-fraction is 'x'; a number is expected", "train", "cnn", "--images", "shapes", "--test-fraction", "x")]
    [InlineData("--folds is 'x'; a whole number", "cross-validate", "cnn", "--folds", "x")]
    [InlineData("--folds has to be at least 2", "cross-validate", "cnn", "--folds", "1")]
    [InlineData("--count is 'x'; a whole number", "images", "export", "--count", "x")]
    [InlineData("--test-count has to be at least 1", "images", "export", "--test-count", "0")]
    [InlineData("--folds has to be at most 1000", "cross-validate", "cnn", "--folds", "100000")]
    [InlineData("--lengths is 99999999; it has to be at most 10000", "explain", "gradients", "--lengths", "10", "99999999")]
    [InlineData("--trials is 2000000000; it has to be at most 10000", "tune", "cnn", "--trials", "2000000000")]
    [InlineData("--run is '..', which is not a name", "train", "cnn", "--run", "..")]
    [InlineData("--run is '.', which is not a name", "train", "cnn", "--run", ".")]
    [InlineData("--run is ' ', which is not a name", "train", "cnn", "--run", " ")]
    [InlineData("--name is '..', which is not a name", "tune", "cnn", "--name", "..")]
    [InlineData("--columns names no column", "score", "m.zip", "in.csv", "--columns", ",")]
    [InlineData("--autoencoder-epochs has to be at least 1", "compare", "compression", "--autoencoder-epochs", "0")]
    [InlineData("--epochs is 0; it has to be at least 1", "compare", "compression", "--epochs", "0")]
    [InlineData("--sizes is 'x'; a whole number", "compare", "compression", "--sizes", "8", "x")]
    public void A_value_that_cannot_be_used_is_named_with_what_is_expected(string said, params string[] arguments) =>
        AssertRefused(said, arguments is ["score", ..] or ["images", ..] ? [.. arguments, "--output", mnist.Path("unused.csv")] : arguments);

    [Theory]
    [InlineData("as-saved")]
    [InlineData("As-Saved")]
    [InlineData("assaved")]
    [InlineData("AsSaved")]
    public void A_word_of_an_enumeration_is_in_kebab_case_or_run_together(string word) =>
        Assert.Empty(_root.Parse(["score", "m.zip", "in.csv", "--output", "out.csv", "--engine", word]).Errors);

    /// <summary>Every option of every command; a validator that asked for a value that is not there would throw.</summary>
    [Fact]
    public void An_option_without_a_value_or_with_too_many_is_wrong_usage()
    {
        Assert.True(_all.Count > 100, $"Only {_all.Count} options were found.");
        foreach (var (path, option) in _all)
        {
            AssertMistake([.. path, option.Name]);
            if (option.Arity.MaximumNumberOfValues == 1)
                AssertMistake([.. path, option.Name, "1", option.Name, "2"]);
            if (option.ValueType != typeof(string) && option.ValueType != typeof(string[]))
                AssertMistake([.. path, option.Name, "no-such-word"]);
        }
    }

    /// <summary>Of a number with a comma .NET makes one without: 0,05 would be 5.</summary>
    [Fact]
    public void Numbers_are_the_same_in_every_culture_and_have_no_thousands_separators()
    {
        using var german = new CommaCulture();
        List<(string[] Path, Option Option)> numbers = [.. _all.Where(each => IsNumeric(each.Option))];
        Assert.True(numbers.Count > 60, $"Only {numbers.Count} options of numbers were found.");
        foreach (var (path, option) in numbers)
        {
            foreach (var value in (string[])["0,05", "1,000", "1.000,5", "1 000"])
                Assert.StartsWith($"{option.Name} is '{value}'; ", Usage.FindMistake(_root.Parse([.. path, option.Name, value, .. Has(path, "--output") ? (string[])["--output", "x"] : []])), StringComparison.Ordinal);
        }

        var parsed = _root.Parse(["train", "cnn", "--learning-rate", "0.05", "--epochs", "3"]);
        Assert.Empty(parsed.Errors);
        Assert.Equal((0.05, 3, 1), (parsed.GetValue<double?>("--learning-rate"), parsed.GetValue<int?>("--epochs"), parsed.GetValue<int>("--seed")));
    }

    [Fact]
    public void An_empty_value_is_wrong_usage()
    {
        foreach (var (path, option) in _all)
            Assert.Equal($"{option.Name} is empty; a value is expected.", Usage.FindMistake(_root.Parse([.. path, option.Name, ""])));
    }

    /// <summary>Neither the folder of the data nor the file of the images is there: whoever looked for them would say so.</summary>
    [Fact]
    public void A_number_that_makes_no_sense_is_told_by_its_option_before_any_data_is_read()
    {
        foreach (var (path, option) in _all.Where(each => each.Path[0] is "train" or "tune" or "cross-validate" && IsNumeric(each.Option) && each.Option.Name is not ("--seed" or "--minimum" or "--maximum")))
        {
            string[] data = path[^1] == "table" ? ["--input", mnist.Path("nowhere")] : Has(path, "--data") && option.Name != "--test-fraction" ? ["--data", mnist.Path("nowhere")] : [];
            string[] needed = option.Name switch
            {
                "--test-fraction" => ["--input", mnist.Path("nowhere")],
                "--checkpoint-every" => ["--run", mnist.Path("no-run")],
                "--validate-every" => ["--patience", "1"],
                _ => [],
            };
            AssertRefused(option.Name, [.. path, option.Name, "-1", .. data, .. needed, .. Has(path, "--output") ? (string[])["--output", mnist.Path("unused.zip")] : []]);
        }
    }

    [Fact]
    public void Defaults_are_no_wrong_usage()
    {
        foreach (var path in _all.Select(each => string.Join(' ', each.Path)).Distinct().Where(path => path.StartsWith("cross-validate", StringComparison.Ordinal) || path.StartsWith("compare", StringComparison.Ordinal)))
            Assert.Null(Usage.FindMistake(_root.Parse(path.EndsWith("table", StringComparison.Ordinal) ? $"{path} --input x" : path)));
    }

    [Fact]
    public void An_autoencoder_preset_keeps_what_was_not_given()
    {
        var preset = new Autoencoder.Options
        {
            Loss = ReconstructionLoss.BinaryCrossEntropy,
            Network = new() { TiedWeights = true, Noise = 0.3, SparsityWeight = 0.01, VariationalWeight = 0.5 },
        };
        Assert.Equal(Values(preset), Values(TrainAutoencoderCommand.Apply(_root.Parse("train autoencoder"), preset)));
        var given = TrainAutoencoderCommand.Apply(_root.Parse("train autoencoder --loss squared-error --tied false --noise 0 --sparsity 0.1 --variational 1"), preset);
        Assert.Equal((ReconstructionLoss.MeanSquaredError, false, 0, 0.1, 1), Values(given));

        static (ReconstructionLoss, bool, double, double, double?) Values(Autoencoder.Options options) =>
            (options.Loss, options.Network.TiedWeights, options.Network.Noise, options.Network.SparsityWeight, options.Network.VariationalWeight);
    }

    [Fact]
    public void An_option_of_an_enum_has_words_in_kebab_case_and_takes_them_run_together()
    {
        List<(string[] Path, Option Option)> options = [.. _all.Where(each => each.Option.ValueType is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(Word<>))];
        Assert.NotEmpty(options);
        foreach (var (path, option) in options)
        {
            Assert.Matches($"^{option.Name} is 'no-such-word'; one of [a-z, -]+ is expected[.]$", Usage.FindMistake(_root.Parse([.. path, option.Name, "no-such-word"])));
            foreach (var word in option.GetCompletions(CompletionContext.Empty).Select(completion => completion.Label))
            {
                foreach (var given in (string[])[word, word.Replace("-", "", StringComparison.Ordinal)])
                    Assert.Equal(word, $"{_root.Parse([.. path, option.Name, given]).GetResult(option)!.GetValueOrDefault<object>()}");
            }
        }
    }

    [Theory]
    [InlineData("Unrecognized option '--bogus'.", "score", "m.zip", "in.csv", "-o", "out.csv", "--bogus")]
    [InlineData("Unrecognized option '--bogus'.", "score", "m.zip", "in.csv", "--bogus=3", "-o", "out.csv")]
    [InlineData("Unrecognized option '--on-eror' (did you mean '--on-error'?).", "score", "m.zip", "in.csv", "-o", "out.csv", "--on-eror", "skip")]
    [InlineData("Unrecognized option '--forse' (did you mean '--force'?).", "score", "m.zip", "--watch", "inbox", "-o", "outbox", "--forse")]
    [InlineData("Unrecognized option '-x'.", "score", "m.zip", "in.csv", "-o", "out.csv", "-x")]
    [InlineData("Unrecognized option '--jsn' (did you mean '--json'?).", "evaluate", "m.zip", "--jsn")]
    [InlineData("Unrecognized option '--optimiser' (did you mean '--optimizer'?).", "train", "cnn", "--optimiser", "adam")]
    [InlineData("Unrecognized option '--ouput' (did you mean '--output'?).", "report", "m.zip", "--ouput", "x")]
    public void A_mistyped_option_is_no_argument(string said, params string[] arguments) => AssertRefused(said, arguments);

    [Fact]
    public void What_follows_two_dashes_is_an_argument()
    {
        var run = Cli.Run("score", mnist.Model, "--output", mnist.Path("dashes.csv"), "--", "--bogus");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("There is no input file '--bogus'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_is_given_whatever_else_is_wrong()
    {
        var run = Cli.Run("score", "--help", "--bogus", "--threads", "x");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("<fail|quarantine|skip>", run.Output, StringComparison.Ordinal);
    }

    private static void AssertRefused(string said, string[] arguments)
    {
        var run = Cli.Run(arguments);
        Assert.True(run.ExitCode == Program.WrongUsage, $"{string.Join(' ', arguments)}: exit code {run.ExitCode}, {run.Error}");
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.DoesNotContain("System.", run.Error, StringComparison.Ordinal);
    }

    private static bool Has(string[] path, string name) => _all.Exists(each => each.Path.SequenceEqual(path) && each.Option.Name == name);

    private static bool IsNumeric(Option option)
    {
        var type = option.ValueType.GetElementType() ?? Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
        return type == typeof(int) || type == typeof(double);
    }

    private static void AssertMistake(string[] arguments)
    {
        var mistake = Usage.FindMistake(_root.Parse(arguments));
        Assert.False(string.IsNullOrEmpty(mistake), string.Join(' ', arguments));
        Assert.DoesNotContain('\n', mistake);
        Assert.DoesNotContain("System.", mistake, StringComparison.Ordinal);
    }

    /// <summary>A culture of decimal commas, until it is disposed; the program itself knows none but the invariant one.</summary>
    private sealed class CommaCulture : IDisposable
    {
        private readonly CultureInfo _before = CultureInfo.CurrentCulture;

        public CommaCulture()
        {
            var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            (culture.NumberFormat.NumberDecimalSeparator, culture.NumberFormat.NumberGroupSeparator) = (",", ".");
            CultureInfo.CurrentCulture = culture;
        }

        public void Dispose() => CultureInfo.CurrentCulture = _before;
    }

    private static IEnumerable<(string[] Path, Option Option)> OptionsOf(Command command, string[] path) => command.Subcommands.Count > 0
        ? command.Subcommands.SelectMany(below => OptionsOf(below, [.. path, below.Name]))
        : command.Options.Where(option => option.Arity.MinimumNumberOfValues > 0).Select(option => (path, option));
}
