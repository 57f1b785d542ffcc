using Sconce.Files.Rows;

namespace Microsoft.ML;

/// <summary>Tables to learn from, for <see cref="MLContext.Data"/>.</summary>
public static class TableDataCatalog
{
    private const int MostRows = 1_024;

    /// <summary>Loads 891 passengers of the Titanic, from this assembly.</summary>
    /// <param name="catalog">The <c>mlContext.Data</c>.</param>
    /// <returns>
    /// A view with 15 columns, <c>survived</c> (1 or 0) the first; ages, decks and ports have gaps. <c>alive</c> tells <c>survived</c>: leave it out.
    /// </returns>
    /// <example><code>var survey = TableSurvey.Take(ml.Data.LoadTitanic(), new() { LabelColumnName = "survived" });</code></example>
    public static IDataView LoadTitanic(this DataOperationsCatalog catalog) => Load(catalog, "titanic.csv");

    /// <summary>Loads 344 penguins of three species, from this assembly.</summary>
    /// <param name="catalog">The <c>mlContext.Data</c>.</param>
    /// <returns>A view with the columns <c>species</c>, <c>island</c> and <c>sex</c>, text, and four measures, Single; some are missing.</returns>
    /// <example><code>var survey = TableSurvey.Take(ml.Data.LoadPenguins(), new() { LabelColumnName = "species" });</code></example>
    public static IDataView LoadPenguins(this DataOperationsCatalog catalog) => Load(catalog, "penguins.csv");

    private static RowBatchView Load(DataOperationsCatalog catalog, string name)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        var resource = $"tables/{name}";
        var request = new RowRequest([]) { IsByName = true, HasHeader = true, IsTable = true };
        var fields = TableFields.Of(Open, RowFormats.Csv, request, []);
        using var reader = Open(request with { Columns = RowColumns.Of(resource, fields, null) });
        return new RowBatchView(reader.ReadBatches(MostRows).Single(), reader.Schema);

        RowReader Open(RowRequest columns) => RowFile.Read(resource, typeof(TableDataCatalog).Assembly.GetManifestResourceStream(resource)!, columns, RowFormats.Csv);
    }
}
