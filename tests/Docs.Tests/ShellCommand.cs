using System.Globalization;
using System.Text;

namespace Sconce.Docs.Tests;

/// <summary>A line of a shell block.</summary>
internal sealed record ShellCommand(string Page, int Line, string Text)
{
    /// <summary>Whether it needs a shell: pipes, redirections.</summary>
    public bool NeedsShell => Text.AsSpan().ContainsAny("|<>&$");

    /// <summary>The lines of a page's shell blocks, without comments.</summary>
    public static IEnumerable<ShellCommand> Of(string page)
    {
        foreach (var block in CodeBlock.Of(page, "sh"))
        {
            for (var i = 0; i < block.Lines.Count; i++)
            {
                var line = i;
                var text = block.Lines[i];
                while (text.EndsWith('\\'))
                    text = text[..^1] + block.Lines[++i];
                var comment = text.StartsWith('#') ? 0 : text.IndexOf(" #", StringComparison.Ordinal);
                text = (comment < 0 ? text : text[..comment]).Trim();
                if (text.Length > 0)
                    yield return new(page, block.Line + line + 1, text);
            }
        }
    }

    /// <summary>Its words, with quotes taken off.</summary>
    public List<string> Words()
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (quote, begun) = ('\0', false);
        foreach (var letter in Text)
        {
            if (quote != '\0' ? letter == quote : letter is '"' or '\'')
            {
                (quote, begun) = (quote != '\0' ? '\0' : letter, true);
            }
            else if (letter == ' ' && quote == '\0')
            {
                if (begun)
                    words.Add(word.ToString());
                (begun, _) = (false, word.Clear());
            }
            else
            {
                word.Append(letter);
                begun = true;
            }
        }

        if (begun)
            words.Add(word.ToString());
        return words;
    }

    /// <summary>The arguments after <c>sconce</c>, so changed that little is computed: small data instead of what is embedded, and few epochs and trials.</summary>
    public static List<string> OnLittleData(IEnumerable<string> arguments)
    {
        var small = arguments.ToList();
        foreach (var (option, most) in _limits)
        {
            if (small.IndexOf(option) is >= 0 and var place && int.Parse(small[place + 1], CultureInfo.InvariantCulture) > most)
                small[place + 1] = most.ToString(CultureInfo.InvariantCulture);
        }

        foreach (var (command, unless, added) in _additions)
        {
            if (small.Take(command.Length).SequenceEqual(command) && !small.Intersect(unless).Any())
                small.AddRange(added);
        }

        return small;
    }

    private static readonly (string Option, int Most)[] _limits = [("--epochs", 2), ("--trials", 2), ("--folds", 2), ("--count", 60)];

    private static readonly string[] _lengths = ["--epochs", "--steps"];
    private static readonly string[] _sources = ["--data", "--images", "--input"];
    private static readonly string[] _digits = ["--data", "data/mnist"];

    private static readonly (string[] Command, string[] Unless, string[] Added)[] _additions =
    [
        .. ((string[])["cnn", "dense", "softmax", "autoencoder", "rnn", "resnet", "tcn"]).SelectMany(network => ((string[], string[], string[])[])
            [(["train", network], _sources, _digits), (["train", network], _lengths, ["--steps", "20"])]),
        (["train", "forecast"], _lengths, ["--steps", "20"]),
        (["train", "dates"], _lengths, ["--steps", "20", "--examples", "500"]),
        (["train", "sine"], _lengths, ["--steps", "20"]),
        (["tune"], _sources, _digits),
        (["tune"], ["--epochs"], ["--epochs", "1"]),
        (["cross-validate"], _sources, _digits),
        (["cross-validate"], ["--epochs"], ["--epochs", "1"]),
        (["images", "export"], ["--data"], [.. _digits, "--test-count", "20"]),
        (["evaluate"], _sources, _digits),
        (["report"], ["--data"], _digits),
        (["plot", "codes"], ["--data"], _digits),
        (["compare", "compression"], ["--data"], [.. _digits, "--sizes", "2", "--autoencoder-epochs", "1", "--epochs", "1", "--repetitions", "1", "--target", "0.01"]),
    ];
}
