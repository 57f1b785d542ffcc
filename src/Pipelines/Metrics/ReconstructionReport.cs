using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>How well an autoencoder makes rows again.</summary>
/// <param name="Rows">The number of rows evaluated.</param>
/// <param name="MeanSquaredError">The mean over rows and values of the squared difference, in the units that the network reads: bytes as shares of 255.</param>
/// <param name="CodeSize">The number of values in a code.</param>
/// <param name="Seconds">How long encoding, decoding and comparing took.</param>
public sealed record ReconstructionReport(long Rows, double MeanSquaredError, int CodeSize, double Seconds)
{
    /// <summary>Rows encoded and decoded a second.</summary>
    public double RowsPerSecond => Rows / Seconds;

    /// <summary>Encodes and decodes data and compares.</summary>
    /// <param name="model">A model with an autoencoder that gives the error of each row.</param>
    /// <param name="data">Data with the column that the autoencoder reads.</param>
    /// <exception cref="InvalidDataException">The model has no autoencoder, or one that does not give its error; or the data has no rows.</exception>
    public static ReconstructionReport Evaluate(ModelFile model, IDataView data)
    {
        var objective = model.Encoder.Objective;
        if (objective.ErrorColumnName is not { } column)
            throw new InvalidDataException($"The autoencoder in '{model.Path}' does not give the error of a row: it was trained without {nameof(Autoencoder.Options.ReconstructionErrorColumnName)}.");
        var clock = Stopwatch.StartNew();
        var errors = model.Transform(data, column).GetColumn<float>(column).ToArray();
        return errors.Length > 0
            ? new ReconstructionReport(errors.Length, errors.Average(error => (double)error), objective.CodeSize, clock.Elapsed.TotalSeconds)
            : throw new InvalidDataException("The data to evaluate on has no rows.");
    }
}
