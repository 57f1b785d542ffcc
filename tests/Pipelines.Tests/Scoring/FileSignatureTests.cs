using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Rows;
using Sconce.Tests;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>Files that are no text, wherever text is read.</summary>
public sealed class FileSignatureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("PK\u0003\u0004\u0014\0[Content_Types].xml", "an Excel workbook")]
    [InlineData("PK\u0003\u0004\u0014\0a.csv", "a zip archive")]
    [InlineData("\u00D0\u00CF\u0011\u00E0\u00A1\u00B1\u001A\u00E1", "(.xls)")]
    [InlineData("\u0028\u00B5\u002F\u00FD\0", "Zstandard")]
    [InlineData("BZh91AY&SY", "bzip2")]
    [InlineData("ORC", "ORC")]
    [InlineData("Obj\u0001\u0004", "Avro")]
    [InlineData("PARE\u0015\u0004", "encrypted Parquet")]
    [InlineData("FEA1\0\0\0\0", "Feather file of version 1")]
    [InlineData("<!DOCTYPE html><html>", "HTML")]
    [InlineData("version https://git-lfs.github.com/spec/v1\n", "Git LFS")]
    public void A_file_of_another_format_is_called_by_it_whatever_its_name(string start, string what)
    {
        foreach (var name in (string[])["rows.csv", "rows.jsonl", "rows", "rows.parquet"])
        {
            var path = Write(name, start);
            Assert.Contains(what, Assert.Throws<InvalidDataException>(() => RowFiles.Open(path, new RowRequest([]))).Message, StringComparison.Ordinal);
            foreach (var format in (RowFormat[])[RowFormats.Csv, RowFormats.JsonLines])
                Assert.Contains(what, Assert.Throws<InvalidDataException>(() => format.CreateReader(path, File.OpenRead(path), new RowRequest([]))).Message, StringComparison.Ordinal);
            Assert.Contains(what, Assert.Throws<InvalidDataException>(() => new MLContext().Data.LoadSeries(path)).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("PARENT,Age\n1,2\n")]
    [InlineData("ORC,Age\n1,2\n")]
    [InlineData("FEA1,Age\n1,2\n")]
    [InlineData("PK,Age\n1,2\n")]
    [InlineData("PAR1,Age\n1,2\n")]
    [InlineData("ARROW1,Age\n1,2\n")]
    public void A_name_that_begins_so_is_a_name(string text)
    {
        using var reader = RowFiles.Open(Write("rows.csv", text), new RequestedColumn("Age", NumberDataViewType.Single));
        Assert.Equal(["2"], RowFiles.ReadAll(reader).Print());
    }

    [Fact]
    public void A_series_may_be_packed_in_several_members()
    {
        var path = _folder.PathOf("series.csv.gz");
        File.WriteAllBytes(path, [.. IdxBytes.Gzip("date,value\n2024-01-01,1\n"u8.ToArray()), .. IdxBytes.Gzip("2024-01-02,2\n"u8.ToArray())]);
        Assert.Equal([1.0, 2], new MLContext().Data.LoadSeries(path).GetColumn<double>("Value"));
    }

    private string Write(string name, string content)
    {
        File.WriteAllBytes(_folder.PathOf(name), Encoding.Latin1.GetBytes(content));
        return _folder.PathOf(name);
    }
}
