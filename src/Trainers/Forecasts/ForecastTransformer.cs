using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Forecasts;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Scoring;

namespace Sconce.Trainers;

/// <summary>
/// A trained forecaster as an ML.NET transformer, with the newest rows of its series, which an engine continues. It is saved
/// by <c>mlContext.Model.Save</c> and loaded by <c>mlContext.Model.Load</c>.
/// </summary>
/// <remarks>It is immutable and thread-safe; <see cref="ForecastCatalog.CreateForecastEngine"/> creates an engine, which takes new rows.</remarks>
public sealed partial class ForecastTransformer : ITransformer, IDisposable
{
    /// <param name="forecaster">The forecaster.</param>
    /// <param name="states">The newest rows of each series.</param>
    /// <param name="kept">The maximum number of rows that are kept of a series.</param>
    internal ForecastTransformer(Forecaster forecaster, IReadOnlyList<SeriesRows> states, int kept) => (Forecaster, States, Kept) = (forecaster, states, kept);

    /// <summary>The network with its weights and training record. It reads encoded windows.</summary>
    public TorchModel Model => Forecaster.Model;

    /// <summary>The input and output columns.</summary>
    public ForecastColumns Columns => Forecaster.Definition.Columns;

    /// <summary>The number of rows that a forecast is made from.</summary>
    public int WindowSize => Forecaster.Definition.WindowSize;

    /// <summary>The number of values to forecast.</summary>
    public int Horizon => Forecaster.Definition.Horizon;

    /// <summary>The confidence level of the bounds, in (0, 1).</summary>
    public double ConfidenceLevel => Forecaster.Definition.ConfidenceLevel;

    /// <summary>The frequency of the dates; null if there are none.</summary>
    public SeriesFrequency? Frequency => Forecaster.Definition.Frequency;

    /// <summary>The features of dates; null if there are none.</summary>
    public CalendarFeatures? Calendar => Forecaster.Definition.Calendar;

    /// <summary>The names of the series of the training data; a single empty name if there is one series without a name.</summary>
    public IReadOnlyList<string> Series => [.. States.Select(rows => rows.Name)];

    internal Forecaster Forecaster { get; }

    internal IReadOnlyList<SeriesRows> States { get; }

    internal int Kept { get; }

    bool ITransformer.IsRowToRowMapper => false;

    /// <summary>Returns the schema of the data that <see cref="Transform"/> returns.</summary>
    /// <exception cref="ArgumentException">A column is missing or has a type that cannot be used.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ((IBatchScorer)Model).Lifetime.ThrowIfDisposed();
        SeriesReader.CheckSchema(inputSchema, Columns, [.. Columns.Numbers]);
        return ScoreAnnotations.Append(inputSchema, Columns.Written.Select(name => new ScoreColumn(name, new VectorDataViewType((PrimitiveDataViewType)inputSchema[Columns.Value].Type, Horizon))));
    }

    /// <summary>
    /// Adds to each row the forecast made after it, a vector of the type of the series' values, from the rows of its series in the data: NaN until there
    /// are enough rows for a window, and at the end if future covariates are missing. The series are read into memory when a forecast is first read.
    /// </summary>
    /// <exception cref="ArgumentException">A column is missing or has a type that cannot be used.</exception>
    public IDataView Transform(IDataView input) => new ForecastView(Forecaster, GetOutputSchema(input.Schema), input);

    /// <summary>Frees the network's native memory. Its engines and views can no longer be used.</summary>
    public void Dispose() => Model.Dispose();

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) =>
        throw new NotSupportedException($"A forecast is made from many rows, not from a single one. Use {nameof(ForecastCatalog.CreateForecastEngine)}.");
}
