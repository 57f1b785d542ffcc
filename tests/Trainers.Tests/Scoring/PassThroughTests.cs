using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Scoring;

/// <summary>What the input has, the output has: every column of every type, in the view's order, under its own ids, beside the scores of its own row.</summary>
public class PassThroughTests(TrainedStripes trained)
{
    private const int Rows = 600;

    private IDataView Input
    {
        get
        {
            List<Wide> rows = [.. Stripes.Create(Rows, seed: 11).Select((row, i) => new Wide
            {
                Image = row.Image,
                Text = i % 7 == 0 ? "" : $"row {i}",
                Words = [.. Enumerable.Range(0, i % 5).Select(word => $"{i}.{word}")],
                Key = (uint)(i % 5),
                Sparse = new VBuffer<float>(100, 2, [i, -i], [i % 50, 50 + i % 50]),
                Dense = [i, 1.0 / (i + 1)],
                Number = i * 0.5f,
                Flag = i % 3 == 0,
                When = new DateTime(2020, 1, 1).AddHours(i),
            })];
            return trained.ML.Data.LoadFromEnumerable(rows);
        }
    }

    /// <summary>The same rows where ML.NET can shuffle them: a cache can, a list cannot.</summary>
    private IDataView ShufflableInput => trained.ML.Data.Cache(Input);

    private IDataView Scored(IDataView input) => trained.Network.Transform(input);

    [Fact]
    public void Columns_of_every_type_pass_unchanged()
    {
        var input = Input;
        var output = Scored(input);
        foreach (var column in input.Schema)
        {
            var passed = output.Schema[column.Index];
            Assert.Equal((column.Name, column.Type, column.IsHidden), (passed.Name, passed.Type, passed.IsHidden));
            Assert.Equal(column.Annotations.Schema.Select(annotation => annotation.Name), passed.Annotations.Schema.Select(annotation => annotation.Name));
        }

        AssertSame<ReadOnlyMemory<char>>("Text", text => text.ToString());
        AssertSame<VBuffer<ReadOnlyMemory<char>>>("Words", words => string.Join('|', words.DenseValues()));
        AssertSame<uint>("Key", key => key);
        AssertSame<VBuffer<float>>("Sparse", vector => (vector.IsDense, string.Join('|', vector.DenseValues())));
        AssertSame<VBuffer<double>>("Dense", vector => string.Join('|', vector.DenseValues()));
        AssertSame<VBuffer<byte>>("Image", vector => Convert.ToHexString([.. vector.DenseValues()]));
        AssertSame<float>("Number", number => number);
        AssertSame<bool>("Flag", flag => flag);
        AssertSame<DateTime>("When", when => when);

        void AssertSame<T>(string name, Func<T, object> content)
        {
            var wanted = Read(input, name, content, null);
            var found = Read(output, name, content, null);
            Assert.Equal(Rows, wanted.Count);
            Assert.Equal(wanted, found);
        }
    }

    [Fact]
    public void Order_positions_and_ids_are_the_inputs()
    {
        var input = Input;
        Assert.Equal(
            Read<float>(input, "Number", number => number, null),
            Read<float>(Scored(input), "Number", number => number, null));
    }

    [Fact]
    public void A_shuffled_cursor_has_the_inputs_shuffled_order_and_ids()
    {
        var input = ShufflableInput;
        var output = Scored(input);
        Assert.True(output.CanShuffle);
        var shuffled = Read<float>(output, "Number", number => number, new Random(3));
        Assert.Equal(Read<float>(input, "Number", number => number, new Random(3)), shuffled);
        Assert.NotEqual(Read<float>(output, "Number", number => number, null), shuffled);
    }

