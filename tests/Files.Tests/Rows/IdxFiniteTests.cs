using Microsoft.ML.Data;
using Sconce.Files.Rows;
using Sconce.Tests;

namespace Sconce.Files.Tests.Rows;

public sealed class IdxFiniteTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_value_that_is_no_number_is_refused_only_where_finite_ones_are_asked_for(bool isFinite)
    {
        // Two rows: 1, and NaN.
        var path = _folder.Write("values.idx", [.. IdxBytes.Header(0x0D, 2), 0x3F, 0x80, 0, 0, 0x7F, 0xC0, 0, 0]);
        using var reader = RowFormats.Idx.CreateReader(path, File.OpenRead(path), new RowRequest([new RequestedColumn("Value", NumberDataViewType.Single) { IsFinite = isFinite }]));
        var batch = new RowBatch(reader.Schema, 2);
        reader.Fill(batch, 2);
        float[] read = [.. ((FixedValues<float>)batch.Columns[0]).Rows(batch.Count)];
        Assert.Equal(isFinite ? [1] : [1, float.NaN], read);
        Assert.Equal(isFinite ? ["value 1 is NaN; a finite number is expected"] : Array.Empty<string>(), batch.Bad.Select(bad => bad.Reason));
    }
}
