using System.Text.Json.Serialization;
using Sconce.Core.Storage;
using Sconce.Files.Rows;

namespace Sconce.Pipelines.Scoring.Parts;

/// <summary>What a scoring run is: the first line of its manifest. All of it has to be the same for the run to be resumed, so that its output is as if it had never been interrupted.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ScoringRun
{
    /// <summary>The version of the manifest that this program writes. It reads 1 too, whose lines have no checksums.</summary>
    public const int CurrentVersion = 2;

    /// <summary>The version of the manifest.</summary>
    public int Version { get; init; } = CurrentVersion;

    public required HashedFile Model { get; init; }

    /// <summary>What is read, in order.</summary>
    public required IReadOnlyList<HashedFile> Inputs { get; init; }

    /// <summary>The name of the output's <see cref="RowFormat"/>.</summary>
    public required string Format { get; init; }

    /// <summary>The names of the columns that are written.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>The names of the input's columns that are passed through.</summary>
    public IReadOnlyList<string> Keep { get; init; } = [];

    /// <summary>The column that scores are compared with; null where none is.</summary>
    public string? Label { get; init; }

    /// <summary>The rows that are scored in one go: the last bits of scores depend on it.</summary>
    public required int BatchSize { get; init; }

    /// <summary>What computes: "libtorch", "onnx", "ml.net".</summary>
    public required string Engine { get; init; }

    /// <summary>Whether rows are written whose scores are not finite.</summary>
    public bool AllowsNonFinite { get; init; }

    /// <summary>A part ends with the batch in which so many rows of it are read. The output does not depend on it.</summary>
    public int RowsPerPart { get; init; } = 65_536;

    /// <summary>How the inputs are read, as it was asked for: format, header and delimiter; the number of a row depends on it.</summary>
    public string Reading { get; init; } = "";

    /// <summary>Says what is not as it was when the run was begun, with both values; null where all is.</summary>
    public string? DifferenceFrom(ScoringRun begun)
    {
        if (Model.Hash != begun.Model.Hash)
            return $"'{Model.Path}' ({Model}) is not the model that the run was begun with, '{begun.Model.Path}' ({begun.Model})";
        return InputDifferenceFrom(begun)
            ?? Differ("format", Format, begun.Format)
            ?? Differ("columns to write", Names(Columns), Names(begun.Columns))
            ?? Differ("columns to keep", Names(Keep), Names(begun.Keep))
            ?? Differ("reading of the inputs", Reading, begun.Reading)
            ?? Differ("label", Label ?? "none", begun.Label ?? "none")
            ?? Differ("batch size", $"{BatchSize}", $"{begun.BatchSize}")
            ?? Differ("engine", Engine, begun.Engine)
            ?? Differ("scores that are not finite", Allowed(AllowsNonFinite), Allowed(begun.AllowsNonFinite))
            ?? Differ("rows per part", $"{RowsPerPart}", $"{begun.RowsPerPart}");

        static string? Differ(string what, string now, string then) => now == then ? null : $"the {what}: {now} now, and {then} when the run was begun";
        static string Allowed(bool are) => are ? "allowed" : "refused";
        static string Names(IReadOnlyList<string> names) => names is [] ? "none" : string.Join(", ", names);
    }

    private string? InputDifferenceFrom(ScoringRun begun)
    {
        if (Inputs.Count != begun.Inputs.Count)
            return $"the number of input files: {Inputs.Count:N0} now, and {begun.Inputs.Count:N0} when the run was begun";
        var number = Inputs.Zip(begun.Inputs, (now, then) => now == then).ToList().IndexOf(false);
        if (number < 0)
            return null;
        var (now, then) = (Inputs[number], begun.Inputs[number]);
        return now.Path != then.Path
            ? $"input file {number + 1}: '{now.Path}' now, and '{then.Path}' when the run was begun"
            : $"'{now.Path}' has changed: {now} now, and {then} when the run was begun";
    }
}
