using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>Which columns of a CSV file make up a series.</summary>
public sealed record SeriesColumns
{
    /// <summary>The column of the dates. Default: null, the one that is called Date, or else the first.</summary>
    public string? Date { get; init; }

    /// <summary>The column of the values. Default: null, the one that is called Value, or else the only one that is left.</summary>
    public string? Value { get; init; }

    /// <summary>The column that names the series of a row, where the file holds several. Default: null, one series.</summary>
    public string? Series { get; init; }

    /// <summary>Further columns of numbers that are read, under their own names. Default: none.</summary>
    public IReadOnlyList<string> Covariates { get; init; } = [];

    /// <summary>What separates the decimals of a number: a point or a comma. Default: a point.</summary>
    public char DecimalMarker { get; init; } = '.';

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
