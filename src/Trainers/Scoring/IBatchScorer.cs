using Microsoft.ML;
using Sconce.Trainers.Columns;
using Sconce.Trainers.Native;

namespace Sconce.Trainers.Scoring;

/// <summary>Scores one column in batches, with a network or a graph of another library. Thread-safe.</summary>
internal interface IBatchScorer
{
    InputColumn Input { get; }

    /// <summary>The columns that scoring adds, in order.</summary>
    IReadOnlyList<ScoreColumn> Columns { get; }

    /// <summary>What it was trained for; null where that is not known.</summary>
    Objective? Objective { get; }

    /// <summary>The most rows that are scored in one go.</summary>
    int BatchSize { get; }

    /// <summary>How long there is something to score with.</summary>
    NativeLifetime Lifetime { get; }

    /// <summary>Whether rows continue each other, so that they are read in their order alone.</summary>
    bool ContinuesRows { get; }

    /// <summary>Finds the feature column in data to be scored.</summary>
    /// <exception cref="ArgumentException">It is missing, or is not of the type and shape that is read.</exception>
    ColumnBinding Bind(DataViewSchema schema);

    /// <summary>Begins a reading of rows in order: what is remembered from row to row is the reading's.</summary>
    IBatchReading Begin();
}

/// <summary>One reading of rows, by one thread.</summary>
internal interface IBatchReading : IDisposable
{
    /// <summary>Scores the first <paramref name="count"/> rows of <paramref name="batch"/> into <paramref name="scores"/>.</summary>
    void Score(FeatureBatch batch, int count, ScoreBatch scores);
}
