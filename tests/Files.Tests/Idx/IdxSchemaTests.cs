using FsCheck;
using FsCheck.Fluent;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Tests;

namespace Sconce.Files.Tests.Idx;

public sealed class IdxSchemaTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_dimensions_after_the_first_are_the_column_type() =>
        Prop.ForAll(IdxParts.Any, parts =>
        {
            var view = _ml.Data.LoadFromIdx(_folder.Write("items", IdxBytes.File(parts.Dimensions, parts.Values)));
            DataViewType expected = parts.Dimensions.Length == 1
                ? NumberDataViewType.Byte
                : new VectorDataViewType(NumberDataViewType.Byte, parts.Dimensions[1..]);
            return view.Schema.Count == 1
                && view.Schema["Image"].Type.Equals(expected)
                && view.GetRowCount() == parts.Dimensions[0]
                && view.CanShuffle
                && Values(view).SequenceEqual(parts.Values);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Labels_are_32_bit_numbers_and_names_are_the_callers()
    {
        var images = _folder.Write("images", IdxBytes.Images(300));
        var labels = _folder.Write("labels", IdxBytes.File([300], [.. Enumerable.Range(0, 300).Select(i => (byte)i)]));

        var view = _ml.Data.LoadFromIdx(images, labels, "Picture", "Class");

        Assert.Equal(["Picture", "Class"], view.Schema.Select(column => column.Name));
        Assert.Equal(NumberDataViewType.UInt32, view.Schema["Class"].Type);
        Assert.Equal(Enumerable.Range(0, 300).Select(i => (uint)(i % 256)), view.GetColumn<uint>("Class"));
    }

    private static IEnumerable<byte> Values(IDataView view) => view.Schema["Image"].Type is VectorDataViewType
        ? view.GetColumn<VBuffer<byte>>("Image").SelectMany(image => image.DenseValues())
        : view.GetColumn<byte>("Image");
}
