using System.Runtime.InteropServices;
using Sconce.Trainers.Columns;
using Sconce.Trainers.Training;

namespace Sconce.Trainers.Tests;

/// <summary>Rows that say their own number, four bytes of features and a label that follows from it: whoever reads them can tell which came when, and whether they came whole.</summary>
internal static class Indexed
{
    public const int Classes = 5;

    public static ColumnBinding Feature { get; } = new VectorColumn<byte>("Features", new Field(TorchSharp.torch.ScalarType.Byte, [4]));

    public static ColumnBinding Label { get; } = new KeyColumn("Label");

    public static int RowBytes { get; } = Feature.Field.Bytes + Label.Field.Bytes;

    public static GeneratedView<byte> View(long rows, bool tellsCount = true) =>
        new(rows, [4], Classes, (row, values) => MemoryMarshal.Write(values, (int)row), row => LabelOf(row) + 1) { TellsCount = tellsCount };

    public static TrainingRows Open(GeneratedView<byte> view, long budget) =>
        TrainingRows.Open(view, Feature, Label, budget, _ => { }, TestContext.Current.CancellationToken);

    /// <summary>The numbers of the rows of one pass, in its order.</summary>
    public static List<int> Pass(TrainingRows rows, int seed)
    {
        rows.BeginEpoch(seed);
        var order = new List<int>();
        var row = new byte[rows.RowBytes];
        while (rows.TryNext(row))
        {
            var index = BitConverter.ToInt32(row, 0);
            Assert.Equal(LabelOf(index), BitConverter.ToInt64(row, 4));
            order.Add(index);
        }

        Assert.False(rows.TryNext(row), "a pass that has ended goes on");
        return order;
    }

    private static uint LabelOf(long row) => (uint)(row * 7 % Classes);
}
