using System.Text.Json;
using Sconce.Core.Errors;
using Sconce.Trainers.Networks;
using Sconce.Trainers.Persistence;
using static TorchSharp.torch;

namespace Sconce.Trainers.Forecasts;

/// <summary>
/// A forecaster as named entries beside its network's: <c>Forecast.json</c> (columns, calendar, scales) and <c>Forecast.safetensors</c>
/// (the errors from which bounds are computed, and the newest rows of each series).
/// </summary>
internal static class ForecastEntries
{
    private const string DefinitionEntry = "Forecast.json";
    private const string StatesEntry = "Forecast.safetensors";
    private const long MostStored = 1 << 28;

    public static IEnumerable<(string Name, Action<Stream> Write)> Write(ForecastTransformer model)
    {
        var definition = JsonSerializer.SerializeToUtf8Bytes(
            new SavedForecast(model.Forecaster.Definition, model.Forecaster.Intervals.Stored[0].Length, [.. model.States.Select(rows => rows.Count)], model.Kept, DoubleValues: true), RecordJson.Options);
        using var scope = NewDisposeScope();
        using var states = new MemoryStream();
        Safetensors.Write(states, [
            new("errors", tensor(model.Forecaster.Intervals.Stored.SelectMany(errors => errors).ToArray()).view(model.Horizon, -1)),
            .. model.States.SelectMany(Tensors),
        ]);
        return ModelEntries.Write(model.Model, (DefinitionEntry, definition), (StatesEntry, states.ToArray()));

        static IEnumerable<KeyValuePair<string, Tensor>> Tensors(SeriesRows rows, int series)
        {
            yield return new(Values(series), tensor(rows.Numbers.SelectMany(column => column).ToArray()).view(rows.Numbers.Length, -1));
            if (rows.Dates is { } dates)
                yield return new(Dates(series), tensor(dates.Select(date => date.Ticks).ToArray()));
        }
    }

    /// <param name="open">Returns an entry's content by its name, or null if there is none.</param>
    /// <exception cref="InvalidDataException">An entry is missing, damaged, or does not fit the others; the message names it.</exception>
    public static ForecastTransformer Read(Func<string, byte[]?> open)
    {
        TorchRuntime.EnsureLoaded();
        var saved = RecordJson.Read<SavedForecast>(ModelEntries.RequireUnchanged(open, DefinitionEntry), DefinitionEntry);
        var states = ModelEntries.RequireUnchanged(open, StatesEntry);
        var definition = saved.Definition;
        try
        {
            saved.Validate();
        }
        // Any exception here is caused by the entry.
#pragma warning disable CA1031
        catch (Exception exception)
#pragma warning restore CA1031
        {
            throw new InvalidDataException($"The model's entry '{DefinitionEntry}' does not describe a forecaster: {exception.Message}", exception);
        }

        var model = ModelEntries.Read(open);
        try
        {
            CheckNetwork(definition, model.Definition);
            var (channels, series) = (1 + definition.Covariates.Count, Enumerable.Range(0, saved.Rows.Count));
            Safetensors.Require(states, StatesEntry, [
                new("errors", "F32", [definition.Horizon, saved.Windows]), .. series.Select(i => new WeightShape(Values(i), saved.DoubleValues ? "F64" : "F32", [channels, saved.Rows[i]])),
                .. definition.Frequency is null ? [] : series.Select(i => new WeightShape(Dates(i), "I64", [saved.Rows[i]]))]);
            using var scope = NewDisposeScope();
            var errors = zeros([definition.Horizon, saved.Windows], ScalarType.Float32);
            var numbers = saved.Rows.Select(rows => zeros([channels, rows], saved.DoubleValues ? ScalarType.Float64 : ScalarType.Float32)).ToList();
            var dates = definition.Frequency is null ? [] : saved.Rows.Select(rows => zeros([rows], ScalarType.Int64)).ToList();
            Safetensors.Read(states, StatesEntry, [new("errors", errors), .. numbers.Select((values, i) => KeyValuePair.Create(Values(i), values)), .. dates.Select((ticks, i) => KeyValuePair.Create(Dates(i), ticks))]);
            var intervals = ForecastIntervals.OfStored([.. Enumerable.Range(0, definition.Horizon).Select(step => errors[step].data<float>().ToArray())]);
            return new ForecastTransformer(new Forecaster(definition, model, intervals), [.. numbers.Select((values, i) => Rows(definition, i, values.to(ScalarType.Float64), i < dates.Count ? dates[i] : null))], saved.Kept);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static string Values(int series) => $"values.{series}";

    private static string Dates(int series) => $"dates.{series}";

    /// <summary>Restores the rows of a series.</summary>
    private static SeriesRows Rows(ForecastDefinition definition, int series, Tensor values, Tensor? ticks)
    {
        var count = (int)values.shape[1];
        var rows = new SeriesRows(definition.Series[series].Name, (int)values.shape[0], ticks is not null) { Zone = definition.Zone };
        var dates = ticks?.data<long>().ToArray();
        for (var i = 0; i < count; i++)
        {
            if (dates?[i] < DateTime.MinValue.Ticks || dates?[i] > DateTime.MaxValue.Ticks)
                throw new InvalidDataException($"The model's entry '{StatesEntry}' has the date {dates[i]}, which is out of range.");
            rows.Add(dates is null ? default : new DateTime(dates[i]), SeriesRows.Kept);
        }

        for (var column = 0; column < rows.Numbers.Length; column++)
            rows.Numbers[column].AddRange(RequireFinite(values[column].data<double>().ToArray()));
        return rows;
    }

    private static double[] RequireFinite(double[] values) => Array.TrueForAll(values, double.IsFinite) ? values
        : throw new InvalidDataException($"The model's entry '{StatesEntry}' has a value that is not finite. Train and save the model again.");

    /// <summary>Checks that the network fits the definition.</summary>
    private static void CheckNetwork(ForecastDefinition definition, ModelDefinition network)
    {
        if (network.Objective is not Forecasting objective || objective.Horizon != definition.Horizon || network.Network is not RecurrentForecast { PastCovariates: var past } || past != definition.Columns.PastCovariates.Count
            || !network.Input.Shape.SequenceEqual([definition.WindowSize + definition.Horizon, definition.Channels]))
            throw new InvalidDataException($"The model's entry '{DefinitionEntry}' does not fit its network. Train and save the model again.");
    }

    /// <param name="Definition">How rows are encoded for the network.</param>
    /// <param name="Windows">The number of windows that the bounds are made from.</param>
    /// <param name="Rows">The number of rows that are kept of each series.</param>
    /// <param name="Kept">The maximum number of rows that are kept of a series.</param>
    /// <param name="DoubleValues">Whether the rows are Double; before format 3 they were Single.</param>
    private sealed record SavedForecast(ForecastDefinition Definition, int Windows, IReadOnlyList<int> Rows, int Kept, bool DoubleValues = false)
    {
        public void Validate()
        {
            Definition.Validate();
            Check.AtLeast(Windows, 0, nameof(Windows));
            Check.AtLeast(Kept, Definition.WindowSize, nameof(Kept));
            foreach (var rows in Rows)
                Check.AtLeast(rows, Definition.WindowSize, nameof(Rows));
            if (Rows.Count != Definition.Series.Count)
                throw new ArgumentException($"There are rows of {Rows.Count} series; the model has {Definition.Series.Count}.");
            Check.AtMost(((long)Windows * Definition.Horizon) + Rows.Sum(rows => (long)rows * (1 + Definition.Covariates.Count)), MostStored, "The number of values that are kept");
        }
    }
}
