using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.ML;
using Sconce.Core.Storage;
using Sconce.Files;
using Sconce.Files.Rows;
using Sconce.Pipelines.Catalog;
using Sconce.Pipelines.Scoring;
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
            Assert.Contains("is both an input and the output", Assert.Throws<ArgumentException>(() => _model.Score([input], output, _force)).Message, StringComparison.Ordinal);
        var quarantine = _force with { OnError = RowErrors.Quarantine, QuarantinePath = _model.PathOf("other/in.csv") };
        Assert.Contains("is both an input and the quarantine", Assert.Throws<ArgumentException>(() => _model.Score(["days/in.csv"], "scores.csv", quarantine)).Message, StringComparison.Ordinal);
        Assert.Contains("is both the output and the quarantine", Assert.Throws<ArgumentException>(() => _model.Score(["days/in.csv"], "days/scores.csv", quarantine with { QuarantinePath = _model.PathOf("other/scores.csv") })).Message, StringComparison.Ordinal);
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
            Assert.Equal($"'{_model.PathOf("link.csv")}' is a link to '{_model.PathOf(target)}', and would be replaced by a file. Pass that path itself, or choose another one.", refusal);
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
            var sentence = $"'{path}' is a pipe, a socket or a device, not a file, and would be replaced. Choose another path, or '-' for standard output.";
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

    /// <summary>With --force as without: what is behind the link is neither written nor deleted.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_parts_folder_that_is_a_link_is_refused(bool force)
    {
        var other = _model.Write("elsewhere/part-00000.csv", "mine");
        Link("scores.csv.parts", "elsewhere");
        var refusal = Assert.Throws<IOException>(() => _model.Score(["days/in.csv"], "scores.csv", new() { Force = force })).Message;
        Assert.StartsWith($"'{_model.PathOf("scores.csv.parts")}' is a link to 'elsewhere'", refusal, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(other));
        Assert.Equal([other], Directory.GetFiles(_model.PathOf("elsewhere")));
        Assert.False(File.Exists(_model.PathOf("scores.csv")));
    }

    [Theory]
    [InlineData("manifest.jsonl")]
    [InlineData("run.lock")]
    [InlineData("replacing")]
    [InlineData("part-00000.csv")]
    [InlineData("part-00000.csv.tmp")]
    [InlineData("joined-output.tmp")]
    public void A_link_in_a_parts_folder_is_not_followed(string name)
    {
        var other = _model.Write("precious.csv", "mine");
        _model.Write("scores.csv", "old");
        Directory.CreateDirectory(_model.PathOf("scores.csv.parts"));
        Link($"scores.csv.parts/{name}", other);
        foreach (var options in (FileScoringOptions[])[_force, new() { Resume = true }])
            Assert.Contains($"'{_model.PathOf($"scores.csv.parts/{name}")}' is a link to '{other}'", Assert.Throws<IOException>(() => _model.Score(["days/in.csv"], "scores.csv", options)).Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(other));
    }

    [Fact]
    public void A_file_is_made_in_the_place_of_a_link()
    {
        var other = _model.Write("precious.csv", "mine");
        Link("new.csv", other);
        FileOperations.Real.Create(_model.PathOf("new.csv")).Dispose();
        Assert.Equal("mine", File.ReadAllText(other));
        Assert.Null(new FileInfo(_model.PathOf("new.csv")).LinkTarget);
    }

    /// <summary>As of a shell's &lt;(zcat days.csv.gz).</summary>
    [Fact]
    public async Task A_pipe_that_is_named_is_read_once()
    {
        MakePipe("pipe");
        var writing = Task.Run(() => File.WriteAllText(_model.PathOf("pipe"), $"Age\n{Ages}"), TestContext.Current.CancellationToken);
        Assert.Equal(3, _model.Score(["pipe"], "scores.csv").Scored);
        await writing;
        Assert.Contains("it can be read only once", Assert.Throws<ArgumentException>(() => _model.Score(["pipe", "pipe"], "twice.csv")).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be resumed", Assert.Throws<ArgumentException>(() => _model.Score(["pipe"], "again.csv", new() { Resume = true })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipe_in_a_folder_is_passed_over_and_one_in_place_of_a_model_refused()
    {
        MakePipe("days/pipe.csv");
        Assert.Equal(3, _model.Score(["days"], "scores.csv").Scored);
        Assert.Equal(3, _model.Score(["days/*.csv"], "again.csv").Scored);
        var pipe = _model.PathOf("days/pipe.csv");
        Assert.Equal(pipe, ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => ModelFile.Load(new MLContext(), pipe))).File);
        Assert.Contains("is a folder", Assert.Throws<InvalidDataException>(() => ModelFile.Load(new MLContext(), _model.PathOf("days"))).Message, StringComparison.Ordinal);
        Assert.Contains("is a stream", Assert.Throws<ArgumentException>(() => ModelRows.Open([pipe], new InputColumn("Age", FeatureType.Single, [1]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_that_leads_nowhere_is_named_as_an_input_and_as_a_model()
    {
        Link("dangling.csv", "nowhere.csv");
        Link("dangling.zip", "nowhere.csv");
        var target = $"' is a link to '{_model.PathOf("nowhere.csv")}', which does not exist.";
        Assert.EndsWith(target, Assert.Throws<FileNotFoundException>(() => _model.Score(["dangling.csv"], "scores.csv", new() { OnError = RowErrors.Skip })).Message, StringComparison.Ordinal);
        Assert.EndsWith(target, Assert.Throws<FileNotFoundException>(() => ModelFile.Load(new MLContext(), _model.PathOf("dangling.zip"))).Message, StringComparison.Ordinal);
        Assert.EndsWith(target, Assert.Throws<FileNotFoundException>(() => ModelRows.Open([_model.PathOf("dangling.csv")], new InputColumn("Age", FeatureType.Single, [1]))).Message, StringComparison.Ordinal);
        Assert.False(Path.Exists(_model.PathOf("scores.csv.parts")));
    }

    [Fact]
    public async Task Waiting_for_a_pipe_can_be_cancelled()
    {
        MakePipe("pipe");
        using var stop = new CancellationTokenSource();
        var scoring = Task.Run(() => _model.Score(["pipe"], "scores.csv", new() { CancellationToken = stop.Token }), TestContext.Current.CancellationToken);
        while (!Directory.Exists(_model.PathOf("scores.csv.parts")))
            await Task.Delay(5, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scoring);
        Assert.False(Path.Exists(_model.PathOf("scores.csv.parts")));
        // What waits for somebody to write is let go.
        await File.WriteAllTextAsync(_model.PathOf("pipe"), "", TestContext.Current.CancellationToken);
    }

    private void Link(string name, string target) => File.CreateSymbolicLink(_model.PathOf(name), target);

    private void MakePipe(string name)
    {
        using var made = Process.Start("mkfifo", [_model.PathOf(name)]);
        made.WaitForExit();
        Assert.Equal(0, made.ExitCode);
    }
}
