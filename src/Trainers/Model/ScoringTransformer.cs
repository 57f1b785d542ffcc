using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Scoring;

namespace Sconce.Trainers;

/// <summary>
/// An ML.NET transformer that adds columns to any data that has its feature column, computed a batch of rows at a time. It
/// is saved by <c>mlContext.Model.Save</c> and loaded by <c>mlContext.Model.Load</c>.
/// </summary>
/// <remarks>Only this project's libraries can derive from it, as its abstract members are internal. It may be used from several threads at once; each thread needs a <c>PredictionEngine</c> of its own.</remarks>
public abstract partial class ScoringTransformer : ITransformer, IDisposable
{
    /// <summary>The name of the feature column; of several columns their names, separated by commas.</summary>
    public string FeatureColumnName => Scorer.Input.Name;

    /// <summary>The type of the feature column, whose dimensions are the shape of a row; of several columns the vector that the network reads.</summary>
    public DataViewType FeatureColumnType => Scorer.Input.ColumnType;

    bool ITransformer.IsRowToRowMapper => true;

    internal abstract IBatchScorer Scorer { get; }

    /// <summary>Returns the schema of the data that <see cref="Transform"/> returns.</summary>
    /// <exception cref="ArgumentException">The feature column is missing, or has another type or number of values.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => new ScoringSchema(Scorer, inputSchema).Output;

    /// <summary>Adds the score columns. Rows are scored in batches, when they are read.</summary>
    /// <exception cref="ArgumentException">The feature column is missing, or has another type or number of values.</exception>
    public IDataView Transform(IDataView input) => new ScoringView(new ScoringSchema(Scorer, input.Schema), input);

    /// <summary>
    /// Frees native memory once other threads have finished scoring. Every later use, including reading a view that <see cref="Transform"/>
    /// returned, throws <see cref="ObjectDisposedException"/>.
    /// </summary>
    /// <remarks>
    /// A <c>PredictionEngine</c> disposes the model that it was created from, unless <c>PredictionEngineOptions.OwnsTransformer</c> is
    /// false.
    /// </remarks>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => new ScoringRowMapper(new ScoringSchema(Scorer, inputSchema));

    /// <summary>Frees native memory.</summary>
    /// <param name="disposing">Whether <see cref="Dispose()"/> was called.</param>
    protected abstract void Dispose(bool disposing);

    /// <summary>The entries of the transformer's folder in a zip.</summary>
    internal abstract IEnumerable<(string Name, Action<Stream> Write)> Entries();
}
