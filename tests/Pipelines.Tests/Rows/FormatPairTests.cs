using Microsoft.ML;

namespace Sconce.Pipelines.Tests.Rows;

/// <summary>MNIST from each format into each.</summary>
public sealed class FormatPairTests
{
    public static TheoryData<string, string> Pairs => new(RowFormats.All.SelectMany(_ => RowFormats.All, (from, to) => (from.Name, to.Name)));

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Digits_are_the_same_after_both(string from, string to)
    {
        var (first, second) = (RowFormats.Named(from)!, RowFormats.Named(to)!);
        var data = new MLContext().Data.LoadMnist().Test;
        string[] columns = first.HoldsOneColumn || second.HoldsOneColumn ? ["Image"] : ["Label", "Image"];
        using var batches = new CursorBatches(data, [.. columns.Select(name => data.Schema[name])], rows: 150);
        var digits = batches.Next()!;
        var request = new RowRequest(RowFiles.Request(digits.Schema));
        var between = first.Read(first.Write(digits), request, $"digits{first.Endings[0]}");
        var read = second.Read(second.Write(between), request, $"digits{second.Endings[0]}");
        Assert.Equal(150, read.Count);
        Assert.Equal(RowFiles.Show(digits), RowFiles.Show(read));
    }
}
