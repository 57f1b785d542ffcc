using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using Sconce.Core.Errors;
using Sconce.Host.Commands;

namespace Sconce.Host;

/// <summary>Finds the error in a command line.</summary>
internal static class Usage
{
    /// <summary>Makes a command and its subcommands read numbers in the invariant culture, and run validators only if every option has a value, as they could not read it otherwise.</summary>
    public static void Guard(Command command)
    {
        foreach (var option in command.Options)
            NumberOptions.MakeInvariant(option);
        for (var i = 0; i < command.Validators.Count; i++)
        {
            var validate = command.Validators[i];
            command.Validators[i] = result =>
            {
                // Otherwise the parser reports which option lacks a value.
                if (result.Children.OfType<OptionResult>().All(HasValue))
                    validate(result);
            };
        }

        foreach (var below in command.Subcommands)
            Guard(below);
    }

    /// <summary>Restricts an option to the names of an enum's values, <c>as-saved</c>, or run together as earlier versions had them, <c>assaved</c>.</summary>
    /// <param name="option">The option.</param>
    /// <param name="values">The values that it takes; none for all.</param>
    public static Option<Word<T>> AcceptNames<T>(this Option<Word<T>> option, params T[] values)
        where T : struct, Enum
    {
        var words = (values.Length > 0 ? values : Enum.GetValues<T>()).Select(value => new Word<T>(value)).ToList();
        option.CompletionSources.Clear();
        option.CompletionSources.Add([.. words.Select(word => word.ToString())]);
        option.CustomParser = result =>
        {
            var given = result.Tokens[0].Value;
            var found = words.FindIndex(word => given.Equals($"{word}", StringComparison.OrdinalIgnoreCase) || given.Equals($"{word.Value}", StringComparison.OrdinalIgnoreCase));
            if (found < 0)
                result.AddError($"'{given}' is not one of the names.");
            return found < 0 ? default : words[found];
        };
        return option;
    }

    /// <summary>Describes the error; null if there is none.</summary>
    public static string? FindMistake(ParseResult parsed)
    {
        // Help is shown even if there are errors.
        if (parsed.Errors.Count == 0 && parsed.Action != parsed.CommandResult.Command.Action)
            return null;
        if (FindUnknownOption(parsed) is { } unknown)
            return $"Unrecognized option '{unknown}'{NearestName.Question(unknown, OptionsOf(parsed.CommandResult))}.";
        // Most likely an unset shell variable.
        if (FindEmptyOption(parsed.CommandResult) is { } empty)
            return $"{empty} is empty; a value is expected.";
        var commands = parsed.CommandResult.Command.Subcommands;
        if (commands.Count > 0)
        {
            return parsed.UnmatchedTokens is [var command, ..]
                ? $"Unrecognized command '{command}'{NearestName.Question(command, commands.Select(below => below.Name))}."
                : $"A command is required: {string.Join(", ", commands.Select(below => below.Name))}.";
        }

        return parsed.Errors.Select(Sentence).FirstOrDefault();
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
            // The parser has no other way to tell before all options are converted.
            return false;
        }
    }

    /// <summary>The parser takes a mistyped option for an argument if the command accepts any number of arguments.</summary>
    private static string? FindUnknownOption(ParseResult parsed)
    {
        if (parsed.Tokens.Any(token => token.Type == TokenType.DoubleDash))
            return null;
        // A text to translate may start with anything.
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
