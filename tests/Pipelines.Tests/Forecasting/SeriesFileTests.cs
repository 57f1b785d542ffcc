using System.Security.Cryptography;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files;
using Sconce.Tests;

namespace Sconce.Pipelines.Tests.Forecasting;

public sealed class SeriesFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Births_are_a_value_for_each_day_of_ten_years()
    {
        var births = _ml.Data.LoadBirths();
        Assert.Equal(["Date", "Value"], births.Schema.Select(column => column.Name));
        DateTime[] dates = [.. births.GetColumn<DateTime>("Date")];
        Assert.Equal(Enumerable.Range(0, 3_652).Select(day => new DateTime(1994, 1, 1).AddDays(day)), dates);
        Assert.Equal(new DateTime(2003, 12, 31), dates[^1]);
        double[] values = [.. births.GetColumn<double>("Value")];
        Assert.Equal([8_096.0, 7_772.0, 10_142.0], values[..3]);
        Assert.Equal(12_374.0, values[^1]);
        Assert.All(values, value => Assert.InRange(value, 6_000, 17_000));
    }

    [Fact]
    public void The_embedded_file_is_the_one_that_is_described()
    {
        using var stream = typeof(SeriesCatalog).Assembly.GetManifestResourceStream("series/us-births-1994-2003.csv")!;
        Assert.Equal("6de42982be60d71ef1c5cafb515b6af76dbad2138cc27abf85a4f6415ad613f3", Convert.ToHexStringLower(SHA256.HashData(stream)));
    }

    [Fact]
    public void Columns_are_taken_by_name_in_any_order_and_what_is_empty_is_missing()
    {
        var path = Write("price,day,shop,sold,note\n1.5,2024-02-28,north,10,a\n,2024-02-29 06:30,\"so,uth\",-3e2,\"b\"\"\"\nNA,2024-03-01,north,,c\n");
        var data = _ml.Data.LoadSeries(path, "day", "sold", "shop", ["price"]);
        Assert.Equal(["Date", "Series", "Value", "price"], data.Schema.Select(column => column.Name));
        Assert.Equal([new DateTime(2024, 2, 28), new DateTime(2024, 2, 29, 6, 30, 0), new DateTime(2024, 3, 1)], data.GetColumn<DateTime>("Date"));
        Assert.Equal(["north", "so,uth", "north"], data.GetColumn<string>("Series"));
        Assert.Equal([10, -300, double.NaN], data.GetColumn<double>("Value"));
        Assert.Equal([1.5, double.NaN, double.NaN], data.GetColumn<double>("price"));
        Assert.Equal(3, data.GetRowCount());

        var known = _ml.Data.LoadKnown(path, "day", "shop", ["price"]);
        Assert.Equal(["Date", "Series", "price"], known.Schema.Select(column => column.Name));
    }

    [Fact]
    public void Dates_with_an_offset_keep_it_as_text()
    {
        var data = _ml.Data.LoadSeries(Write("date,v\n2024-01-01 00:00:00+00:00,1\n2024-01-01 01:00:00+00:00,2\n"));
        Assert.Equal(["2024-01-01 00:00:00+00:00", "2024-01-01 01:00:00+00:00"], data.GetColumn<string>("Date"));
        Assert.Equal([new DateTime(2024, 1, 1)], _ml.Data.LoadSeries(Write("date,v\n2024-01-01 00:00:00.000,1\n")).GetColumn<DateTime>("Date"));
    }

    [Fact]
    public void Numbers_are_read_in_double_precision_and_with_the_decimal_marker_that_is_given()
    {
        Assert.Equal([1_000_000_007, 1e-300], _ml.Data.LoadSeries(Write("date,v\n2024-01-01,1000000007\n2024-01-02,1e-300\n")).GetColumn<double>("Value"));
        Assert.Equal([1.5, -0.25], _ml.Data.LoadSeries(Write("date;v\n2024-01-01;1,5\n2024-01-02;-0,25\n"), decimalMarker: ',').GetColumn<double>("Value"));
        foreach (var number in (string[])["1.234,5", "1.5"])
            Assert.Equal("v", ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => _ml.Data.LoadSeries(Write($"date;v\n2024-01-01;{number}\n"), decimalMarker: ','))).Column);
        Assert.Equal("DecimalMarker", Assert.ThrowsAny<ArgumentException>(() => _ml.Data.LoadSeries("none.csv", decimalMarker: ';')).ParamName);
    }

    [Theory]
    [InlineData("date,births\n2024-01-01,5\n")]
    [InlineData("births,DATE\n5,2024-01-01\n")]
    [InlineData("2023,week,VALUE,day\n2024-01-01,8,5,9\n")]
    [InlineData("month,births\r\n2024-01,5\r\n\r\n")]
    public void Without_names_date_and_value_are_found(string content)
    {
        var data = _ml.Data.LoadSeries(Write(content));
        Assert.Equal([new DateTime(2024, 1, 1)], data.GetColumn<DateTime>("Date"));
        Assert.Equal([5.0], data.GetColumn<double>("Value"));
    }

    [Fact]
    public void Series_are_read_from_files_of_any_format()
    {
        var rows = _ml.Data.LoadSeries(Write("Date,Value,shop,price\n2024-02-28,1,a,\n2024-02-29 06:30,,b,2.5\n2024-03-01,3,a,4\n"), seriesColumn: "shop", covariates: ["price"]);
        foreach (var ending in (string[])[".parquet", ".arrow", ".arrows", ".jsonl", ".tsv", ".csv.gz"])
        {
            var path = _folder.PathOf($"series{ending}");
            ColumnFile.Write(rows, ["Date", "Value", "Series", "price"], path, cancellation: TestContext.Current.CancellationToken);
            var read = _ml.Data.LoadSeries(path, seriesColumn: "Series", covariates: ["price"]);
            Assert.Equal(rows.GetColumn<DateTime>("Date"), Dates(read));
            Assert.Equal(rows.GetColumn<double>("Value"), read.GetColumn<double>("Value"));
            Assert.Equal(rows.GetColumn<double>("price"), read.GetColumn<double>("price"));
            Assert.Equal(rows.GetColumn<string>("Series"), read.GetColumn<string>("Series"));
        }

        static IEnumerable<DateTime> Dates(IDataView data) => data.GetColumn<DateTime>("Date");
    }

    [Fact]
    public void Dates_of_typed_columns_are_read_as_they_are_and_missing_ones_are_refused()
    {
        var path = _folder.PathOf("series.parquet");
        ColumnFile.Write(_ml.Data.LoadBirths(), ["Date", "Value"], path, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(_ml.Data.LoadBirths().GetColumn<DateTime>("Date"), _ml.Data.LoadSeries(path).GetColumn<DateTime>("Date"));

        var lines = Write("series.jsonl", "{\"day\":\"2024-01-01\",\"v\":1}\n{\"v\":2}\n");
        var facts = ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => _ml.Data.LoadSeries(lines)));
        Assert.Equal((lines, 2L, 2L, "day"), (facts.File, facts.Row, facts.Line, facts.Column));
        Assert.Equal("n", ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => _ml.Data.LoadSeries(Write("numbers.jsonl", "{\"n\":1,\"v\":1}\n")))).Column);
    }

    [Fact]
    public void Several_files_are_read_one_after_another()
    {
        var (first, second) = (Write("a.csv", "date,v\n2024-01-01,1\n"), Write("b.jsonl", "{\"v\":2,\"date\":\"2024-01-02\"}\n"));
        Assert.Equal([2.0, 1], _ml.Data.LoadSeries([second, first], new()).GetColumn<double>("Value"));
        Assert.Equal([1.0, 2], _ml.Data.LoadSeries(_folder.PathOf("*.*")).GetColumn<double>("Value"));
        Assert.Equal([2.0], _ml.Data.LoadSeries([second], new() { Format = "jsonl" }).GetColumn<double>("Value"));
        Assert.Equal("Format", Assert.Throws<ArgumentException>(() => _ml.Data.LoadSeries(["none"], new() { Format = "xlsx" })).ParamName);
    }

    [Theory]
    [InlineData("date,a,b\n2024-01-01,1,2\n", null, null, "'a', 'b'")]
    [InlineData("date\n2024-01-01\n", null, null, "no column of values")]
    [InlineData("date,v\n", null, null, "no rows after its header")]
    [InlineData("", null, null, "header")]
    [InlineData("date,v\n2024-01-01,1\n2024-01-02,one\n", 3, "v", "'one'")]
    [InlineData("date,v\n2024-01-01,1e999\n", 2, "v", "'1e999'")]
    [InlineData("date,v\n2024-01-01,inf\n", 2, "v", "finite number")]
    [InlineData("date;v\n2024-01-01;1,5\n", 2, "v", "DecimalMarker")]
    [InlineData("date,v\n2024-01-01T00:00:00Z,1\n2024-01-01T01:00:00,1\n", 3, "date", "without an offset")]
    [InlineData("date,v\n2024-01-01T00:00:00,1\n2024-01-01T01:00:00+00:00,1\n", 3, "date", "with an offset")]
    [InlineData("date,v\n2024-01-01T00:00:00+25:00,1\n", 2, "date", "+25:00")]
    [InlineData("date,v\n2024-01-01,1\n01/02/2024,1\n", 3, "date", "'01/02/2024'")]
    [InlineData("date,v\n2024-02-30,1\n", 2, "date", "'2024-02-30'")]
    [InlineData("date,v\n2024-01-01,1\n2024-01-02\n", 3, null, "1 field")]
    [InlineData("date,v\n2024-01-01,1,5\n", 2, null, "3 fields")]
    [InlineData("date,v\n2024-01-01,1\n\n2024-01-02,1\n", 4, null, "line 3")]
    [InlineData("date,v\n\"2024-01-01,1\n2024-01-02,1\n", 2, null, "quote")]
    public void What_is_no_series_is_refused_with_file_line_and_column(string content, int? line, string? column, string part)
    {
        var path = Write(content);
        var refusal = Assert.Throws<InvalidDataException>(() => _ml.Data.LoadSeries(path));
        var facts = ErrorFacts.Of(refusal);
        Assert.Equal((path, line, column), (facts.File, facts.Line, facts.Column));
        Assert.Contains(part, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("date,v,s\n2024-01-01,1,a\n2024-01-02,1,K\u00F6ln\n", 3)]
    [InlineData("date,v,Stra\u00DFe\n2024-01-01,1,a\n", 1)]
    public void Text_that_is_not_UTF_8_is_refused_with_file_and_line(string content, int line)
    {
        var path = _folder.Write("series.csv", Encoding.Latin1.GetBytes(content));
        var refusal = Assert.Throws<InvalidDataException>(() => _ml.Data.LoadSeries(path, valueColumn: "v"));
        Assert.Equal((path, line), (ErrorFacts.Of(refusal).File, ErrorFacts.Of(refusal).Line));
        Assert.Contains("UTF-8", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_that_are_missing_or_named_twice_are_refused_by_name()
    {
        var path = Write("date,v,Value\n2024-01-01,1,2\n");
        Assert.Contains("no column 'w'", Assert.Throws<InvalidDataException>(() => _ml.Data.LoadSeries(path, valueColumn: "w")).Message, StringComparison.Ordinal);
        Assert.Contains("'v'", Assert.Throws<ArgumentException>(() => _ml.Data.LoadSeries("none.csv", valueColumn: "v", covariates: ["v"])).Message, StringComparison.Ordinal);
        Assert.Contains("'date'", Assert.Throws<ArgumentException>(() => _ml.Data.LoadSeries(path, valueColumn: "date")).Message, StringComparison.Ordinal);
        Assert.Equal("Covariates", Assert.Throws<ArgumentException>(() => _ml.Data.LoadSeries("none.csv", valueColumn: "v", covariates: ["Value"])).ParamName);
        Assert.Equal("s", ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => _ml.Data.LoadSeries(Write("date,s,v\n2024-01-01,,1\n"), seriesColumn: "s"))).Column);
        Assert.Throws<FileNotFoundException>(() => _ml.Data.LoadSeries(_folder.PathOf("none.csv")));
    }

    /// <summary>As pandas writes a series.</summary>
    [Fact]
    public void The_column_of_dates_need_not_have_a_name() => Assert.Equal([5.0], _ml.Data.LoadSeries(Write(",v\n2024-01-01,5\n")).GetColumn<double>("Value"));

    private string Write(string content) => Write("series.csv", content);

    private string Write(string name, string content) => _folder.Write(name, Encoding.UTF8.GetBytes(content));
}
