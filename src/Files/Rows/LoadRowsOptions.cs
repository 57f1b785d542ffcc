using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Files.Rows;
using Sconce.Files.Text;

namespace Sconce.Files;

/// <summary>How <see cref="RowFileCatalog.LoadRows(DataOperationsCatalog, string, LoadRowsOptions?)"/> reads files.</summary>
/// <example>
/// <code>
/// var houses = ml.Data.LoadRows("houses/*.csv", new LoadRowsOptions
/// {
///     Columns = [new("Price", NumberDataViewType.Single), new("Rooms"), new("Features") { Fields = ["size", "distance_*"] }],
/// });
/// </code>
/// </example>
public sealed record LoadRowsOptions
{
    /// <summary>
    /// The format of all files: <c>csv</c>, <c>tsv</c>, <c>parquet</c>, <c>arrow</c>, <c>arrows</c>, <c>jsonl</c>, <c>idx</c> or <c>images</c>. Null,
    /// the default, to infer it from each file's first bytes and name.
    /// </summary>
    public string? Format { get; init; }

    /// <summary>The columns to read. Null, the default, for all columns, with inferred types.</summary>
    public IReadOnlyList<RowColumn>? Columns { get; init; }

    /// <summary>
    /// Whether CSV files start with a line of column names. Null, the default, to infer it. Fields without names are called <c>Field1</c>,
    /// <c>Field2</c> and so on.
    /// </summary>
    public bool? HasHeader { get; init; }

    /// <summary>The character that separates the fields of CSV. Null, the default, to infer it from each file's first line.</summary>
    public char? Delimiter { get; init; }

    /// <summary>
    /// The character that escapes a quote inside a quoted field of CSV: a quote or a backslash. Null, the default, to accept a doubled quote, and a
    /// backslash where a line can only be read with it.
    /// </summary>
    public char? EscapeCharacter { get; init; }

    /// <summary>The decimal separator of numbers in CSV: <c>.</c> or <c>,</c>. Thousands separators are not supported. Default: <c>.</c></summary>
    public char DecimalMarker { get; init; } = '.';

    /// <summary>The .NET format of dates in CSV and JSON Lines, such as <c>dd.MM.yyyy HH:mm</c>. Default: null, for ISO 8601. Dates without an offset are UTC.</summary>
    public string? DateTimeFormat { get; init; }

    /// <summary>
    /// Whether the rows are a table with missing values and a mix of forms, as <c>TableSurvey</c> and <c>TablePipeline</c> expect. In CSV and JSON Lines
    /// dates and Booleans then stay text, which may be missing; numbers beyond 16,777,216 are Double; a column is text if any row of its CSV file is not a
    /// number, has leading zeros or more than 15 digits; and blanks around the text of CSV are removed. Two columns of one name are refused. Default: false.
    /// </summary>
    /// <remarks>CSV is read once to its end for this.</remarks>
    public bool IsTable { get; init; }

    /// <summary>
    /// What happens to a row that cannot be used. With <see cref="RowErrors.Skip"/> every pass reads all columns, so that all passes leave out
    /// the same rows. <see cref="RowErrors.Quarantine"/> is not supported. Default: <see cref="RowErrors.Fail"/>.
    /// </summary>
    public RowErrors OnError { get; init; }

    /// <summary>Stops reading between two batches of rows.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Checks the options of text formats.</summary>
    /// <exception cref="ArgumentException">A value is not supported.</exception>
    internal static void CheckText(char? delimiter, char? escapeCharacter, char decimalMarker, string? dateTimeFormat)
    {
        if (delimiter is '"' or '\r' or '\n' || (delimiter is not null && delimiter == escapeCharacter))
            throw new ArgumentException($"{nameof(Delimiter)} is {(delimiter is '\r' or '\n' ? "a line break" : $"'{delimiter}'")}; it has to be a character that neither quotes, escapes nor ends a line.", nameof(Delimiter));
        if (escapeCharacter is not (null or '"' or '\\'))
            throw new ArgumentException($"{nameof(EscapeCharacter)} is '{escapeCharacter}'; it has to be a quote or a backslash.", nameof(EscapeCharacter));
        if (decimalMarker is not ('.' or ','))
            throw new ArgumentException($"{nameof(DecimalMarker)} is '{decimalMarker}'; it has to be a point or a comma.", nameof(DecimalMarker));
        if (dateTimeFormat is not null)
            IsoTime.CheckFormat(dateTimeFormat, nameof(DateTimeFormat));
    }

