using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Forecasts;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Scoring;

namespace Sconce.Trainers;

/// <summary>
/// A trained forecaster as an ML.NET transformer, with the newest rows of its series, from which an engine goes on. It is saved
/// by <c>mlContext.Model.Save</c> and comes back from <c>mlContext.Model.Load</c>.
/// </summary>
/// <remarks>It does not change, and may be used from several threads at once: <see cref="ForecastCatalog.CreateForecastEngine"/> makes what takes new rows.</remarks>
public sealed partial class ForecastTransformer : ITransformer, IDisposable
{
    private readonly Forecaster _forecaster;

    /// <param name="forecaster">The network, and what goes with it.</param>
    /// <param name="states">The newest rows of each series.</param>
    /// <param name="kept">The most rows of a series that are kept.</param>
    internal ForecastTransformer(Forecaster forecaster, IReadOnlyList<SeriesRows> states, int kept) => (_forecaster, States, Kept) = (forecaster, states, kept);

    /// <summary>The network with its weights, and how they came to be. As a network it reads windows that are encoded already.</summary>
    public TorchModel Model => _forecaster.Model;

    /// <summary>The columns that are read and written.</summary>
    public ForecastColumns Columns => _forecaster.Definition.Columns;

    /// <summary>The number of rows that a forecast is made from.</summary>
    public int WindowSize => _forecaster.Definition.WindowSize;

    /// <summary>The number of values that are forecast at a time.</summary>
    public int Horizon => _forecaster.Definition.Horizon;

    /// <summary>The share of the values that shall lie within the bounds.</summary>
    public double ConfidenceLevel => _forecaster.Definition.ConfidenceLevel;

    /// <summary>How far dates are apart; null where there are none.</summary>
    public SeriesFrequency? Frequency => _forecaster.Definition.Frequency;

    /// <summary>What the network is told of a date; null where there are none.</summary>
    public CalendarFeatures? Calendar => _forecaster.Definition.Calendar;

    /// <summary>The names of the series that were learned from; one empty name where there is one series.</summary>
    public IReadOnlyList<string> Series => [.. States.Select(rows => rows.Name)];

    internal Forecaster Forecaster => _forecaster;

    internal IReadOnlyList<SeriesRows> States { get; }

    internal int Kept { get; }

    bool ITransformer.IsRowToRowMapper => false;

    /// <summary>Gives the schema that <see cref="Transform"/> would give.</summary>
    /// <exception cref="ArgumentException">A column is missing or has a type that cannot be used.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ((IBatchScorer)Model).Lifetime.ThrowIfDisposed();
        SeriesReader.CheckSchema(inputSchema, Columns, [.. Columns.Numbers]);
        return ScoreAnnotations.Append(inputSchema, Columns.Written.Select(name => new ScoreColumn(name, new VectorDataViewType((PrimitiveDataViewType)inputSchema[Columns.Value].Type, Horizon))));
    }

    /// <summary>
    /// Adds to each row the forecast that is made after it, as a vector of the type of the series' values, from the rows of its series alone that are in the data: NaN until a window is full, and at the
    /// end where covariates that are known in advance are not in the data. The series are read into memory when a forecast is first read.
    /// </summary>
    /// <exception cref="ArgumentException">A column is missing or has a type that cannot be used.</exception>
    public IDataView Transform(IDataView input) => new ForecastView(_forecaster, GetOutputSchema(input.Schema), input);

    /// <summary>Frees the network's native memory. Engines and views made of it can no longer be used.</summary>
    public void Dispose() => Model.Dispose();

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) =>
        throw new NotSupportedException($"A forecast is made from the rows before it, not from one row. {nameof(ForecastCatalog.CreateForecastEngine)} makes an engine that takes rows and forecasts.");
}
