using System.Globalization;
using Sconce.Core.Errors;
using Sconce.Trainers;
using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>One thing that a search varies.</summary>
/// <typeparam name="TOptions">The trainer's options.</typeparam>
/// <param name="Name">What tables call it.</param>
public abstract record SearchDimension<TOptions>(string Name)
    where TOptions : TrainingOptions
{
    /// <summary>Draws a value and puts it into the options.</summary>
    /// <returns>The options, and the value as tables show it.</returns>
    internal abstract (TOptions Options, string Value) Draw(TOptions options, Random random);

    /// <summary>Checks the range.</summary>
    /// <exception cref="ArgumentException">It is empty.</exception>
    internal abstract void Validate();
}

/// <summary>A number between two bounds, drawn evenly, or evenly in its logarithm; it has three digits.</summary>
/// <typeparam name="TOptions">The trainer's options.</typeparam>
/// <param name="Name">What tables call it.</param>
/// <param name="Low">The least value.</param>
/// <param name="High">The greatest value.</param>
/// <param name="Set">Gives the options with a value in them.</param>
public sealed record NumberDimension<TOptions>(string Name, double Low, double High, Func<TOptions, double, TOptions> Set) : SearchDimension<TOptions>(Name)
    where TOptions : TrainingOptions
{
    private const string Digits = "G3";

    /// <summary>Whether the logarithm is drawn evenly, as suits learning rates: both bounds have to be more than 0. Default: false.</summary>
    public bool Logarithmic { get; init; }

    internal override (TOptions Options, string Value) Draw(TOptions options, Random random)
    {
        var share = random.NextDouble();
        var drawn = Logarithmic ? Low * Math.Pow(High / Low, share) : Low + (High - Low) * share;
        // What is tried is what the table says.
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
/// <param name="Name">What tables call it.</param>
/// <param name="Values">The values, at least one.</param>
/// <param name="Set">Gives the options with a value in them.</param>
public sealed record ChoiceDimension<TOptions, TValue>(string Name, IReadOnlyList<TValue> Values, Func<TOptions, TValue, TOptions> Set) : SearchDimension<TOptions>(Name)
    where TOptions : TrainingOptions
{
    /// <summary>How a value is shown. Default: as it is.</summary>
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
