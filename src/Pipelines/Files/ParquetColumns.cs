using Parquet;
using Parquet.Schema;

namespace Sconce.Pipelines;

/// <summary>Rows as a Parquet file: a column of floats for each value.</summary>
internal static class ParquetColumns
{
    // A row group is held in memory before it is written: 16 MB of floats.
    private const int ValuesPerGroup = 1 << 22;

    // ML.NET's cursors are synchronous, so the file is too: nothing else runs on this thread.
    public static void Write(ColumnRows rows, Stream destination) => WriteAsync(rows, destination).GetAwaiter().GetResult();

    private static async Task WriteAsync(ColumnRows rows, Stream destination)
    {
        DataField<float>[] fields = [.. rows.Names.Select(name => new DataField<float>(name, nullable: false))];
        var capacity = Math.Max(1, ValuesPerGroup / fields.Length);
        var row = new float[fields.Length];
        var columns = Array.ConvertAll(fields, _ => new float[capacity]);
        var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), destination).ConfigureAwait(false);
        await using (writer.ConfigureAwait(false))
        {
            for (var isLast = false; !isLast;)
            {
                var count = 0;
                for (; count < capacity && !isLast; count++)
                {
                    isLast = !rows.TryRead(row);
                    if (isLast)
                        break;
                    for (var i = 0; i < row.Length; i++)
                        columns[i][count] = row[i];
                }

                if (count == 0)
                    break;
                using var group = writer.CreateRowGroup();
                for (var i = 0; i < fields.Length; i++)
                    await group.WriteAsync<float>(fields[i], columns[i].AsMemory(0, count)).ConfigureAwait(false);
            }
        }
    }
}
