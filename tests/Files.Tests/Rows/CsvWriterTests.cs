using System.Text;
using Microsoft.ML.Data;
using Sconce.Files.Rows;
using Sconce.Tests;

namespace Sconce.Files.Tests.Rows;

/// <summary>What is written as CSV, and that it is read as it was.</summary>
public sealed class CsvWriterTests
{
    [Fact]
    public void Rows_of_every_type_are_read_as_they_were_written()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var rows = RandomRows.Rows(RandomRows.Schema(random, hasVariable: false), random.Next(1, 40), random);
            var format = seed % 2 == 0 ? RowFormats.Csv : RowFormats.Tsv;
            var read = format.Read(format.Write(rows), new RowRequest(RowFiles.Request(rows.Schema)));
            Assert.Empty(read.Bad);
            Assert.Equal(RowFiles.Show(rows), RowFiles.Show(read));
        }
    }

    /// <summary>Python's, R's and every spreadsheet's reader take it like this (RFC 4180).</summary>
    [Fact]
    public void Fields_are_quoted_where_they_have_to_be()
    {
        var rows = new RowBatch(RandomRows.Schema(("a,b", TextDataViewType.Instance), ("Score", TextRows.Floats(3)), ("Is", BooleanDataViewType.Instance), ("At", DateTimeDataViewType.Instance)), 1);
        ((FixedValues<ReadOnlyMemory<char>>)rows.Columns[0]).Row(0)[0] = "say \"näïve\",\nthen go".AsMemory();
        float[] scores = [0.1f, float.NaN, -0f];
        scores.CopyTo(((FixedValues<float>)rows.Columns[1]).Row(0));
        ((FixedValues<DateTime>)rows.Columns[3]).Row(0)[0] = new DateTime(2003, 12, 31, 23, 59, 0, DateTimeKind.Utc);
        rows.Accept(default);
        Assert.Equal("\"a,b\",Score.0,Score.1,Score.2,Is,At\n\"say \"\"näïve\"\",\nthen go\",0.1,NaN,-0,False,2003-12-31T23:59:00.0000000Z\n".Replace("False", "false", StringComparison.Ordinal), Encoding.UTF8.GetString(RowFormats.Csv.Write(rows)));
        Assert.StartsWith("\"say ", Encoding.UTF8.GetString(RowFormats.Csv.Write(rows, continues: true)), StringComparison.Ordinal);
    }

    /// <summary>Parts of a file are joined by putting one after the other.</summary>
    [Fact]
    public void A_part_that_continues_a_file_has_no_header()
    {
        var random = new Random(7);
        var schema = RandomRows.Schema(random, hasVariable: false);
        var (first, second) = (RandomRows.Rows(schema, 5, random), RandomRows.Rows(schema, 4, random));
        foreach (var format in (RowFormat[])[RowFormats.Csv, RowFormats.Tsv, RowFormats.JsonLines])
        {
            var read = format.Read([.. format.Write(first), .. format.Write(second, continues: true)], new RowRequest(RowFiles.Request(schema)));
            Assert.Equal([.. RowFiles.Show(first), .. RowFiles.Show(second)], RowFiles.Show(read));
        }
    }

    /// <summary>Files that were written with commas may be of one column, whose texts have what else separates fields.</summary>
    [Fact]
    public void A_column_of_any_texts_is_read_as_it_was_written()
    {
        string[] texts = ["a;b;c", "#1", "", "\t", " x ", "||", "\"", "\r", "\n", "0", "NaN", "\uFEFF", "Name"];
        var rows = new RowBatch(RandomRows.Schema(("Na;me|", TextDataViewType.Instance)), texts.Length);
        foreach (var (row, text) in texts.Index())
        {
            ((FixedValues<ReadOnlyMemory<char>>)rows.Columns[0]).Row(row)[0] = text.AsMemory();
            rows.Accept(default);
        }

        foreach (var format in (RowFormat[])[RowFormats.Csv, RowFormats.Tsv, RowFormats.JsonLines])
            Assert.Equal(texts, format.Read(format.Write(rows), new RowRequest(RowFiles.Request(rows.Schema))).Print());
    }

    [Fact]
    public void What_a_field_for_each_value_does_not_hold_is_refused_with_a_format_that_does()
    {
        Assert.Contains("vectors of different lengths, which CSV does not support. JSON Lines (.jsonl) and Arrow (.arrow) do", Refuse(TextRows.Floats()), StringComparison.Ordinal);
        Assert.Contains("'Column' has the type", Refuse(RowIdDataViewType.Instance), StringComparison.Ordinal);

        static string Refuse(DataViewType type) => Assert.Throws<ArgumentException>(() => RowFormats.Csv.CreateWriter(Stream.Null, RandomRows.Schema(("Column", type)))).Message;
    }

    /// <summary>Many more rows than are held before they are written.</summary>
    [Fact]
    public void Rows_are_written_as_they_come_and_the_rest_at_the_end()
    {
        var rows = RandomRows.Rows(RandomRows.Schema(("V", TextRows.Floats(50))), 1_000, new Random(3));
        using var stream = new MemoryStream();
        using var writer = RowFormats.Csv.CreateWriter(stream, rows.Schema);
        writer.Write(rows);
        Assert.True(stream.Length > 100_000);
        var before = stream.Length;
        writer.Finish();
        Assert.True(stream.Length > before);
        Assert.Equal(RowFiles.Show(rows), RowFiles.Show(RowFormats.Csv.Read(stream.ToArray(), new RowRequest(RowFiles.Request(rows.Schema)))));
    }
}
