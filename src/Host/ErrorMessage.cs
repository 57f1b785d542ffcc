using System.CommandLine;
using System.Reflection;

namespace Sconce.Host;

/// <summary>What a user is told of an exception: one line, about the cause, in the words of the command line.</summary>
/// <param name="Text">The sentence.</param>
/// <param name="IsUsage">Whether the command line is what is wrong.</param>
internal sealed record ErrorMessage(string Text, bool IsUsage)
{
    /// <param name="exception">What was thrown.</param>
    /// <param name="command">The command that was run: an option is named if the command has it.</param>
    public static ErrorMessage Of(Exception exception, Command command)
    {
        var cause = CauseOf(exception);
        var isUsage = cause is UsageException or ArgumentOutOfRangeException;
        var text = cause.Message;
        if (cause is ArgumentException { ParamName: { } parameter })
        {
            // .NET's own note, which names nothing that a user knows.
            text = text.Replace($" (Parameter '{parameter}')", "", StringComparison.Ordinal);
            var name = parameter.Split(',')[0];
            if (text.StartsWith(name, StringComparison.Ordinal) && OptionNames.Of(name, command) is { } option)
                (text, isUsage) = (option + text[name.Length..], true);
        }

        return new(OptionNames.Name(text.ReplaceLineEndings(" "), (cause as ArgumentException)?.ParamName, command), isUsage);
    }

    /// <summary>What was thrown at first: reflection and static constructors wrap it in exceptions that say nothing of it.</summary>
    public static Exception CauseOf(Exception exception) =>
        exception is TargetInvocationException or TypeInitializationException or AggregateException { InnerExceptions.Count: 1 } && exception.InnerException is { } inner ? CauseOf(inner) : exception;
}
