using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>The metrics of a text-to-text model.</summary>
/// <param name="Rows">The number of rows evaluated.</param>
/// <param name="ExactMatch">The fraction of rows whose output equals the label exactly, in [0, 1].</param>
/// <param name="Mistakes">The first rows whose output differs, at most 10.</param>
/// <param name="Seconds">How long reading and translating took, in seconds.</param>
public sealed record TranslationReport(long Rows, double ExactMatch, IReadOnlyList<Translation> Mistakes, double Seconds)
{
    private const int MistakesKept = 10;

    /// <summary>Rows translated per second.</summary>
    public double RowsPerSecond => Rows / Seconds;

    /// <summary>Translates labeled data and compares the output with the labels.</summary>
    /// <param name="model">A model from text to text.</param>
    /// <param name="data">Data with the model's input and label columns.</param>
    /// <exception cref="InvalidDataException">The model is not a text-to-text model, or the data has no rows.</exception>
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

/// <summary>A text and a model's output for it.</summary>
/// <param name="Input">The text.</param>
/// <param name="Output">The model's output.</param>
/// <param name="Expected">The expected output; null if it is unknown.</param>
public sealed record Translation(string Input, string Output, string? Expected = null);
