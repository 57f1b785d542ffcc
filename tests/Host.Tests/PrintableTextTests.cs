using Sconce.Host.Display;
using Spectre.Console;

namespace Sconce.Host.Tests;

/// <summary>What files hold does nothing to a terminal.</summary>
public sealed class PrintableTextTests : IDisposable
{
    private const string Hostile = "a\u001B[2Jb\u009B1m\r\u0007\u202Ec";

    private readonly string _folder = Directory.CreateTempSubdirectory("sconce-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Control_characters_are_printed_as_their_numbers_in_lines_tables_and_whatever_is_drawn()
    {
        const string Safe = @"a\u001B[2Jb\u009B1m\u000D\u0007\u202Ec";
        Assert.Equal(Safe, PrintableText.Of(Hostile));
        Assert.Equal("ä 猫\n\t👩‍👧", PrintableText.Of("ä 猫\n\t👩‍👧"));
        using StringWriter output = new(), error = new();
        var terminal = new Terminal(output, error, json: false);
        terminal.Line(Hostile.Replace("\r", "", StringComparison.Ordinal));
        terminal.Table(["x"], [[Hostile]]);
        terminal.Console.Write(new Panel(new Text(Hostile)));
        Assert.DoesNotContain(output.ToString(), character => (char.IsControl(character) && character is not ('\n' or '\r')) || character == '\u202E');
        Assert.Contains(Safe, output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("train", "forecast", "--output", "m.zip", "--input")]
    [InlineData("score", "none.zip", "--output", "o.csv")]
    [InlineData("inspect")]
    [InlineData("weights", "export", "--output", "w.safetensors")]
    public void No_command_prints_a_control_character_of_a_file_or_its_name(params string[] arguments)
    {
        var file = Path.Combine(_folder, "n\u001B[31m.csv");
        File.WriteAllText(file, "a\u001B[31mRED\u001B[2J,b\u009B\n1,2\n");
        foreach (var more in (string[][])[[], ["--verbose"], ["--json"]])
        {
            var (exitCode, output, error) = Cli.Run([.. arguments, file, .. more]);
            Assert.NotEqual(0, exitCode);
            Assert.DoesNotContain(output + error, character => char.IsControl(character) && character is not ('\n' or '\r' or '\t'));
        }
    }

    [Fact]
    public void A_result_for_machines_has_escapes()
    {
        using StringWriter output = new(), error = new();
        new Terminal(output, error, json: true).Result(new { Name = Hostile });
        Assert.DoesNotContain(output.ToString(), character => char.IsControl(character) && character is not ('\n' or '\r'));
    }
}