    /// <summary>Checks what happens to rows that cannot be used.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not supported.</exception>
    internal static void CheckErrors(RowErrors onError)
    {
        if (onError is not (RowErrors.Fail or RowErrors.Skip))
            throw new ArgumentOutOfRangeException(nameof(OnError), $"{nameof(OnError)} is {onError}; it has to be {RowErrors.Fail} or {RowErrors.Skip}.");
    }

    /// <exception cref="ArgumentException">A value is not supported; <see cref="ArgumentException.ParamName"/> is the property.</exception>
    internal void Validate()
    {
        CheckText(Delimiter, EscapeCharacter, DecimalMarker, DateTimeFormat);
        if (Format is not (null or RowSource.ImageFormat) && RowFormats.All.All(format => format.Name != Format))
            throw new ArgumentException($"{nameof(Format)} is '{Format}'; it has to be one of {string.Join(", ", RowFormats.All.Select(format => format.Name).Append(RowSource.ImageFormat))}.", nameof(Format));
        CheckErrors(OnError);
        if (Columns is { Count: 0 })
            throw new ArgumentException($"{nameof(Columns)} is empty; it has to name at least one column, or be null for all of them.", nameof(Columns));
        foreach (var column in Columns ?? [])
        {
            Check.NotEmpty(column.Name, nameof(Columns));
            if (column.Fields is { Count: 0 })
            {
                throw new ArgumentException($"{nameof(RowColumn.Fields)} of column '{column.Name}' is empty; it has to name at least one field.", nameof(Columns))
                    .About(column: column.Name);
            }

            if (((column.Type as VectorDataViewType)?.ItemType ?? column.Type) is not (null or NumberDataViewType or TextDataViewType or BooleanDataViewType or DateTimeDataViewType or DateTimeOffsetDataViewType or TimeSpanDataViewType))
            {
                throw new ArgumentException($"Column '{column.Name}' has the type {column.Type}, which files do not support; numbers, text, Booleans, times, and vectors of them can be read.", nameof(Columns))
                    .About(column: column.Name);
            }
        }

        if (Columns?.GroupBy(column => column.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Skip(1).Any()) is { Key: var twice })
            throw new ArgumentException($"{nameof(Columns)} has the column '{twice}' more than once.", nameof(Columns)).About(column: twice);
    }

    /// <summary>How files are read, without the columns.</summary>
    internal RowRequest ToRequest() => new([])
    {
        IsByName = true,
        HasHeader = HasHeader,
        Delimiter = Delimiter,
        EscapeCharacter = EscapeCharacter,
        HasDecimalComma = DecimalMarker == ',',
        DateTimeFormat = DateTimeFormat,
        IsTable = IsTable,
    };
}

/// <summary>A column that is read from files.</summary>
/// <param name="Name">The name of the column in the data view.</param>
/// <param name="Type">
/// Its type; null, the default, to infer it: from the first 1,000 rows of text formats, and from the schema of others. For a vector of several fields
/// the type of its values is enough.
/// </param>
public sealed record RowColumn(string Name, DataViewType? Type = null)
{
    /// <summary>
    /// The names of the fields that make up the column. Several make a vector, in this order; <c>*</c> stands for any characters, and a pattern for all
    /// fields that match it, in the order of the file, except those that <see cref="LoadRowsOptions.Columns"/> names elsewhere. A single name without
    /// <c>*</c> renames a field. Null, the default, for the field with the column's name, or else the fields <c>NAME.0</c>, <c>NAME.1</c> and so on as a vector.
    /// </summary>
    public IReadOnlyList<string>? Fields { get; init; }
}
