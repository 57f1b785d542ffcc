using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.ML;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>Links, pipes and sockets among what is read and written.</summary>
public sealed class SpecialPathTests : IDisposable
{
    private const string Ages = "10\n20\n30\n";

    private static readonly FileScoringOptions _force = new() { Force = true };

    private readonly AgeModel _model = new();

    public SpecialPathTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It has no pipes of names, and links for administrators alone.");
        _model.Write("days/in.csv", Ages);
    }

    public void Dispose() => _model.Dispose();

    [Fact]
    public void An_input_is_not_written_under_another_name()
    {
        Link("days/link.csv", "in.csv");
        Link("other", "days");
        foreach (var (input, output) in ((string, string)[])[("days/link.csv", "days/in.csv"), ("days/in.csv", "other/in.csv"), ("other/in.csv", "days/in.csv"), ("other/link.csv", "days/in.csv")])
            Assert.Equal($"'{_model.PathOf(input)}' is an input and the output. Choose another output.", Assert.Throws<ArgumentException>(() => _model.Score([input], output, _force)).Message);
        var quarantine = _force with { OnError = RowErrors.Quarantine, QuarantinePath = _model.PathOf("other/in.csv") };
        Assert.Contains("is read, and is the quarantine as well", Assert.Throws<ArgumentException>(() => _model.Score(["days/in.csv"], "scores.csv", quarantine)).Message, StringComparison.Ordinal);
        Assert.Contains("is the output and the quarantine", Assert.Throws<ArgumentException>(() => _model.Score(["days/in.csv"], "days/scores.csv", quarantine with { QuarantinePath = _model.PathOf("other/scores.csv") })).Message, StringComparison.Ordinal);
        Assert.Equal(Ages, File.ReadAllText(_model.PathOf("days/in.csv")));
    }

    [Fact]
    public void What_is_written_is_no_input_of_its_folder_under_another_name()
    {
        Link("other", "days");
        for (var run = 0; run < 2; run++)
            Assert.Equal(3, _model.Score(["other"], "days/scores.csv", _force).Rows);
    }

    [Theory]
    [InlineData("days/in.csv")]
    [InlineData("nowhere.csv")]
    public void A_link_is_not_replaced(string target)
    {
        Link("link.csv", target);
        _model.Write("ages.csv", Ages);
        foreach (var (output, quarantine) in ((string, string?)[])[("link.csv", null), ("scores.csv", _model.PathOf("link.csv"))])
        {
            var refusal = Assert.Throws<IOException>(() => _model.Score(["ages.csv"], output, _force with { OnError = RowErrors.Quarantine, QuarantinePath = quarantine })).Message;
            Assert.Equal($"'{_model.PathOf("link.csv")}' is a link to '{_model.PathOf(target)}', which a file would take the place of. Name that file itself, or choose another path.", refusal);
        }

        Assert.Equal(target, new FileInfo(_model.PathOf("link.csv")).LinkTarget);
        Assert.Equal(Ages, File.ReadAllText(_model.PathOf("days/in.csv")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_pipe_or_a_socket_is_not_replaced(bool isSocket)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        if (isSocket)
            socket.Bind(new UnixDomainSocketEndPoint(_model.PathOf("special")));
        else
            MakePipe("special");
        Link("link.csv", "special");
        foreach (var name in (string[])["special", "link.csv"])
        {
            var path = _model.PathOf(name);
            var sentence = $"'{path}' is a pipe, a socket or a device, and no file, which would take its place. Choose another path, or '-' for the standard output.";
            Assert.Equal(sentence, Assert.Throws<IOException>(() => _model.Score(["days/in.csv"], name, _force with { OutputFormat = "csv" })).Message);
            var quarantine = _force with { OnError = RowErrors.Quarantine, QuarantinePath = path };
            Assert.Equal(sentence, Assert.Throws<IOException>(() => _model.Score(["days/in.csv"], "scores.csv", quarantine)).Message);
            Assert.Equal(sentence, Assert.Throws<IOException>(() => new StreamedOutput(Stream.Null, RowFormats.Csv, new DataViewSchema.Builder().ToSchema(), path, replaces: true)).Message);
            Assert.True(SpecialFile.Is(path));
        }

        Assert.False(SpecialFile.Is(_model.Write("empty.csv", "")));
        Assert.False(SpecialFile.Is(_model.Path));
        Assert.False(SpecialFile.Is(_model.PathOf("nowhere.csv")));
    }

    private void Link(string name, string target) => File.CreateSymbolicLink(_model.PathOf(name), target);

    private void MakePipe(string name)
    {
        using var made = Process.Start("mkfifo", [_model.PathOf(name)]);
        made.WaitForExit();
        Assert.Equal(0, made.ExitCode);
    }
}
