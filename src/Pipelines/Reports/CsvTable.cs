using System.Text;
using Sconce.Core.Storage;
using Sconce.Files.Csv;

namespace Sconce.Pipelines.Reports;

/// <summary>Writes a small table as a CSV file (UTF-8).</summary>
internal static class CsvTable
{
    /// <param name="path">The file; an existing one is replaced atomically.</param>
    /// <param name="rows">The rows, the headings first.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, IEnumerable<IEnumerable<string>> rows) => AtomicFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        foreach (var row in rows)
            writer.WriteLine(string.Join(',', row.Select(CsvRowWriter.Quote)));
    });
}
