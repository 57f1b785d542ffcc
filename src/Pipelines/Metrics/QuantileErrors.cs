using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Trainers;
using Sconce.Trainers.Objectives;

namespace Sconce.Pipelines.Metrics;

/// <summary>Sums up how well predicted quantiles fit the labels.</summary>
internal sealed class QuantileErrors
{
    private readonly IReadOnlyList<double> _quantiles;
    private readonly ValueGetter<VBuffer<float>> _read;
    private VBuffer<float> _values;
    private double _losses;
    private long _rows;
    private long _covered;

    private QuantileErrors(DataViewRow row, IReadOnlyList<double> quantiles) =>
        (_quantiles, _read) = (quantiles, row.GetGetter<VBuffer<float>>(row.Schema[QuantileOutputs.ColumnName]));

    /// <summary>The mean pinball loss of all quantiles, as in Koenker and Bassett, "Regression quantiles", 1978.</summary>
    public double PinballLoss => _losses / _rows / _quantiles.Count;

    /// <summary>The fraction of labels between the first and the last quantile, both included; null if there is only one.</summary>
    public double? Coverage => _quantiles.Count > 1 ? (double)_covered / _rows : null;

    /// <summary>Reads the quantiles of scored rows; null for a regression without quantiles.</summary>
    public static QuantileErrors? Of(DataViewRow row, Regression objective) => objective.Quantiles is { } quantiles ? new(row, quantiles) : null;

    /// <summary>Adds the current row.</summary>
    public void Add(double label)
    {
        _read(ref _values);
        var values = _values.GetValues();
        if (!_values.IsDense || values.Length != _quantiles.Count)
            throw new InvalidDataException($"Column '{QuantileOutputs.ColumnName}' has {_values.Length} values; {_quantiles.Count} are expected.").About(column: QuantileOutputs.ColumnName);
        foreach (var (i, quantile) in _quantiles.Index())
            _losses += Math.Max(quantile * (label - values[i]), (quantile - 1) * (label - values[i]));
        _covered += label >= values[0] && label <= values[^1] ? 1 : 0;
        _rows++;
    }
}
