using Microsoft.ML;
using Sconce.Trainers.Columns;
using Sconce.Trainers.Training;

namespace Sconce.Trainers.Tests.Training;

/// <summary>800 MB of rows through a budget of 8 MB: what is made up as it is read is nowhere held.</summary>
public class MemoryBudgetTests
{
    private const int Rows = 200_000;
    private const int Width = 4_096;
    private const long Budget = 8L << 20;

    /// <summary>Six times the budget, for the collector's slack and libtorch's batches: a sixteenth of the data.</summary>
    private const long Bound = 48L << 20;

    private static GeneratedView<byte> View(bool tellsCount) => new(Rows, [Width], 4,
        (row, values) =>
        {
            values.Clear();
            values[(int)(row % 4)] = 255;
        },
        row => (uint)(row % 4) + 1)
    { TellsCount = tellsCount };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_pass_over_streamed_rows_holds_no_more_than_its_budget(bool tellsCount)
    {
        var memory = new MemoryWatch();
        var feature = new VectorColumn<byte>("Features", new Field(TorchSharp.torch.ScalarType.Byte, [Width]));
        using var rows = TrainingRows.Open(View(tellsCount), feature, new KeyColumn("Label"), Budget, _ => { }, TestContext.Current.CancellationToken);
        rows.BeginEpoch(1);
        var row = new byte[rows.RowBytes];
        long read = 0;
        for (; rows.TryNext(row); read++)
        {
            if (read % 10_000 == 0)
                memory.Look();
        }

        Assert.Equal(Rows, read);
        memory.Look();
        memory.AssertBelow(Bound);
    }

    [Fact]
    public void A_training_on_streamed_rows_holds_no_more_than_its_budget()
    {
        var ml = new MLContext(seed: 1);
        using var warmedUp = ml.MulticlassClassification.Trainers.SoftmaxRegression(new SoftmaxRegression.Options { NumberOfSteps = 1, MemoryBudget = Budget }).Fit(View(tellsCount: true));

        var memory = new MemoryWatch();
        using var model = ml.MulticlassClassification.Trainers.SoftmaxRegression(new SoftmaxRegression.Options
        {
            NumberOfSteps = 20,
            BatchSize = 50,
            MemoryBudget = Budget,
            Progress = new Immediate<TrainingProgress>(_ => memory.Look()),
        }).Fit(View(tellsCount: true));
        Assert.Equal(Rows, model.Model.Training.Rows);
        memory.AssertBelow(Bound);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Rows_that_fit_are_held_once_in_the_bytes_that_they_have(bool tellsCount)
    {
        const int Held = 20_000;
        var view = new GeneratedView<byte>(Held, [Width], 2, (_, values) => values.Clear(), row => (uint)(row % 2) + 1) { TellsCount = tellsCount };
        var feature = new VectorColumn<byte>("Features", new Field(TorchSharp.torch.ScalarType.Byte, [Width]));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var rows = TrainingRows.Open(view, feature, new KeyColumn("Label"), 1 << 30, _ => { }, TestContext.Current.CancellationToken);
        var held = GC.GetTotalMemory(forceFullCollection: true) - before;

        // Apart from the last megabyte, which may be nearly empty.
        var data = (long)Held * rows.RowBytes;
        Assert.IsType<ResidentRows>(rows);
        Assert.InRange(held, data, data + (2 << 20));
    }
}
