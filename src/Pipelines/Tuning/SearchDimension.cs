using System.Globalization;
using Sconce.Core.Errors;
using Sconce.Trainers;
using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>A dimension of a search space: one option that is varied.</summary>
/// <typeparam name="TOptions">The trainer's options.</typeparam>
/// <param name="Name">Its name in tables.</param>
public abstract record SearchDimension<TOptions>(string Name)
    where TOptions : TrainingOptions
{
    /// <summary>Draws a value and sets it in the options.</summary>
    /// <returns>The options, and the value as text for tables.</returns>
    internal abstract (TOptions Options, string Value) Draw(TOptions options, Random random);

    /// <summary>Checks the range.</summary>
    /// <exception cref="ArgumentException">The range is empty.</exception>
    internal abstract void Validate();
}

/// <summary>A number between two bounds, drawn uniformly or log-uniformly, and rounded to three significant digits.</summary>
/// <typeparam name="TOptions">The trainer's options.</typeparam>
/// <param name="Name">Its name in tables.</param>
/// <param name="Low">The lower bound.</param>
/// <param name="High">The upper bound.</param>
/// <param name="Set">Returns options with a value set.</param>
public sealed record NumberDimension<TOptions>(string Name, double Low, double High, Func<TOptions, double, TOptions> Set) : SearchDimension<TOptions>(Name)
    where TOptions : TrainingOptions
{
    private const string Digits = "G3";

    /// <summary>Whether to draw log-uniformly, as for learning rates; both bounds then have to be more than 0. Default: false.</summary>
    public bool Logarithmic { get; init; }

    internal override (TOptions Options, string Value) Draw(TOptions options, Random random)
    {
        var share = random.NextDouble();
        var drawn = Logarithmic ? Low * Math.Pow(High / Low, share) : Low + (High - Low) * share;
        // Rounded, so that the table shows the exact value of the trial.
        var value = drawn.ToString(Digits, CultureInfo.InvariantCulture);
        return (Set(options, double.Parse(value, CultureInfo.InvariantCulture)), value);
    }

    internal override void Validate()
    {
        Check.AtLeast(High, Low, $"{Name}.{nameof(High)}");
        if (Logarithmic)
            Check.Positive(Low, $"{Name}.{nameof(Low)}");
    }
}

/// <summary>One of several values.</summary>
/// <typeparam name="TOptions">The trainer's options.</typeparam>
/// <typeparam name="TValue">Their type.</typeparam>
/// <param name="Name">Its name in tables.</param>
/// <param name="Values">The values, at least one.</param>
/// <param name="Set">Returns options with a value set.</param>
public sealed record ChoiceDimension<TOptions, TValue>(string Name, IReadOnlyList<TValue> Values, Func<TOptions, TValue, TOptions> Set) : SearchDimension<TOptions>(Name)
    where TOptions : TrainingOptions
{
    /// <summary>Formats a value for tables. Default: its own text.</summary>
    public Func<TValue, string> Describe { get; init; } = value => string.Create(CultureInfo.InvariantCulture, $"{value}");

    internal override (TOptions Options, string Value) Draw(TOptions options, Random random)
    {
        var value = Values[random.Next(Values.Count)];
        return (Set(options, value), Describe(value));
    }

    internal override void Validate() => Check.AtLeast(Values.Count, 1, $"{Name}.Values.Count");

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
