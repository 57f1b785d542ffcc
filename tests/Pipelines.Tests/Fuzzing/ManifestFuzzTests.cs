using System.IO.Hashing;
using System.Text;
using System.Text.Json.Nodes;
using Sconce.Core.Storage;
using Sconce.Fuzzing;
using Sconce.Pipelines.Scoring.Parts;

namespace Sconce.Pipelines.Tests.Fuzzing;

/// <summary>Manifests of scoring runs, damaged and forged.</summary>
public sealed class ManifestFuzzTests
{
    private const string Checksum = ",\"checksum\":\"";

    private static readonly string[] _lines = [.. Lines()];

    /// <summary>Each line has a checksum: what is read is what was written, as far as it is undamaged.</summary>
    [Fact]
    public void Damaged_lines_are_not_read() => Fuzzer.Run([Encoding.UTF8.GetBytes(string.Concat(_lines))], 1_000, manifest =>
    {
        if (ScoringManifest.Read(manifest, "manifest") is not { } read)
            return;
        string[] known = [Encoding.UTF8.GetString(ScoringManifest.LineOf(read.Run)), .. read.Parts.Select(part => Encoding.UTF8.GetString(ScoringManifest.LineOf(part)))];
        Assert.Equal(_lines.Take(known.Length), known);
    }, IsDocumented);

    /// <summary>A forger's lines have the right checksums.</summary>
    [Fact]
    public void Forged_lines_are_read_or_refused() => Fuzzer.Run([Encoding.UTF8.GetBytes(string.Concat(_lines))], 500, manifest => ScoringManifest.Read(manifest, "manifest"), IsDocumented, (mutator, _) =>
    {
        var forged = _lines.Select(line =>
        {
            var body = mutator.Mutate(JsonNode.Parse(line[..line.IndexOf(Checksum, StringComparison.Ordinal)] + "}")!).ToJsonString()[..^1];
            return $"{body}{Checksum}{Convert.ToHexStringLower(XxHash64.Hash(Encoding.UTF8.GetBytes(body)))}\"}}\n";
        });
        return Encoding.UTF8.GetBytes(string.Concat(forged));
    });

    private static bool IsDocumented(Exception exception) => exception is InvalidDataException;

    private static IEnumerable<string> Lines()
    {
        var file = new HashedFile("rows.csv", 100, "0123456789abcdef");
        yield return Encoding.UTF8.GetString(ScoringManifest.LineOf(new ScoringRun
        {
            Model = file,
            Inputs = [new(file.Path, file.Bytes, file.Hash), new("more.csv", 200) { Modified = DateTime.UnixEpoch }],
            Format = "csv",
            Columns = ["Score", "PredictedLabel"],
            Keep = ["Id"],
            Label = "Label",
            BatchSize = 256,
            Engine = "onnx",
        }));
        for (var part = 0; part < 3; part++)
        {
            yield return Encoding.UTF8.GetString(ScoringManifest.LineOf(new ScoringPart
            {
                Number = part,
                Input = "rows.csv",
                Offset = part * 10,
                Rows = 10,
                Bad = part,
                BadFiles = 0,
                End = new(0, part * 10 + 10),
                Bytes = 300,
                Hash = "fedcba9876543210",
                BadHash = part > 0 ? "00" : null,
            }));
        }
    }
}
