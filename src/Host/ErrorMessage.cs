using System.CommandLine;
using System.Reflection;
using Sconce.Files;

namespace Sconce.Host;

/// <summary>An exception as shown to the user: one line about the cause, in terms of the command line.</summary>
/// <param name="Text">The sentences.</param>
/// <param name="IsUsage">Whether the command line is wrong.</param>
internal sealed record ErrorMessage(string Text, bool IsUsage)
{
    /// <param name="exception">The exception.</param>
    /// <param name="command">The command that was run: only its own options are named.</param>
    public static ErrorMessage Of(Exception exception, Command command)
    {
        var cause = CauseOf(exception);
        var facts = ErrorFacts.Of(cause);
        var text = cause.Message;
        // .NET appends the parameter's name, which means nothing to the user.
        if (cause is ArgumentException { ParamName: { } parameter })
            text = text.Replace($" (Parameter '{parameter}')", "", StringComparison.Ordinal);
        text = text.ReplaceLineEndings(" ");
        // A file's columns and types, which the library's users declare, are not an option; the columns to write are.
        if (facts is { Property: nameof(LoadRowsOptions.Columns), File: not null })
            facts = facts with { Property = null };
        // Checks add to the name what the limit depends on: "CodeSize, for rows of 784 values,".
        var property = facts.Property?.Split(',')[0];
        var option = property is { Length: > 0 } ? OptionNames.Of(property, command) : null;
        if (option is not null)
            text = OptionNames.Put(text, property!, option);
        if (facts.Row is not null)
            text = OptionNames.PutReading(text, command);
        var isUsage = cause is UsageException || cause is ArgumentException && option is not null;
        // A hint at an option that the message already names is redundant.
        var named = option is not null && text.Contains(option, StringComparison.Ordinal) ? option : null;
        return new(ErrorHints.Of(facts, command) is { } hint && (named is null || !hint.Contains(named, StringComparison.Ordinal)) ? $"{Sentence(text)} {hint}" : text, isUsage);
    }

    /// <summary>
    /// What was thrown first: reflection, static constructors, and ML.NET's reading threads wrap it in exceptions that do not describe it. Of
    /// exceptions within one another, the one with facts does.
    /// </summary>
    public static Exception CauseOf(Exception exception) =>
        ErrorFacts.BearerOf(exception) is { } bearer ? bearer
        : exception is TargetInvocationException or TypeInitializationException or AggregateException { InnerExceptions.Count: 1 } && exception.InnerException is { } inner
            ? CauseOf(inner)
            : exception;

    private static string Sentence(string text) => text is [.., '.' or '!' or '?'] ? text : $"{text}.";
}
