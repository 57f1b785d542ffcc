using Microsoft.ML;
using Sconce.Files.Rows;

namespace Sconce.Tests;

/// <summary>Writes rows to files of any format, and reads them.</summary>
internal static class RowFiles
{
    /// <summary>Writes batches of so many rows, over and over again.</summary>
    public static string Write(RowBatch rows, string path, params int[] cuts)
    {
        Assert.True(RowFormats.TryOfEnding(path, out var format));
        using var stream = File.Create(path);
        using var writer = format.CreateWriter(stream, rows.Schema);
        for (int row = 0, cut = 0; row < rows.Count; cut++)
        {
            var batch = new RowBatch(rows.Schema, cuts.Length == 0 ? rows.Count : cuts[cut % cuts.Length]);
            while (row < rows.Count && batch.Count < batch.Capacity)
                batch.Accept(rows, row++);
            writer.Write(batch);
        }

        writer.Finish();
        return path;
    }

    public static RowReader Open(string path, params RequestedColumn[] columns) => Open(path, new RowRequest(columns));

    public static RowReader Open(string path, RowRequest request)
    {
        var stream = File.OpenRead(path);
        return RowFormats.Of(path, stream).CreateReader(path, stream, request);
    }

    /// <summary>Reads all rows that are left in batches of a size, as one.</summary>
    public static RowBatch ReadAll(RowReader reader, int batchRows = 100)
    {
        List<RowBatch> batches = [];
        bool more;
        do
        {
            batches.Add(new RowBatch(reader.Schema, batchRows));
            more = reader.Fill(batches[^1], batchRows);
        }
        while (more);

        var all = new RowBatch(reader.Schema, batches.Sum(batch => batch.Count));
        foreach (var batch in batches)
        {
            for (var row = 0; row < batch.Count; row++)
                all.Accept(batch, row);
            all.Bad.AddRange(batch.Bad);
        }

        return all;
    }

    /// <summary>Reads a whole file.</summary>
    public static RowBatch ReadAll(string path, params RequestedColumn[] columns)
    {
        using var reader = Open(path, columns);
        return ReadAll(reader);
    }

    /// <summary>A request for the columns of a schema, each in its type.</summary>
    public static RequestedColumn[] Request(DataViewSchema schema) => [.. schema.Select(column => new RequestedColumn(column.Name, column.Type) { Annotations = column.Annotations })];

    /// <summary>The values of a row of a column, as they print to the last bit.</summary>
    public static string Show(ColumnValues column, int row) => column switch
    {
        FixedValues<float> values => string.Join(' ', values.Row(row).ToArray().Select(BitConverter.SingleToInt32Bits)),
        FixedValues<double> values => string.Join(' ', values.Row(row).ToArray().Select(BitConverter.DoubleToInt64Bits)),
        FixedValues<DateTime> values => string.Join(' ', values.Row(row).ToArray().Select(value => value.Ticks)),
        FixedValues<ReadOnlyMemory<char>> values => string.Join('\0', values.Row(row).ToArray()),
        VariableValues<float> values => string.Join(' ', values[row].Select(BitConverter.SingleToInt32Bits)),
        VariableValues<ReadOnlyMemory<char>> values => string.Join('\0', values[row].Select(text => text.ToString())),
        _ => Show((dynamic)column, row),
    };

    public static IEnumerable<string> Show(RowBatch rows) => Enumerable.Range(0, rows.Count).Select(row => string.Join(" | ", rows.Columns.Select(column => Show(column, row))));

    /// <summary>The values of a row of a column, as people write them.</summary>
    public static string Print(ColumnValues column, int row) => Show((dynamic)column, row);

    private static string Show<T>(FixedValues<T> values, int row) => string.Join(' ', values.Row(row).ToArray());

    private static string Show<T>(VariableValues<T> values, int row) => string.Join(' ', values[row]);
}
