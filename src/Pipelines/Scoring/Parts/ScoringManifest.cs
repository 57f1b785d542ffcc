using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>What a manifest says: a line of JSON for the run, and one for each part that is finished.</summary>
/// <param name="Run">The run.</param>
/// <param name="Parts">The parts, in order.</param>
internal sealed record ScoringManifest(ScoringRun Run, IReadOnlyList<ScoringPart> Parts)
{
    public const string FileName = "manifest.jsonl";

    private static readonly JsonSerializerOptions _line = new()
    {
        // Said outright, as programs made of a single file switch reflection off where it is only the default.
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>What is wrong with the line after those that could be read; null where nothing is.</summary>
    public string? Damage { get; private init; }

    /// <summary>Reads a manifest; an end without a line break is what a killed process left, and is passed over.</summary>
    /// <returns>Null where there is none, or not even its first line is whole.</returns>
    /// <exception cref="InvalidDataException">Its first line cannot be read, or is of another version.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ScoringManifest? Read(string path)
    {
        if (!File.Exists(path))
            return null;
        var content = File.ReadAllBytes(path);
        var lines = new LineReader(content.AsSpan(0, WholeLines.LengthIn(content)));
        if (!lines.MoveNext())
            return null;
        var run = ReadRun(lines.Current, path);
        List<ScoringPart> parts = [];
        while (lines.MoveNext())
        {
            if (TryRead<ScoringPart>(lines.Current, out var part, out var reason) && part.Number == parts.Count)
                parts.Add(part);
            else
                return new(run, parts) { Damage = $"line {parts.Count + 2} of '{path}' cannot be read ({reason ?? $"it is part {part!.Number}, and part {parts.Count} is expected"})" };
        }

        return new(run, parts);
    }

    /// <summary>The length of a manifest's first lines: that of the run, and those of so many parts.</summary>
    public static long LengthWith(string path, int parts)
    {
        var lines = new LineReader(File.ReadAllBytes(path));
        for (var line = 0; line <= parts; line++)
            lines.MoveNext();
        return lines.Length;
    }

    /// <summary>The run or part as a line, with its line break.</summary>
    public static byte[] LineOf<T>(T record) => [.. JsonSerializer.SerializeToUtf8Bytes(record, _line), (byte)'\n'];

    private static ScoringRun ReadRun(ReadOnlySpan<byte> line, string path)
    {
        if (!TryRead<Versioned>(line, out var versioned, out var damage))
            throw Unreadable(damage!);
        // Told before the rest is read, which another version may have changed.
        if (versioned.Version is { } version and not ScoringRun.CurrentVersion)
            throw new InvalidDataException($"'{path}' has the version {version}, and this program reads version {ScoringRun.CurrentVersion}. Resume with the program that began the run, or begin anew with --force.");
        return TryRead<ScoringRun>(line, out var run, out damage) ? run : throw Unreadable(damage!);

        InvalidDataException Unreadable(string reason) => new($"'{path}' does not say in its first line what the run is: {reason}. Begin anew with --force.");
    }

    private static bool TryRead<T>(ReadOnlySpan<byte> line, [NotNullWhen(true)] out T? record, out string? reason)
        where T : class
    {
        (record, reason) = (null, "it is null");
        try
        {
            record = JsonSerializer.Deserialize<T>(line, _line);
            if (record is not null)
                reason = null;
        }
        catch (JsonException exception)
        {
            reason = exception.Message.TrimEnd('.');
        }

        return record is not null;
    }

    /// <summary>What the first line of every version has.</summary>
    private sealed record Versioned(int? Version = null);

    /// <summary>Goes through lines, each ended by a line break.</summary>
    private ref struct LineReader(ReadOnlySpan<byte> content)
    {
        private readonly ReadOnlySpan<byte> _content = content;

        /// <summary>The current line, without its line break.</summary>
        public ReadOnlySpan<byte> Current { get; private set; }

        /// <summary>The bytes up to the current line's end.</summary>
        public int Length { get; private set; }

        public bool MoveNext()
        {
            var length = _content[Length..].IndexOf((byte)'\n');
            if (length < 0)
                return false;
            Current = _content.Slice(Length, length);
            Length += length + 1;
            return true;
        }
    }
}
