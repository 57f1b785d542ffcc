using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Scoring;

/// <summary>Rows and columns that a batch of 256 would hold too much of.</summary>
public class LargeRowTests
{
    [Fact]
    public void Large_rows_are_scored_in_batches_of_fewer()
    {
        // A megabyte each: read ahead are no more than 32 MB of them, and every row is scored in its place.
        const int Rows = 70;
        const int Width = 1 << 20;
        var view = new GeneratedView<byte>(Rows, [Width], 2, (row, values) => values.Fill((byte)(row % 2 * 255)), row => (uint)(row % 2) + 1);
        using var model = new MLContext(seed: 1).SoftmaxRegression(new() { BatchSize = 10, NumberOfSteps = 2, LearningRate = 1e-5, MemoryBudget = 1 << 24 }).Fit(view);
        var output = model.Transform(view);
        var before = view.FeatureReads;
        using (var cursor = output.GetRowCursor([output.Schema["Score"]]))
            Assert.True(cursor.MoveNext());
        Assert.InRange(view.FeatureReads - before, 1, 32);

        Assert.Equal(Enumerable.Range(0, Rows).Select(row => (uint)(row % 2) + 1), output.GetColumn<uint>("PredictedLabel"));
    }

    [Fact]
    public void Disposable_values_that_are_served_are_the_readers_and_the_others_are_freed_with_the_cursor()
    {
        // As ML.NET's images: a loader disposes what it finds in the place that it fills, and who reads a value owns it.
        var view = new HandleView(rows: 600);
        using var model = new MLContext(seed: 1).SoftmaxRegression(new() { NumberOfSteps = 1 }).Fit(view);
        var output = model.Transform(view);
        var held = new List<Handle>();
        using (var cursor = output.GetRowCursor([output.Schema["Handle"], output.Schema["Score"]]))
        {
            var getter = cursor.GetGetter<Handle>(output.Schema["Handle"]);
            for (var row = 0; row < 300; row++)
            {
                Assert.True(cursor.MoveNext());
                if (row % 2 == 0)
                    continue;
                Handle handle = null!;
                getter(ref handle);
                Assert.Equal(row, handle.Row);
                held.Add(handle);
            }
        }

        Assert.All(held, handle => Assert.False(handle.IsDisposed, $"the value of row {handle.Row} was taken away from its reader"));
        held.ForEach(handle => handle.Dispose());
        Assert.True(view.Made.Count > 300);
        Assert.All(view.Made, handle => Assert.True(handle.IsDisposed, $"the value of row {handle.Row} was never freed"));
    }

    private sealed class Handle(long row) : IDisposable
    {
        public long Row => row;

        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }

    private sealed class HandleType() : StructuredDataViewType(typeof(Handle))
    {
        public override bool Equals(DataViewType? other) => other is HandleType;
    }

    /// <summary>Rows of a handle each, beside features and a label.</summary>
    private sealed class HandleView : IDataView
    {
        private readonly GeneratedView<float> _rest;

        public HandleView(int rows)
        {
            _rest = new GeneratedView<float>(rows, [2], 2, (row, values) => values.Fill(row % 2), row => (uint)(row % 2) + 1);
            var builder = new DataViewSchema.Builder();
            builder.AddColumns(_rest.Schema);
            builder.AddColumn("Handle", new HandleType());
            Schema = builder.ToSchema();
        }

        public List<Handle> Made { get; } = [];

        public bool CanShuffle => false;

        public DataViewSchema Schema { get; }

        public long? GetRowCount() => _rest.GetRowCount();

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
            new Cursor(this, _rest.GetRowCursor(columnsNeeded.Where(column => column.Index < _rest.Schema.Count).Select(column => _rest.Schema[column.Index])));

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

        private sealed class Cursor(HandleView view, DataViewRowCursor rest) : DataViewRowCursor
        {
            public override DataViewSchema Schema => view.Schema;

            public override long Position => rest.Position;

            public override long Batch => rest.Batch;

            public override bool MoveNext() => rest.MoveNext();

            public override bool IsColumnActive(DataViewSchema.Column column) => column.Name == "Handle" || rest.IsColumnActive(rest.Schema[column.Index]);

            public override ValueGetter<DataViewRowId> GetIdGetter() => rest.GetIdGetter();

            public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
                column.Name == "Handle" ? (ValueGetter<TValue>)(Delegate)(ValueGetter<Handle>)Load : rest.GetGetter<TValue>(rest.Schema[column.Index]);

            private void Load(ref Handle value)
            {
                value?.Dispose();
                value = new Handle(Position);
                view.Made.Add(value);
            }
        }
    }
}
