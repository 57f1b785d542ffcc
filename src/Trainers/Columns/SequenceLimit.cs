using Sconce.Core.Errors;

namespace Sconce.Trainers;

/// <summary>What happens to a row that is longer than a <see cref="SequenceLimit"/>.</summary>
public enum SequenceTruncation
{
    /// <summary>It is an error.</summary>
    None,

    /// <summary>Its first symbols or steps are read; the rest is dropped.</summary>
    KeepStart,

    /// <summary>Its last symbols or steps are read; those before them are dropped.</summary>
    KeepEnd,
}

/// <summary>How much of a row is read if rows may have different lengths.</summary>
/// <param name="Length">The maximum number of symbols or steps, at least 1.</param>
/// <param name="Truncation">What happens to a longer row.</param>
public sealed record SequenceLimit(int Length, SequenceTruncation Truncation)
{
    /// <summary>Combines a network's two properties.</summary>
    /// <param name="maximumInputLength">The maximum length; null for no limit.</param>
    /// <param name="truncation">What happens to a longer row.</param>
    /// <returns>The limit; null for none.</returns>
    public static SequenceLimit? Of(int? maximumInputLength, SequenceTruncation truncation) => maximumInputLength is { } length ? new(length, truncation) : null;

    /// <exception cref="ArgumentException">A value is out of range.</exception>
    internal void Validate()
    {
        Check.AtLeast(Length, 1, $"Limit.{nameof(Length)}");
        if (!Enum.IsDefined(Truncation))
            throw new ArgumentException($"Limit.{nameof(Truncation)} is {(int)Truncation}; it has to be one of {string.Join(", ", Enum.GetNames<SequenceTruncation>())}.");
    }

    /// <summary>Checks a network's two properties.</summary>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    internal static void Validate(int? maximumInputLength, SequenceTruncation truncation)
    {
        Check.AtLeast(maximumInputLength ?? 1, 1, "MaximumInputLength");
        if (!Enum.IsDefined(truncation))
            throw new ArgumentException($"Truncation is {(int)truncation}; it has to be one of {string.Join(", ", Enum.GetNames<SequenceTruncation>())}.", nameof(Truncation));
        if (truncation != SequenceTruncation.None && maximumInputLength is null)
            throw new ArgumentException($"Truncation is {truncation}, but MaximumInputLength, the number of symbols or steps to keep, is not set.", nameof(Truncation));
    }
}
