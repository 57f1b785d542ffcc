using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using Sconce.Core.Errors;
using Sconce.Host.Commands;

namespace Sconce.Host;

/// <summary>Finds what is wrong with a command line, and says it in one sentence.</summary>
internal static class Usage
{
    /// <summary>
    /// Has a command, and those below it, read numbers in the same way everywhere, and run validators only where every option has a value:
    /// of one that has none they cannot ask for it.
    /// </summary>
    public static void Guard(Command command)
    {
        foreach (var option in command.Options)
            NumberOptions.MakeInvariant(option);
        for (var i = 0; i < command.Validators.Count; i++)
        {
            var validate = command.Validators[i];
            command.Validators[i] = result =>
            {
                // Without it the parser goes on to the options, and says of which the value is wrong.
                if (result.Children.OfType<OptionResult>().All(HasValue))
                    validate(result);
            };
        }

        foreach (var below in command.Subcommands)
            Guard(below);
    }

    /// <summary>Has an option of an enum, nullable or not, take the names of its values, in lower case, and nothing else: a number is a value of any enum for .NET.</summary>
    public static Option<T> AcceptNames<T>(this Option<T> option)
    {
#pragma warning disable CA1308 // The help has them in lower case.
        option.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, [.. Enum.GetNames(Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T)).Select(name => name.ToLowerInvariant())]);
#pragma warning restore CA1308
        return option;
    }

    /// <summary>Says what is wrong; null where nothing is.</summary>
    public static string? FindMistake(ParseResult parsed)
    {
        // Who asks for help gets it.
        if (parsed.Errors.Count == 0 && parsed.Action != parsed.CommandResult.Command.Action)
            return null;
        if (FindUnknownOption(parsed) is { } unknown)
            return $"Unrecognized option '{unknown}'{NearestName.Question(unknown, OptionsOf(parsed.CommandResult))}.";
        // A shell's variable that is not set is seldom what was meant.
        if (FindEmptyOption(parsed.CommandResult) is { } empty)
            return $"{empty} is empty; a value is expected.";
        // A misspelt command is said to be unknown, not only to be missing.
        return parsed.Errors.OrderByDescending(problem => parsed.UnmatchedTokens.Any(problem.Message.Contains)).Select(Sentence).FirstOrDefault();
    }

    private static bool HasValue(OptionResult option)
    {
        try
        {
            option.GetValueOrDefault<object?>();
            return true;
        }
        catch (InvalidOperationException)
        {
            // The parser tells it in no other way before it has seen to all options.
            return false;
        }
    }

    /// <summary>What was meant as an option is taken for an argument by the parser, where a command takes any number of those.</summary>
    private static string? FindUnknownOption(ParseResult parsed)
    {
        if (parsed.Tokens.Any(token => token.Type == TokenType.DoubleDash))
            return null;
        // A text may begin with anything.
        var arguments = parsed.CommandResult.Children.OfType<ArgumentResult>().Where(result => result.Argument != TranslateCommand.Texts).SelectMany(result => result.Tokens).Select(token => token.Value);
        var unknown = parsed.UnmatchedTokens.Concat(arguments).FirstOrDefault(value => value is ['-', _, ..] && !Path.Exists(value));
        return unknown?.Split('=', ':')[0];
    }

    private static string? FindEmptyOption(CommandResult? result) => result is null ? null
        : result.Children.OfType<OptionResult>().FirstOrDefault(option => option.Tokens.Any(token => token.Value.Length == 0))?.Option.Name ?? FindEmptyOption(result.Parent as CommandResult);

    private static IEnumerable<string> OptionsOf(CommandResult? result, bool isBelow = false) => result is null ? [] : result.Command.Options
        .Where(option => option.Recursive || !isBelow)
        .Select(option => option.Name)
        .Concat(OptionsOf(result.Parent as CommandResult, isBelow: true));

    private static string Sentence(ParseError problem)
    {
        var result = problem.SymbolResult as OptionResult ?? problem.SymbolResult?.Parent as OptionResult;
        var wrong = result?.Tokens.FirstOrDefault(token => problem.Message.Contains($"'{token.Value}'", StringComparison.Ordinal));
        return wrong is not null && Expected(result!.Option) is { } expected ? $"{result.Option.Name} is '{wrong.Value}'; {expected} is expected." : problem.Message.ReplaceLineEndings(" ");
    }

    private static string? Expected(Option option)
    {
        var words = option.GetCompletions(CompletionContext.Empty).Select(word => word.Label).ToList();
        var type = option.ValueType.GetElementType() ?? option.ValueType;
        return words.Count > 0 ? $"one of {string.Join(", ", words.Select(word => word.Any(char.IsLetterOrDigit) ? word : $"'{word}'"))}"
            : type == typeof(int) || type == typeof(int?) ? $"a whole number, at most {int.MaxValue},"
            : type == typeof(double) || type == typeof(double?) ? "a number"
            : null;
    }
}
