using System.Text;
using Microsoft.ML.Data;
using Sconce.Files.Rows;

namespace Sconce.Tests;

/// <summary>Reads rows of text that stands in a test.</summary>
internal static class TextRows
{
    /// <summary>Vectors of a shape; of different lengths without one.</summary>
    public static VectorDataViewType Floats(params int[] shape) => shape.Length == 0 ? new(NumberDataViewType.Single) : new(NumberDataViewType.Single, shape);

    public static RowReader Open(this RowFormat format, string text, params RequestedColumn[] columns) => format.Open(Encoding.UTF8.GetBytes(text), new RowRequest(columns));

    public static RowReader Open(this RowFormat format, byte[] content, RowRequest request, string name = "file") => format.CreateReader(name, new MemoryStream(content), request);

    public static RowBatch Read(this RowFormat format, string text, params RequestedColumn[] columns) => format.Read(Encoding.UTF8.GetBytes(text), new RowRequest(columns));

    public static RowBatch Read(this RowFormat format, byte[] content, RowRequest request, string name = "file")
    {
        using var reader = format.Open(content, request, name);
        return RowFiles.ReadAll(reader);
    }

    /// <summary>Each row's values, columns apart by a bar.</summary>
    public static IEnumerable<string> Print(this RowBatch rows) => Enumerable.Range(0, rows.Count).Select(row => string.Join('|', rows.Columns.Select(column => RowFiles.Print(column, row))));

    /// <summary>Each bad row: its place without the file, and the reason.</summary>
    public static IEnumerable<string> PrintBad(this RowBatch rows) => rows.Bad.Select(bad => $"{bad.Place.Row} ({bad.Place.Line}): {bad.Reason}");

    public static byte[] Write(this RowFormat format, RowBatch rows, bool continues = false)
    {
        using var stream = new MemoryStream();
        using var writer = format.CreateWriter(stream, rows.Schema, continues);
        writer.Write(rows);
        writer.Finish();
        return stream.ToArray();
    }
}
