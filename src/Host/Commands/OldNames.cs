namespace Sconce.Host.Commands;

/// <summary>Names of options and networks as earlier versions had them, which still work and which help does not show.</summary>
internal static class OldNames
{
    private static readonly string[] _commands = ["train", "tune", "cross-validate"];

    private static readonly Dictionary<string, string> _names = new(StringComparer.Ordinal)
    {
        ["lstm"] = "rnn",
        ["--average-weights"] = "--ema",
        ["--known-covariates"] = "--future-covariates",
        ["--test-share"] = "--test-fraction",
        ["--warm-up"] = "--warmup",
        ["--widths"] = "--hidden-sizes",
    };

    /// <summary>Puts today's names in a command line.</summary>
    public static string[] Replace(string[] args)
    {
        var command = Array.FindIndex(args, argument => !argument.StartsWith('-'));
        // Tables have a --test-share of their own, and came after these names.
        return command < 0 || !_commands.Contains(args[command]) || args.ElementAtOrDefault(command + 1) == "table" ? args : [.. args.Select((argument, place) => place == command + 1 || argument.StartsWith("--", StringComparison.Ordinal) ? Current(argument) : argument)];
    }

    private static string Current(string argument)
    {
        var end = argument.AsSpan().IndexOfAny('=', ':') is >= 0 and var found ? found : argument.Length;
        return _names.TryGetValue(argument[..end], out var name) ? name + argument[end..] : argument;
    }
}
