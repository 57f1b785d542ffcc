using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>The metrics of an autoencoder.</summary>
/// <param name="Rows">The number of rows evaluated.</param>
/// <param name="MeanSquaredError">The mean squared error over rows and values, in the network's units (bytes divided by 255).</param>
/// <param name="CodeSize">The number of values in a code.</param>
/// <param name="Seconds">How long encoding, decoding and comparing took, in seconds.</param>
public sealed record ReconstructionReport(long Rows, double MeanSquaredError, int CodeSize, double Seconds)
{
    /// <summary>Rows encoded and decoded per second.</summary>
    public double RowsPerSecond => Rows / Seconds;

    /// <summary>Encodes and decodes data, and compares the result with the data.</summary>
    /// <param name="model">A model with an autoencoder that outputs each row's error.</param>
    /// <param name="data">Data with the column that the autoencoder reads.</param>
    /// <exception cref="InvalidDataException">The model has no autoencoder with an error column, or the data has no rows.</exception>
    public static ReconstructionReport Evaluate(ModelFile model, IDataView data)
    {
        var objective = model.Encoder.Objective;
        if (objective.ErrorColumnName is not { } column)
            throw new InvalidDataException($"The autoencoder in '{model.Path}' does not output the error of a row: it was trained without {nameof(Autoencoder.Options.ReconstructionErrorColumnName)}.");
        var clock = Stopwatch.StartNew();
        var errors = model.Transform(data, column).GetColumn<float>(column).ToArray();
        return errors.Length > 0
            ? new ReconstructionReport(errors.Length, errors.Average(error => (double)error), objective.CodeSize, clock.Elapsed.TotalSeconds)
            : throw new InvalidDataException("The data to evaluate on has no rows.");
    }
}
