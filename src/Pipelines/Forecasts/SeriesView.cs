using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Rows;

namespace Sconce.Pipelines.Forecasts;

/// <summary>Columns of equal length that are held in memory, as rows.</summary>
internal static class SeriesView
{
    /// <param name="columns">The columns: <c>DateTime[]</c>, <c>double[]</c>, <c>float[]</c> or <c>string[]</c>, all as long as the first.</param>
    public static RowBatchView Of(IReadOnlyList<(string Name, Array Values)> columns)
    {
        var schema = new DataViewSchema.Builder();
        foreach (var (name, values) in columns)
            schema.AddColumn(name, TypeOf(values));
        var batch = new RowBatch(schema.ToSchema(), columns[0].Values.Length);
        foreach (var (column, (_, values)) in batch.Columns.Zip(columns))
            Copy(values, column);
        for (var row = 1; row <= batch.Capacity; row++)
            batch.Accept(new("", row, 0));
        return new(batch, batch.Schema);
    }

    private static DataViewType TypeOf(Array values) => values switch
    {
        DateTime[] => DateTimeDataViewType.Instance,
        string[] => TextDataViewType.Instance,
        double[] => NumberDataViewType.Double,
        _ => NumberDataViewType.Single,
    };

    private static void Copy(Array values, ColumnValues column)
    {
        switch (values)
        {
            case string[] texts:
                Copy(Array.ConvertAll(texts, text => text.AsMemory()), column);
                break;
            case DateTime[] dates:
                Copy(dates, column);
                break;
            case double[] numbers:
                Copy(numbers, column);
                break;
            default:
                Copy((float[])values, column);
                break;
        }
    }

    private static void Copy<T>(T[] values, ColumnValues column) => values.CopyTo(((FixedValues<T>)column).Rows(values.Length));
}
