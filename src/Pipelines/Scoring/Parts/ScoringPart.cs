using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Sconce.Core.Storage;

namespace Sconce.Pipelines.Scoring.Parts;

/// <summary>A position between two rows of a run's inputs.</summary>
/// <param name="File">The number of the input, from 0.</param>
/// <param name="Row">The number of the input's rows before the position, including bad rows.</param>
internal readonly record struct InputPosition(int File, long Row);

/// <summary>A finished part of an output: a line of the manifest after the first.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ScoringPart
{
    /// <summary>Its number, from 0.</summary>
    public required int Number { get; init; }

    /// <summary>The input in which it begins.</summary>
    public required string Input { get; init; }

    /// <summary>The rows of that input before it.</summary>
    public required long Offset { get; init; }

    /// <summary>The rows that were written.</summary>
    public required long Rows { get; init; }

    /// <summary>The rows that could not be used.</summary>
    public required long Bad { get; init; }

    /// <summary>The inputs that could not be read to their end.</summary>
    public required long BadFiles { get; init; }

    /// <summary>The position where the next part begins.</summary>
    public required InputPosition End { get; init; }

    /// <summary>The length of its file.</summary>
    public required long Bytes { get; init; }

    /// <summary>The <see cref="FileHash"/> of its file.</summary>
    public required string Hash { get; init; }

    /// <summary>The <see cref="FileHash"/> of the file of its bad rows; null if it has none.</summary>
    public string? BadHash { get; init; }

    /// <summary>The amounts read of its inputs; null in manifests of older versions.</summary>
    public IReadOnlyList<InputRead>? Reads { get; init; }

    /// <summary>The counts of the evaluation from the first row of the run to the end of this part; null without an evaluation.</summary>
    public JsonNode? Evaluation { get; init; }

    /// <summary>Whether it has a file of bad rows.</summary>
    [JsonIgnore]
    public bool HasBad => BadHash is not null;
}

/// <summary>The counts of a run so far.</summary>
/// <param name="Rows">The rows that were written.</param>
/// <param name="Bad">The rows that could not be used.</param>
/// <param name="BadFiles">The inputs that could not be read to their end.</param>
internal readonly record struct ScoringTotals(long Rows, long Bad, long BadFiles)
{
    /// <summary>The rows that were read.</summary>
    public long Read => Rows + Bad;

    /// <summary>Whether there is anything to quarantine.</summary>
    public bool HasBad => Bad + BadFiles > 0;

    public static ScoringTotals Of(IEnumerable<ScoringPart> parts) => parts.Aggregate(default(ScoringTotals), (sum, part) => sum + new ScoringTotals(part.Rows, part.Bad, part.BadFiles));

    public static ScoringTotals operator +(ScoringTotals left, ScoringTotals right) => new(left.Rows + right.Rows, left.Bad + right.Bad, left.BadFiles + right.BadFiles);
}
