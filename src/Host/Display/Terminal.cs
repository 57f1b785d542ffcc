using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Sconce.Trainers.Interop;
using Spectre.Console;

namespace Sconce.Host.Display;

/// <summary>Where a command prints: tables and progress for people, or one JSON document for programs.</summary>
internal sealed class Terminal
{
    private static readonly JsonSerializerOptions _jsonOptions = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private static readonly TimeSpan _redraw = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _plainLine = TimeSpan.FromSeconds(5);

    private readonly TextWriter _output;
    private readonly TextWriter _error;

    public Terminal(TextWriter output, TextWriter error, bool json)
    {
        (_output, _error) = (output, error);
        Json = json;
        Console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(json ? TextWriter.Null : output) });
        Console.Pipeline.Attach(new PrintableText.Hook());
        // Redirected output must not be cut or wrapped at a guessed width.
        if (!IsLive)
            Console.Profile.Width = 1_000;
    }

    public bool Json { get; }

    /// <summary>The clock that progress is paced by.</summary>
    internal TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>For people; prints nothing under <c>--json</c>.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>Whether the output is an interactive terminal: then progress is drawn in place, otherwise as plain lines.</summary>
    public bool IsLive => !Json && ReferenceEquals(_output, System.Console.Out) && !System.Console.IsOutputRedirected && Console.Profile.Capabilities.Interactive;

    /// <summary>Prints a line for people, without markup.</summary>
    public void Line(string text = "") => Console.WriteLine(text);

    /// <summary>Prints the warnings and the checkpoint messages of a context's log.</summary>
    public void Follow(MLContext ml) => ml.Log += (_, line) =>
    {
        if (line.Kind == ChannelMessageKind.Warning || line.Kind == ChannelMessageKind.Info && line.Source.EndsWith(MLNetEnvironment.CheckpointSource, StringComparison.Ordinal))
            Line(line.RawMessage);
    };

    /// <summary>Prints the command's result as JSON if --json was given.</summary>
    public void Result(object result)
    {
        if (Json)
            _output.WriteLine(JsonSerializer.Serialize(result, _jsonOptions));
    }

    /// <summary>Runs work that counts something. The count is shown in an interactive terminal, otherwise as a line on standard error every few seconds.</summary>
    public T Counting<T>(string what, Func<IProgress<long>?, T> work)
    {
        if (Json)
            return work(null);
        return IsLive
            ? Console.Status().Start(what, context => work(new CountProgress(what, _redraw, Clock, text => context.Status(Markup.Escape(text)))))
            : work(new CountProgress(what, _plainLine, Clock, text => _error.WriteLine(PrintableText.Of(text))));
    }

    /// <summary>Prints a table for people; the first column is text, the others are numbers.</summary>
    public void Table(IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table().Border(TableBorder.Rounded);
        for (var i = 0; i < headings.Count; i++)
            table.AddColumn(new TableColumn(Markup.Escape(headings[i])) { Alignment = i == 0 ? Justify.Left : Justify.Right, NoWrap = true });
        foreach (var row in rows)
            table.AddRow([.. row.Select(cell => Markup.Escape(PrintableText.Of(cell)))]);
        Console.Write(table);
    }
}
