using Sconce.Core.Errors;

namespace Sconce.Pipelines;

/// <summary>How the rows of a table are split.</summary>
public sealed record TableSplitOptions
{
    /// <summary>The fraction of the rows to test on, between 0 and 1. Default: 0.2.</summary>
    public double TestShare { get; init; } = 0.2;

    /// <summary>
    /// The fraction of all rows to validate on while training, in [0, 1), chosen like those to test on; together with <see cref="TestShare"/> less
    /// than 1. Default: 0, for no such part.
    /// </summary>
    public double ValidationShare { get; init; }

    /// <summary>
    /// The column whose values each part has in the same shares: the label. Numbers with more than 20 different values are taken together in ten
    /// groups of equal size. Each class of two rows or more is on both sides. Null, the default, to draw rows regardless of a label.
    /// </summary>
    public string? StratifyColumnName { get; init; }

    /// <summary>The column whose equal values stay in one part, such as a customer. The shares are met as nearly as the groups allow; <see cref="StratifyColumnName"/> is not used. Default: null.</summary>
    public string? GroupColumnName { get; init; }

    /// <summary>The column of dates or numbers whose largest values are tested on; rows of the same time stay together. Default: null.</summary>
    public string? TimeColumnName { get; init; }

    /// <summary>The seed of the draw. Default: 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The file of the rows, which errors name. Default: null.</summary>
    public string? File { get; init; }

    /// <summary>Stops the split.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <exception cref="ArgumentException">A value is not supported.</exception>
    internal void Validate()
    {
        Check.Between(TestShare, 0, 1, nameof(TestShare));
        Check.Share(ValidationShare, nameof(ValidationShare));
        Check.Between(TestShare + ValidationShare, 0, 1, nameof(ValidationShare));
        if (GroupColumnName is not null && TimeColumnName is not null)
            throw new ArgumentException($"{nameof(GroupColumnName)} and {nameof(TimeColumnName)} are both set; rows can be split by groups or by time.", nameof(TimeColumnName));
    }
}
