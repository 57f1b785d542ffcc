using System.Text.Json.Serialization;
using Sconce.Core.Storage;
using Sconce.Files.Rows;

namespace Sconce.Pipelines.Scoring.Parts;

/// <summary>An input, as it was when the run started.</summary>
/// <param name="Path">The input, as named in messages.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Hash">The <see cref="FileHash"/> of a listing of images, or of an input of older versions; null if <see cref="ScoringPart.Reads"/> has it.</param>
internal sealed record InputFile(string Path, long Bytes, string? Hash = null)
{
    /// <summary>The time of the last write, for a file that is hashed while it is read.</summary>
    public DateTime? Modified { get; init; }

    /// <summary>A description for messages.</summary>
    public override string ToString() => Hash is null ? $"{Bytes:N0} bytes of {Modified:yyyy-MM-dd HH:mm:ss.fff}" : $"{Bytes:N0} bytes with the hash {Hash}";
}

/// <summary>The amount of an input that was read, from its first byte.</summary>
/// <param name="File">The number of the input, from 0.</param>
/// <param name="Bytes">The number of bytes; all of an input that was read to its end.</param>
/// <param name="Hash">Their <see cref="FileHash"/>.</param>
internal sealed record InputRead(int File, long Bytes, string Hash);

/// <summary>
/// A scoring run: the first line of its manifest. All of it has to be the same for the run to be resumed, so that its output is
/// as if the run had never been interrupted.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ScoringRun
{
    /// <summary>The version of the manifest. Older ones are read: version 1 has no checksums, and up to version 2 every input was hashed first.</summary>
    public const int CurrentVersion = 3;

    public const int UsualRowsPerPart = 65_536;

    /// <summary>The version of the manifest.</summary>
    public int Version { get; init; } = CurrentVersion;

    public required HashedFile Model { get; init; }

    /// <summary>The inputs, in order.</summary>
    public required IReadOnlyList<InputFile> Inputs { get; init; }

    /// <summary>The name of the output's <see cref="RowFormat"/>.</summary>
    public required string Format { get; init; }

    /// <summary>The names of the columns that are written.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>The names of the input's columns that are passed through.</summary>
    public IReadOnlyList<string> Keep { get; init; } = [];

    /// <summary>The column that scores are compared with; null for none.</summary>
    public string? Label { get; init; }

    /// <summary>The number of rows that are scored at once; the last bits of scores depend on it.</summary>
    public required int BatchSize { get; init; }

    /// <summary>The name of a <see cref="ScoringEngine"/>: "AsSaved", "Onnx".</summary>
    public required string Engine { get; init; }

    /// <summary>Whether rows with scores that are not finite are written.</summary>
    public bool AllowsNonFinite { get; init; }

    /// <summary>The rows per part: a part ends with the batch that reaches this number.</summary>
    public int RowsPerPart { get; init; } = UsualRowsPerPart;

    /// <summary>How the inputs are read: the given format, header and delimiter.</summary>
    public string Reading { get; init; } = "";

    /// <summary>Describes the first difference from the interrupted run, with both values; null if there is none.</summary>
    /// <param name="begun">The run, as it was started.</param>
    /// <param name="parts">The finished parts, which state what was read of the inputs.</param>
    public string? DifferenceFrom(ScoringRun begun, IReadOnlyList<ScoringPart> parts)
    {
        if (Model.Hash != begun.Model.Hash)
            return $"'{Model.Path}' ({Model}) is not the model that the run was started with, '{begun.Model.Path}' ({begun.Model})";
        return InputDifferenceFrom(begun, parts)
            ?? Differ("format", Format, begun.Format)
            ?? Differ("columns to write", Names(Columns), Names(begun.Columns))
            ?? Differ("columns to keep", Names(Keep), Names(begun.Keep))
            ?? Differ("reading of the inputs", Reading, begun.Reading)
            ?? Differ("label", Label ?? "none", begun.Label ?? "none")
            ?? Differ("batch size", $"{BatchSize}", $"{begun.BatchSize}")
            ?? Differ("engine", Engine, begun.Engine)
            ?? Differ("scores that are not finite", Allowed(AllowsNonFinite), Allowed(begun.AllowsNonFinite))
            ?? Differ("rows per part", $"{RowsPerPart}", $"{begun.RowsPerPart}");

        static string? Differ(string what, string now, string then) => now == then ? null : $"the {what}: {now} now, and {then} when the run was started";
        static string Allowed(bool are) => are ? "allowed" : "refused";
        static string Names(IReadOnlyList<string> names) => names is [] ? "none" : string.Join(", ", names);
    }

    private string? InputDifferenceFrom(ScoringRun begun, IReadOnlyList<ScoringPart> parts)
    {
        if (Inputs.Count != begun.Inputs.Count)
            return $"the number of input files: {Inputs.Count:N0} now, and {begun.Inputs.Count:N0} when the run was started";
        var reads = parts.SelectMany(part => part.Reads ?? []).GroupBy(read => read.File).ToDictionary(group => group.Key, group => group.Last());
        var hashes = new Dictionary<(string, long), string>();
        for (var number = 0; number < Inputs.Count; number++)
        {
            var (now, then) = (Inputs[number], begun.Inputs[number]);
            if (now.Path != then.Path)
                return $"input file {number + 1}: '{now.Path}' now, and '{then.Path}' when the run was started";
            if (now.Bytes != then.Bytes || now.Hash != then.Hash)
                return $"'{now.Path}' has changed: {now} now, and {then} when the run was started";
            if (now.Hash is not null)
                continue;
            var read = reads.GetValueOrDefault(number);
            if (read is not null && HashOf(now.Path, read.Bytes) != read.Hash)
                return $"'{now.Path}' has changed: its first {read.Bytes:N0} bytes are not those that were read";
            // For data that was not read, only the time can show a change.
            if ((read?.Bytes ?? 0) < now.Bytes && now.Modified != then.Modified)
                return $"'{now.Path}' has changed: {now} now, and {then} when the run was started";
        }

        return null;

        // A file may be an input many times.
        string HashOf(string path, long bytes) => hashes.TryGetValue((path, bytes), out var hash) ? hash : hashes[(path, bytes)] = FileHash.Of(path, bytes);
    }
}
