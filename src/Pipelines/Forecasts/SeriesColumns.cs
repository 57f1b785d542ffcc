using Sconce.Files.Rows;
using Sconce.Pipelines.Forecasts;
using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>The columns of a file of series, and how the file is read.</summary>
public sealed record SeriesColumns
{
    /// <summary>The column of the dates. Default: null, the column named Date, or else the first.</summary>
    public string? Date { get; init; }

    /// <summary>The column of the values. Default: null, the column named Value, or else the only remaining one.</summary>
    public string? Value { get; init; }

    /// <summary>The column that names each row's series. Default: null, one series.</summary>
    public string? Series { get; init; }

    /// <summary>Additional numeric columns to read, under their own names. Default: none.</summary>
    public IReadOnlyList<string> Covariates { get; init; } = [];

    /// <summary>The decimal marker of numbers in CSV: a point or a comma. Default: a point.</summary>
    public char DecimalMarker { get; init; } = '.';

    /// <summary>The format of the files: csv, tsv, parquet, arrow, arrows or jsonl. Default: null, inferred from the first bytes and the name of each file.</summary>
    public string? Format { get; init; }

    internal RowFormat? RowFormat => Format is null ? null : RowFormats.Named(Format)
        ?? throw new ArgumentException($"{nameof(Format)} is '{Format}'; it has to be one of {string.Join(", ", RowFormats.All.Select(format => format.Name))}.", nameof(Format));

    /// <summary>The named columns, except the date.</summary>
    internal IEnumerable<string?> Named => [Value, Series, .. Covariates];

    /// <exception cref="ArgumentException">A column is named twice, a covariate is named Date, Value or Series, or the decimal marker or the format is unknown.</exception>
    internal void Validate()
    {
        if (DecimalMarker is not ('.' or ','))
            throw new ArgumentException($"{nameof(DecimalMarker)} is '{DecimalMarker}'; it has to be a point or a comma.", nameof(DecimalMarker));
        _ = RowFormat;
        RequireDistinct([Date, .. Named]);
        if (Covariates.FirstOrDefault(name => name is SeriesFile.Date or SeriesFile.Value or SeriesFile.Series) is { } taken)
            throw new ArgumentException($"{nameof(Covariates)} has '{taken}', which is reserved for the series' own column; rename the column in the file.", nameof(Covariates));
    }

    /// <exception cref="ArgumentException">A column is named twice.</exception>
    internal static void RequireDistinct(IEnumerable<string?> names)
    {
        if (names.OfType<string>().GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { Key: var twice })
            throw new ArgumentException($"The column '{twice}' is named twice; date, value, series and each covariate need a column of their own.");
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
