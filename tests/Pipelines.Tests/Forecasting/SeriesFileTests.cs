using System.Security.Cryptography;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
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
        Assert.Contains("'1.234,5'", Assert.Throws<InvalidDataException>(() => _ml.Data.LoadSeries(Write("date;v\n2024-01-01;1.234,5\n"), decimalMarker: ',')).Message, StringComparison.Ordinal);
        Assert.Contains("'1.5'", Assert.Throws<InvalidDataException>(() => _ml.Data.LoadSeries(Write("date;v\n2024-01-01;1.5\n"), decimalMarker: ',')).Message, StringComparison.Ordinal);
        Assert.ThrowsAny<ArgumentException>(() => _ml.Data.LoadSeries(Write("date;v\n2024-01-01;1\n"), decimalMarker: ';'));
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

    [Theory]
    [InlineData("date,a,b\n2024-01-01,1,2\n", "2 columns that may be the values: 'a', 'b'")]
    [InlineData("date\n2024-01-01\n", "no column of values", "date")]
    [InlineData("date,v\n", "a header and no rows")]
    [InlineData("", "header")]
    [InlineData("date,v\n2024-01-01,1\n2024-01-02,one\n", "line 3: 'v' is 'one'", "finite number")]
    [InlineData("date,v\n2024-01-01,1e999\n", "line 2: 'v' is '1e999'", "finite number")]
    [InlineData("date;v\n2024-01-01;1,5\n", "line 2: 'v' is '1,5'", "DecimalMarker")]
    [InlineData("date,v\n2024-01-01T00:00:00Z,1\n2024-01-01T01:00:00,1\n", "line 3: 'date' is '2024-01-01T01:00:00'", "without an offset")]
    [InlineData("date,v\n2024-01-01T00:00:00,1\n2024-01-01T01:00:00+00:00,1\n", "line 3: 'date'", "with an offset")]
    [InlineData("date,v\n2024-01-01T00:00:00+25:00,1\n", "line 2: 'date'")]
    [InlineData("date,v\n2024-01-01,1\n01/02/2024,1\n", "line 3: 'date' is '01/02/2024'", "yyyy-MM-dd")]
    [InlineData("date,v\n2024-02-30,1\n", "line 2: 'date' is '2024-02-30'")]
    [InlineData("date,v\n2024-01-01,1\n2024-01-02\n", "line 3: it has 1 fields", "the header has 2")]
    [InlineData("date,v\n2024-01-01,1,5\n", "line 2: it has 3 fields")]
    [InlineData("date,v\n2024-01-01,1\n\n2024-01-02,1\n", "line 3: it is empty")]
    public void What_is_no_series_is_refused_with_file_and_line(string content, params string[] parts)
    {
        var path = Write(content);
        var refusal = Assert.Throws<InvalidDataException>(() => _ml.Data.LoadSeries(path));
        foreach (var part in (string[])[path, .. parts])
            Assert.Contains(part, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("date,v,s\n2024-01-01,1,a\n2024-01-02,1,K\u00F6ln\n", "line 3: 's' has bytes that are not UTF-8")]
    [InlineData("date,v,Stra\u00DFe\n2024-01-01,1,a\n", "line 1: the name of column 3 has bytes that are not UTF-8")]
    public void Text_that_is_no_UTF_8_is_refused_with_file_and_line(string content, string part)
    {
        var path = Write(content);
        File.WriteAllBytes(path, System.Text.Encoding.Latin1.GetBytes(content));
        var refusal = Assert.Throws<InvalidDataException>(() => _ml.Data.LoadSeries(path, valueColumn: "v"));
        Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(part, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_that_are_missing_or_asked_for_twice_are_refused_by_name()
    {
        var path = Write("date,v,Value\n2024-01-01,1,2\n");
        Assert.Contains("no column 'w'; its columns are: date, v, Value", Assert.Throws<InvalidDataException>(() => _ml.Data.LoadSeries(path, valueColumn: "w")).Message, StringComparison.Ordinal);
        Assert.Contains("'v' of", Assert.Throws<ArgumentException>(() => _ml.Data.LoadSeries(path, valueColumn: "v", covariates: ["v"])).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be called 'Value'", Assert.Throws<ArgumentException>(() => _ml.Data.LoadSeries(path, valueColumn: "v", covariates: ["Value"])).Message, StringComparison.Ordinal);
        Assert.Contains("line 2: 's' is empty", Assert.Throws<InvalidDataException>(() => _ml.Data.LoadSeries(Write("date,s,v\n2024-01-01,,1\n"), seriesColumn: "s")).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => _ml.Data.LoadSeries(_folder.PathOf("none.csv")));
    }

    private string Write(string content) => _folder.Write("series.csv", Encoding.UTF8.GetBytes(content));
}
