using System.CommandLine;
using Sconce.Host.Display;

namespace Sconce.Host;

/// <summary>One run of a command: where it prints and what stops it. The commands themselves are created once in a process.</summary>
internal sealed class Invocation : InvocationConfiguration
{
    private readonly Interruption _interruption;
    private Terminal? _terminal;

    public Invocation(TextWriter output, TextWriter error, Interruption interruption)
    {
        (Output, Error, EnableDefaultExceptionHandler, ProcessTerminationTimeout) = (output, error, false, null);
        _interruption = interruption;
    }

    /// <summary>Where a command prints.</summary>
    public static Terminal Terminal(ParseResult result)
    {
        var invocation = (Invocation)result.InvocationConfiguration;
        return invocation._terminal ??= new Terminal(invocation.Output, invocation.Error, result.GetValue(Program.Json));
    }

    /// <inheritdoc cref="Interruption.Take"/>
    public static CancellationToken Cancellation(ParseResult result) => ((Invocation)result.InvocationConfiguration)._interruption.Take();
}
