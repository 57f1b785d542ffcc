using Sconce.Host.Display;
using Spectre.Console;

namespace Sconce.Host.Tests;

/// <summary>What only a person at a terminal sees: the other tests read lines.</summary>
public class TrainingDisplayTests
{
    [Fact]
    public void Several_trainings_are_drawn_in_place()
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(output) });
        Assert.Equal(7, TrainingDisplay.Draw(console, progressOf =>
        {
            Assert.NotNull(progressOf("first"));
            return 7;
        }));
        Assert.Contains("reading the data", output.ToString(), StringComparison.Ordinal);
    }
}
