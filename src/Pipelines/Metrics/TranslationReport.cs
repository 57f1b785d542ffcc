using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>How well a model makes texts of texts.</summary>
/// <param name="Rows">The number of rows evaluated.</param>
/// <param name="ExactMatch">The share of the rows whose output is the label to the last character, in [0, 1].</param>
/// <param name="Mistakes">The first rows whose output is another.</param>
/// <param name="Seconds">How long reading and translating took.</param>
public sealed record TranslationReport(long Rows, double ExactMatch, IReadOnlyList<Translation> Mistakes, double Seconds)
{
    private const int MistakesKept = 10;

    /// <summary>Rows translated a second.</summary>
    public double RowsPerSecond => Rows / Seconds;

    /// <summary>Translates labeled data and compares.</summary>
    /// <param name="model">A model from text to text.</param>
    /// <param name="data">Data with the model's input and label columns.</param>
    /// <exception cref="InvalidDataException">The model is no such model, or the data has no rows.</exception>
    public static TranslationReport Evaluate(ModelFile model, IDataView data)
    {
        var (input, objective) = model.Translator;
        var clock = Stopwatch.StartNew();
        var output = model.Transform(data, objective.OutputColumnName, input.Name, objective.Label.Name);
        var rows = 0L;
        var right = 0L;
        var mistakes = new List<Translation>();
        foreach (var (text, expected, given) in output.GetColumn<string>(input.Name).Zip(data.GetColumn<string>(objective.Label.Name), output.GetColumn<string>(objective.OutputColumnName)))
        {
            rows++;
            if (given == expected)
                right++;
            else if (mistakes.Count < MistakesKept)
                mistakes.Add(new Translation(text, given, expected));
        }

        return rows > 0
            ? new TranslationReport(rows, right / (double)rows, mistakes, clock.Elapsed.TotalSeconds)
            : throw new InvalidDataException("The data to evaluate on has no rows.");
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}

/// <summary>A text and what a model made of it.</summary>
/// <param name="Input">What the model read.</param>
/// <param name="Output">What it wrote.</param>
/// <param name="Expected">What it should have written; null where that is not known.</param>
public sealed record Translation(string Input, string Output, string? Expected = null);
