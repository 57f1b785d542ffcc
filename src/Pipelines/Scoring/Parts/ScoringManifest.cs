using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Sconce.Core.Errors;

namespace Sconce.Pipelines.Scoring.Parts;

/// <summary>A manifest: a line of JSON for the run, and one for each finished part, each with a checksum.</summary>
/// <param name="Run">The run.</param>
/// <param name="Parts">The parts, in order.</param>
/// <param name="Ends">The length of the manifest up to the end of each line: that of the run, then those of the parts.</param>
internal sealed record ScoringManifest(ScoringRun Run, IReadOnlyList<ScoringPart> Parts, IReadOnlyList<int> Ends)
{
    public const string FileName = "manifest.jsonl";

    /// <summary>The last version whose lines may have no checksum.</summary>
    private const int UncheckedVersion = 1;

    /// <summary>The end of a line: the <see cref="XxHash64"/> of the JSON before it, in 16 hexadecimal digits.</summary>
    private const string Checksum = ",\"checksum\":\"";

    private const int ChecksumLength = 16;

    private static readonly JsonSerializerOptions _line = new()
    {
        // Set explicitly: single-file programs switch off reflection where it is only the default.
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>The error of the first unreadable line; null for none.</summary>
    public string? Damage { get; private init; }

    /// <summary>Reads a manifest. An incomplete last line, left by a killed process, is ignored.</summary>
    /// <returns>Null if there is none, or its first line is incomplete.</returns>
    /// <exception cref="InvalidDataException">Its first line cannot be read, or is of another version.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ScoringManifest? Read(string path) => File.Exists(path) ? Read(File.ReadAllBytes(path), path) : null;

    /// <summary>Reads the content of a manifest.</summary>
    /// <param name="content">The whole file.</param>
    /// <param name="path">The path, for messages.</param>
    internal static ScoringManifest? Read(ReadOnlySpan<byte> content, string path)
    {
        ScoringRun? run = null;
        List<ScoringPart> parts = [];
        List<int> ends = [];
        foreach (var range in content.Split((byte)'\n'))
        {
            // The text after the last line break is not a whole line.
            if (range.End.Value == content.Length)
                break;
            string? reason = null;
            if (run is null)
                run = ReadRun(content[range], path);
            else if (TryRead<ScoringPart>(content[range], run.Version, out var part, out reason) && part.Number == parts.Count)
                parts.Add(part);
            else
                return new(run, parts, ends) { Damage = $"line {parts.Count + 2} of '{path}' cannot be read ({reason ?? $"it is part {part!.Number}, and part {parts.Count} is expected"})" };
            ends.Add(range.End.Value + 1);
        }

        return run is null ? null : new(run, parts, ends);
    }

    /// <summary>The run or part as a line, with its checksum and its line break.</summary>
    public static byte[] LineOf<T>(T record)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(record, _line);
        return [.. json.AsSpan(..^1), .. Encoding.UTF8.GetBytes($"{Checksum}{ChecksumOf(json.AsSpan(..^1))}\"}}\n")];
    }

    private static ScoringRun ReadRun(ReadOnlySpan<byte> line, string path)
    {
        var body = BodyOf(line, UncheckedVersion, out var damage);
        if (body.IsEmpty || !TryRead<Versioned>(body, out var versioned, out damage))
            throw Unreadable(damage!);
        // Checked first, because another version may have changed the rest.
        if (versioned.Version is { } version and not (>= UncheckedVersion and <= ScoringRun.CurrentVersion))
        {
            throw new InvalidDataException(
                $"'{path}' has version {version}; this program reads versions up to {ScoringRun.CurrentVersion}. Resume the run with the program that started it, or replace the run.")
                .About(file: path, conflict: OutputConflict.Different);
        }

        return TryRead<ScoringRun>(line, versioned.Version ?? ScoringRun.CurrentVersion, out var run, out damage) ? run : throw Unreadable(damage!);

        InvalidDataException Unreadable(string reason) => new InvalidDataException($"The first line of '{path}' does not describe a run: {reason}. The run cannot be resumed, only replaced.")
            .About(file: path, conflict: OutputConflict.Different);
    }

    private static bool TryRead<T>(ReadOnlySpan<byte> line, int version, [NotNullWhen(true)] out T? record, out string? reason)
        where T : class
    {
        record = null;
        var body = BodyOf(line, version, out reason);
        return reason is null && TryRead(body, out record, out reason);
    }

    private static bool TryRead<T>(ReadOnlySpan<byte> json, [NotNullWhen(true)] out T? record, out string? reason)
        where T : class
    {
        (record, reason) = (null, "it is null");
        try
        {
            record = JsonSerializer.Deserialize<T>(json, _line);
            if (record is not null)
                reason = null;
        }
        catch (JsonException exception)
        {
            reason = exception.Message.TrimEnd('.');
        }

        return record is not null;
    }

    /// <summary>The JSON of a line without its checksum; empty, with the reason, if the checksum is wrong or missing.</summary>
    private static ReadOnlySpan<byte> BodyOf(ReadOnlySpan<byte> line, int version, out string? damage)
    {
        damage = null;
        var tail = Checksum.Length + ChecksumLength + "\"}".Length;
        var length = line.Length - tail;
        if (length <= 0 || !line[length..].StartsWith(Encoding.UTF8.GetBytes(Checksum)))
        {
            damage = version <= UncheckedVersion ? null : "it has no checksum";
            return damage is null ? line : default;
        }

        if (line[length..].SequenceEqual(Encoding.UTF8.GetBytes($"{Checksum}{ChecksumOf(line[..length])}\"}}")))
            return (byte[])[.. line[..length], (byte)'}'];
        damage = "its checksum does not match";
        return default;
    }

    private static string ChecksumOf(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(XxHash64.Hash(content));

    /// <summary>The part of the first line that all versions have.</summary>
    private sealed record Versioned(int? Version = null);
}
