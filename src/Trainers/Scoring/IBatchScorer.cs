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

    /// <summary>The objective of the training; null if it is unknown.</summary>
    Objective? Objective { get; }

    /// <summary>The maximum number of rows that are scored at once.</summary>
    int BatchSize { get; }

    /// <summary>The lifetime of the scorer's native memory.</summary>
    NativeLifetime Lifetime { get; }

    /// <summary>Whether each row continues the one before it, so that rows have to be read in order.</summary>
    bool ContinuesRows { get; }

    /// <summary>Finds the feature column in the data to score.</summary>
    /// <exception cref="ArgumentException">The column is missing, or has an unsupported type or shape.</exception>
    ColumnBinding Bind(DataViewSchema schema);

    /// <summary>Starts a pass over rows in order. State that is carried from row to row belongs to the pass.</summary>
    IBatchReading Begin();
}

/// <summary>One pass over rows, by one thread.</summary>
internal interface IBatchReading : IDisposable
{
    /// <summary>Scores the first <paramref name="count"/> rows of <paramref name="batch"/> into <paramref name="scores"/>.</summary>
    void Score(FeatureBatch batch, int count, ScoreBatch scores);
}
