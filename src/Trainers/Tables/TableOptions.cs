using Sconce.Core.Errors;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers;

/// <summary>How categories are found.</summary>
public sealed record CategoryOptions
{
    /// <summary>The number of training rows that a value needs to be a category of its own, at least 1; rarer values are one category together. Default: 2.</summary>
    public int MinimumCount { get; init; } = 2;

    /// <summary>The maximum number of categories, at least 1; the most frequent values are kept. Default: 1,000.</summary>
    public int MaximumCategories { get; init; } = 1_000;

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">A property is out of range.</exception>
    public void Validate()
    {
        Check.AtLeast(MinimumCount, 1, nameof(MinimumCount));
        Check.AtLeast(MaximumCategories, 1, nameof(MaximumCategories));
    }
}

/// <summary>How numbers are scaled.</summary>
public enum NumberScaling
{
    /// <summary>By the mean and the standard deviation of the training rows.</summary>
    Standard,

    /// <summary>By the quantiles of the training rows, evenly to numbers with mean 0 and standard deviation 1; outliers become the largest of them.</summary>
    Quantile,

    /// <summary>Not at all.</summary>
    None,
}

/// <summary>What a column of <see cref="NumberOptions"/> holds.</summary>
public enum NumberSource
{
    /// <summary>Numbers, or Booleans as 0 and 1; text has to hold numbers.</summary>
    Number,

    /// <summary>Booleans, or words for them: true and false, yes and no, y and n, t and f, on and off, 1 and 0.</summary>
    Boolean,

    /// <summary>Times, or text of them, of which parts are made: year, month, day, day of the week, day of the year, the days since 1970, and hour and minute if any training row has them.</summary>
    Date,
}

/// <summary>How columns become numbers.</summary>
public sealed record NumberOptions
{
    /// <summary>What columns hold; those that are not named hold numbers. Default: none named.</summary>
    public IReadOnlyDictionary<string, NumberSource> Sources { get; init; } = new Dictionary<string, NumberSource>();

    /// <summary>How the numbers are scaled. Default: <see cref="NumberScaling.Standard"/>.</summary>
    public NumberScaling Scaling { get; init; } = NumberScaling.Standard;

    /// <summary>Whether a column with missing values in the training rows gets another number, 1 where it is missing and 0 elsewhere. Default: true.</summary>
    public bool IndicatesMissing { get; init; } = true;

    /// <summary>The format of times in text, as .NET's format strings: "dd.MM.yyyy". Default: null, ISO 8601.</summary>
    public string? DateFormat { get; init; }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
