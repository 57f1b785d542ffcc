using Sconce.Core.Errors;

namespace Sconce.Trainers;

/// <summary>What becomes of a row that is longer than a network's <c>MaximumInputLength</c>.</summary>
public enum SequenceTruncation
{
    /// <summary>It is refused.</summary>
    None,

    /// <summary>Its first symbols or steps are read, and the rest is left out.</summary>
    KeepStart,

    /// <summary>Its last symbols or steps are read, and those before them are left out.</summary>
    KeepEnd,
}

/// <summary>How much of a row is read, where rows have different lengths.</summary>
/// <param name="Length">The most symbols or steps that are read, at least 1.</param>
/// <param name="Truncation">What becomes of a longer row.</param>
internal sealed record SequenceLimit(int Length, SequenceTruncation Truncation)
{
    /// <exception cref="ArgumentException">A value makes no sense; the message names it and says what is expected.</exception>
    public void Validate()
    {
        Check.AtLeast(Length, 1, $"Limit.{nameof(Length)}");
        if (!Enum.IsDefined(Truncation))
            throw new ArgumentException($"Limit.{nameof(Truncation)} is {(int)Truncation}; it has to be one of {string.Join(", ", Enum.GetNames<SequenceTruncation>())}.");
    }

    /// <summary>The limit that a network's two properties are.</summary>
    /// <exception cref="ArgumentException">They make no sense.</exception>
    public static void Validate(int? maximumInputLength, SequenceTruncation truncation)
    {
        if (maximumInputLength is { } length)
            Check.AtLeast(length, 1, "MaximumInputLength");
        if (!Enum.IsDefined(truncation))
            throw new ArgumentException($"Truncation is {(int)truncation}; it has to be one of {string.Join(", ", Enum.GetNames<SequenceTruncation>())}.", nameof(truncation));
        if (truncation != SequenceTruncation.None && maximumInputLength is null)
            throw new ArgumentException($"Truncation is {truncation}, and MaximumInputLength is not set: it says how much of a row is kept.", nameof(truncation));
    }

    public static SequenceLimit? Of(int? maximumInputLength, SequenceTruncation truncation) => maximumInputLength is { } length ? new(length, truncation) : null;
}
