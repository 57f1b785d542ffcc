using System.CommandLine;

namespace Sconce.Host.Tests;

/// <summary>Options that are given wrongly, whichever command they are of: one sentence that names the option and what it takes.</summary>
public class OptionTests(SmallMnist mnist)
{
    private static readonly RootCommand _root = CreateRoot();
    private static readonly List<(string[] Path, Option Option)> _all = [.. OptionsOf(_root, [])];

    [Theory]
    [InlineData("--threads is 'x'; a whole number", "score", "m.zip", "in.csv", "--threads", "x")]
    [InlineData("--threads is '99999999999'; a whole number, at most 2147483647", "score", "m.zip", "in.csv", "--threads", "99999999999")]
    [InlineData("--rows-per-part is '1.5'; a whole number", "score", "m.zip", "in.csv", "--rows-per-part", "1.5")]
    [InlineData("--on-error is 'ignore'; one of fail, quarantine, skip", "score", "m.zip", "in.csv", "--on-error", "ignore")]
    [InlineData("--on-error is '2'; one of fail, quarantine, skip", "score", "m.zip", "in.csv", "--on-error", "2")]
    [InlineData("--engine is 'x'; one of assaved, auto, onnx", "score", "m.zip", "in.csv", "--engine", "x")]
    [InlineData("--header is 'maybe'; one of auto, no, yes", "score", "m.zip", "in.csv", "--header", "maybe")]
    [InlineData("--on-error is 'ignore'; one of fail, skip", "evaluate", "m.zip", "--on-error", "ignore")]
    [InlineData("--report-every is 'x'; a whole number", "train", "cnn", "--report-every", "x")]
    [InlineData("--test-share is 'x'; a number is expected", "train", "cnn", "--images", "shapes", "--test-share", "x")]
    [InlineData("--folds is 'x'; a whole number", "cross-validate", "cnn", "--folds", "x")]
    [InlineData("--folds has to be at least 2", "cross-validate", "cnn", "--folds", "1")]
    [InlineData("--count is 'x'; a whole number", "images", "export", "--count", "x")]
    [InlineData("--test-count has to be at least 1", "images", "export", "--test-count", "0")]
    [InlineData("--sizes is 'x'; a whole number", "compare", "compression", "--sizes", "8", "x")]
    public void A_value_that_cannot_be_used_is_named_with_what_is_expected(string said, params string[] arguments) =>
        AssertRefused(said, arguments is ["score", ..] or ["images", ..] ? [.. arguments, "--output", mnist.Path("unused.csv")] : arguments);

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

    [Fact]
    public void An_option_of_an_enum_names_its_words_in_lower_case()
    {
        List<(string[] Path, Option Option)> options = [.. _all.Where(each => (Nullable.GetUnderlyingType(each.Option.ValueType) ?? each.Option.ValueType).IsEnum)];
        Assert.NotEmpty(options);
        foreach (var (path, option) in options)
            Assert.Matches($"^{option.Name} is 'no-such-word'; one of [a-z, ]+ is expected[.]$", Usage.FindMistake(_root.Parse([.. path, option.Name, "no-such-word"])));
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

    private static RootCommand CreateRoot()
    {
        using var interruption = new Interruption();
        return Program.CreateRoot(_ => throw new InvalidOperationException("Nothing is run."), interruption);
    }

    private static void AssertMistake(string[] arguments)
    {
        var mistake = Usage.FindMistake(_root.Parse(arguments));
        Assert.False(string.IsNullOrEmpty(mistake), string.Join(' ', arguments));
        Assert.DoesNotContain('\n', mistake);
        Assert.DoesNotContain("System.", mistake, StringComparison.Ordinal);
    }

    private static IEnumerable<(string[] Path, Option Option)> OptionsOf(Command command, string[] path) => command.Subcommands.Count > 0
        ? command.Subcommands.SelectMany(below => OptionsOf(below, [.. path, below.Name]))
        : command.Options.Where(option => option.Arity.MinimumNumberOfValues > 0).Select(option => (path, option));
}
