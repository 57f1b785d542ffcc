using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Core.Storage;
using Sconce.Pipelines.Forecasts;
using Sconce.Trainers;
using Sconce.Trainers.Model;

namespace Sconce.Pipelines;

/// <summary>A forecasting model that was loaded from a zip, with the history of its series.</summary>
public sealed class ForecastModelFile : IDisposable
{
    private readonly ITransformer _model;
    private readonly DataViewSchema? _schema;
    private byte[] _hash;

    private ForecastModelFile(string path, byte[] hash, ITransformer model, DataViewSchema? schema, ForecastTransformer forecaster, ForecastEngine engine) =>
        (Path, _hash, _model, _schema, Forecaster, Engine) = (path, hash, model, schema, forecaster, engine);

    /// <summary>The file that was read.</summary>
    public string Path { get; }

    /// <summary>The forecasting transformer.</summary>
    public ForecastTransformer Forecaster { get; }

    /// <summary>The engine that continues the series.</summary>
    public ForecastEngine Engine { get; }

    /// <summary>The last date of the series; null without dates, or if the series end at different dates.</summary>
    public DateTime? LastDate => Engine.Series.Select(name => Engine.History(name).Dates?[^1]).Distinct().ToList() is [var only] ? only : null;

    /// <summary>Reads a model zip.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is not a model, is damaged, needs a newer version, or is not a forecasting model.</exception>
    public static ForecastModelFile Load(MLContext ml, string path)
    {
        // Hashed first: a file that is replaced meanwhile then counts as changed.
        var hash = File.Exists(path) ? Hash(path) : [];
        var model = ml.Model.LoadVerified(path, out var schema);
        if (PipelineSteps.Of(model).OfType<ForecastTransformer>().FirstOrDefault() is { } forecaster)
            return new ForecastModelFile(path, hash, model, schema, forecaster, model.CreateForecastEngine(ml, schema));
        (model as IDisposable)?.Dispose();
        throw new InvalidDataException($"'{path}' is not a forecasting model.").About(file: path, needed: ModelKind.Forecaster);
    }

    /// <summary>Reads a file of later rows, and appends them to the series.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="path">The file, with the columns that the model was trained on.</param>
    /// <param name="columns">The file's date, value, and series columns; the covariates are the model's own.</param>
    /// <returns>The number of rows.</returns>
    /// <exception cref="InvalidDataException">The file cannot be read, or its rows do not follow the model's history.</exception>
    public long Append(MLContext ml, string path, SeriesColumns columns)
    {
        var rows = ml.Data.LoadSeries([path], columns with { Series = Series(columns), Covariates = [.. Forecaster.Columns.PastCovariates, .. Forecaster.Columns.FutureCovariates] });
        try
        {
            Engine.Update(Named(rows));
        }
        catch (InvalidDataException exception)
        {
            throw (ErrorFacts.Of(exception) with { File = path }).Put(new InvalidDataException($"'{path}': {exception.Message}", exception));
        }

        return rows.GetRowCount()!.Value;
    }

    /// <summary>Forecasts the next values of each series, or of one.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="steps">The number of steps; null for the model's horizon.</param>
    /// <param name="confidence">The fraction of values that the bounds should contain; null for that of the training.</param>
    /// <param name="known">A file of covariates known in advance; null if the model needs none.</param>
    /// <param name="columns">Its date and series columns.</param>
    /// <param name="series">The series; null for all.</param>
    public IReadOnlyList<SeriesForecast> Forecast(MLContext ml, int? steps, double? confidence, string? known, SeriesColumns columns, string? series = null)
    {
        var future = known is null ? null : Named(ml.Data.LoadKnown(known, columns.Date, Series(columns), Forecaster.Columns.FutureCovariates, columns.DecimalMarker));
        return [.. (series is null ? Engine.Series : [series]).Select(name => Engine.Predict(steps, confidence, name, future))];
    }

    /// <summary>Saves the model, with the series up to now, to the file that it was loaded from.</summary>
    /// <exception cref="IOException">The file cannot be written, is being saved by another process, or has changed since it was loaded.</exception>
    public void Save(MLContext ml)
    {
        AtomicFile.CheckWritable(Path);
        // No other process may save between the comparison and the rename. The system releases the lock of a process that ends.
        using var held = Lock();
        if (!File.Exists(Path) || !Hash(Path).AsSpan().SequenceEqual(_hash))
            throw new IOException($"'{Path}' has changed since it was loaded, and saving would discard that change. Try again with the current file.").About(file: Path);
        Engine.CheckPoint(ml, Path);
        _hash = Hash(Path);
    }

    /// <summary>Frees the network's native memory.</summary>
    public void Dispose() => (_model as IDisposable)?.Dispose();

    private static byte[] Hash(string path)
    {
        using var stream = File.OpenRead(path);
        return SHA256.HashData(stream);
    }

    private FileStream Lock()
    {
        var path = $"{Path}.lock";
        return FileLock.TryHold(path)
            ?? throw new IOException($"Another process is saving '{Path}' and holds '{path}'. The file was not changed; try again.").About(file: Path, conflict: OutputConflict.InUse);
    }

    /// <summary>The file's series column; by default the one of the model.</summary>
    private string? Series(SeriesColumns columns) => columns.Series ?? Forecaster.Columns.Series;

    /// <summary>The rows under the names of the model's columns, with numbers of the same precision.</summary>
    private IDataView Named(IDataView rows)
    {
        var columns = Forecaster.Columns;
        (string? Own, string Loaded)[] names = [(columns.Date, SeriesFile.Date), (columns.Series, SeriesFile.Series), (columns.Value, SeriesFile.Value)];
        var named = names.Where(name => name.Own is not null && name.Own != name.Loaded && rows.Schema.GetColumnOrNull(name.Loaded) is not null)
            .Aggregate(rows, (data, name) => new MLContext().Transforms.CopyColumns(name.Own!, name.Loaded).Fit(data).Transform(data));
        InputOutputColumnPair[] singles =
        [
            .. columns.Numbers.Where(name => _schema?.GetColumnOrNull(name)?.Type == NumberDataViewType.Single && named.Schema.GetColumnOrNull(name)?.Type == NumberDataViewType.Double)
                .Select(name => new InputOutputColumnPair(name)),
        ];
        return singles.Length == 0 ? named : new MLContext().Transforms.Conversion.ConvertType(singles, DataKind.Single).Fit(named).Transform(named);
    }
}
