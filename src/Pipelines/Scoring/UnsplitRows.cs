using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Rows;

namespace Sconce.Pipelines.Scoring;

/// <summary>
/// Keeps ML.NET from splitting batches over its own threads, by adding and reading a column that it cannot copy between threads.
/// </summary>
/// <remarks>Batches are scored in parallel already, and ML.NET would start threads for every cursor.</remarks>
internal static class UnsplitRows
{
    private const string Name = "\u200BUnsplit";

    private static readonly DataViewSchema _mark = RequestedColumn.SchemaOf([new(Name, new UncopiedType())]);

    /// <summary>Adds the column to the input of a model.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="first">The number of the first row, for messages.</param>
    public static IDataView Mark(IDataView rows, long first = 0) => new DefaultColumnsView(rows, _mark, first);

    /// <summary>Reads the added column with the others.</summary>
    public static IDataView Read(IDataView scored) => new ReadView(scored);

    /// <summary>A type that ML.NET does not know.</summary>
    private sealed class UncopiedType() : StructuredDataViewType(typeof(byte))
    {
        public override bool Equals(DataViewType? other) => other is UncopiedType;

        public override bool Equals(object? other) => other is UncopiedType;

        public override int GetHashCode() => typeof(UncopiedType).GetHashCode();
    }

    private sealed class ReadView(IDataView scored) : IDataView
    {
        public bool CanShuffle => scored.CanShuffle;

        public DataViewSchema Schema => scored.Schema;

        public long? GetRowCount() => scored.GetRowCount();

        // A model may have dropped the column.
        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
            scored.GetRowCursor(Schema.GetColumnOrNull(Name) is { } mark ? columnsNeeded.Append(mark) : columnsNeeded, rand);

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];
    }
}