    [Fact]
    public void A_shuffled_cursor_keeps_features_labels_and_scores_together()
    {
        var input = ShufflableInput;
        var output = Scored(input);
        var byNumber = output.GetColumn<float>("Number").Zip(output.GetColumn<float[]>("Score")).ToDictionary(row => row.First, row => row.Second);
        var images = input.GetColumn<float>("Number").Zip(input.GetColumn<byte[]>("Image")).ToDictionary(row => row.First, row => row.Second);

        var seen = 0;
        var inOrder = 0;
        using var cursor = output.GetRowCursor([output.Schema["Number"], output.Schema["Image"], output.Schema["Score"]], new Random(5));
        var number = cursor.GetGetter<float>(output.Schema["Number"]);
        var image = cursor.GetGetter<VBuffer<byte>>(output.Schema["Image"]);
        var score = cursor.GetGetter<VBuffer<float>>(output.Schema["Score"]);
        for (; cursor.MoveNext(); seen++)
        {
            float key = 0;
            VBuffer<byte> pixels = default;
            VBuffer<float> probabilities = default;
            number(ref key);
            image(ref pixels);
            score(ref probabilities);
            Assert.Equal(images[key], pixels.DenseValues());
            inOrder += key == seen * 0.5f ? 1 : 0;
            // The last batch is smaller, for which libtorch may add up in another order.
            foreach (var (wanted, found) in byNumber[key].Zip(probabilities.DenseValues()))
                Assert.Equal(wanted, found, 1e-6f);
        }

        Assert.Equal(Rows, seen);
        Assert.InRange(inOrder, 0, Rows / 10);
    }

    [Fact]
    public void A_set_of_cursors_yields_every_row_once()
    {
        var output = Scored(Input);
        var numbers = new List<float>();
        foreach (var cursor in output.GetRowCursorSet([output.Schema["Number"], output.Schema["PredictedLabel"]], 4))
        {
            using (cursor)
            {
                var getter = cursor.GetGetter<float>(output.Schema["Number"]);
                float number = 0;
                while (cursor.MoveNext())
                {
                    getter(ref number);
                    numbers.Add(number);
                }
            }
        }

        Assert.Equal(Enumerable.Range(0, Rows).Select(i => i * 0.5f), numbers.Order());
    }

    [Fact]
    public void The_number_of_rows_is_the_inputs()
    {
        Assert.Equal(123, Scored(trained.ML.Data.LoadFromEnumerable(Stripes.Create(123, 1))).GetRowCount());
        Assert.Null(Scored(trained.ML.Data.LoadFromEnumerable(Stripes.Create(123, 1).Where(_ => true))).GetRowCount());
    }

    [Fact]
    public void Values_that_were_read_stay_as_they_are_while_the_cursor_goes_on()
    {
        // The buffers of a batch are used again for the next one: what a caller holds has to be a copy.
        var output = Scored(Input);
        using var cursor = output.GetRowCursor(output.Schema);
        var words = cursor.GetGetter<VBuffer<ReadOnlyMemory<char>>>(output.Schema["Words"]);
        var score = cursor.GetGetter<VBuffer<float>>(output.Schema["Score"]);
        var heldWords = new VBuffer<ReadOnlyMemory<char>>[Rows];
        var heldScores = new VBuffer<float>[Rows];
        for (var i = 0; cursor.MoveNext(); i++)
        {
            words(ref heldWords[i]);
            score(ref heldScores[i]);
        }

        Assert.Equal(Input.GetColumn<string[]>("Words"), heldWords.Select(held => held.DenseValues().Select(word => word.ToString()).ToArray()));
        Assert.Equal(output.GetColumn<float[]>("Score"), heldScores.Select(held => held.DenseValues().ToArray()));
    }

    private static List<(long Position, DataViewRowId Id, object Content)> Read<T>(IDataView view, string name, Func<T, object> content, Random? random)
    {
        var column = view.Schema[name];
        // The scores are asked for too, so that the batches are read as they are when the network runs.
        using var cursor = view.GetRowCursor([column, .. view.Schema.Where(other => other.Name == "Score")], random);
        var getter = cursor.GetGetter<T>(column);
        var getId = cursor.GetIdGetter();
        var rows = new List<(long, DataViewRowId, object)>();
        T value = default!;
        DataViewRowId id = default;
        while (cursor.MoveNext())
        {
            getter(ref value);
            getId(ref id);
            rows.Add((cursor.Position, id, content(value)));
        }

        return rows;
    }

    private sealed class Wide
    {
        [VectorType(Stripes.Size, Stripes.Size)]
        public byte[] Image { get; set; } = [];

        public string Text { get; set; } = "";

        public string[] Words { get; set; } = [];

        [KeyType(5)]
        public uint Key { get; set; }

        [VectorType(100)]
        public VBuffer<float> Sparse { get; set; }

        [VectorType(2)]
        public double[] Dense { get; set; } = [];

        public float Number { get; set; }

        public bool Flag { get; set; }

        public DateTime When { get; set; }
    }
}
