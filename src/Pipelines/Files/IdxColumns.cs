using System.IO.Compression;
using Microsoft.ML.Data;
using Sconce.Pipelines.Data;

namespace Sconce.Pipelines;

/// <summary>Rows of one column as an IDX file.</summary>
internal static class IdxColumns
{
    public static void Write(ColumnRows rows, Stream destination)
    {
        var start = destination.Position;
        WriteHeader(rows, destination);
        WriteValues(rows, destination);
        // How many rows there are is known only now.
        destination.Position = start;
        WriteHeader(rows, destination);
        destination.Seek(0, SeekOrigin.End);
    }

    public static void WriteCompressed(ColumnRows rows, Stream destination)
    {
        using var values = new FileStream(Path.GetTempFileName(), new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose });
        WriteValues(rows, values);
        values.Position = 0;
        using var compressed = new GZipStream(destination, CompressionLevel.Optimal, leaveOpen: true);
        WriteHeader(rows, compressed);
        values.CopyTo(compressed);
    }

    private static void WriteHeader(ColumnRows rows, Stream destination)
    {
        var type = rows.Columns[0].Type;
        int[] shape = type is VectorDataViewType vector ? [.. vector.Dimensions] : [];
        IdxWriter.WriteHeader(ElementType(rows), [checked((int)rows.Count), .. shape], destination);
    }

    private static void WriteValues(ColumnRows rows, Stream destination)
    {
        var row = new float[rows.Names.Count];
        var bytes = new byte[row.Length];
        while (rows.TryRead(row))
        {
            if (ElementType(rows) == IdxElementType.Single)
            {
                IdxWriter.WriteFloats(row, destination);
                continue;
            }

            for (var i = 0; i < row.Length; i++)
                bytes[i] = (byte)row[i];
            destination.Write(bytes);
        }
    }

    private static IdxElementType ElementType(ColumnRows rows)
    {
        var type = rows.Columns[0].Type;
        return ((type as VectorDataViewType)?.ItemType ?? type) == NumberDataViewType.Byte ? IdxElementType.Byte : IdxElementType.Single;
    }
}
