using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Scoring;

/// <summary>The contract of a cursor: what is active, what may be read when, what is read of the input, and what is closed.</summary>
public sealed class ScoringCursorTests : IDisposable
{
    private const int Rows = 300;

    private readonly GeneratedView<float> _input = new(Rows, [3], 2, (row, values) => values.Fill(row % 2), row => (uint)(row % 2) + 1);
    private readonly TorchTransformer _model;
    private readonly IDataView _output;
    private readonly long _readInTraining;

    public ScoringCursorTests()
    {
        _model = new MLContext(seed: 1).SoftmaxRegression(new() { NumberOfSteps = 1 }).Fit(_input);
        _output = _model.Transform(_input);
        _readInTraining = _input.FeatureReads;
    }

    private DataViewSchema.Column Label => _output.Schema["Label"];

    private DataViewSchema.Column Features => _output.Schema["Features"];

    private DataViewSchema.Column Score => _output.Schema["Score"];

    private DataViewSchema.Column PredictedLabel => _output.Schema["PredictedLabel"];

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Transform_reads_nothing() => Assert.Equal(1, _input.CursorsOpened);

    [Fact]
    public void Columns_that_only_pass_through_do_not_run_the_network()
    {
        // Its weights are gone: a network that ran would fail.
        _model.Dispose();
        var labels = new List<uint>();
        using var cursor = _output.GetRowCursor([Label]);
        var getter = cursor.GetGetter<uint>(Label);
        uint label = 0;
        while (cursor.MoveNext())
        {
            getter(ref label);
            labels.Add(label);
        }

        Assert.Equal(Enumerable.Range(0, Rows).Select(row => (uint)(row % 2) + 1), labels);
        Assert.Equal(_readInTraining, _input.FeatureReads);
    }

    [Fact]
    public void Rows_can_be_counted_without_any_column()
    {
        using var cursor = _output.GetRowCursor([]);
        var count = 0;
        while (cursor.MoveNext())
            count++;
        Assert.Equal(Rows, count);
        Assert.Equal(_readInTraining, _input.FeatureReads);
    }

    [Fact]
    public void Scores_alone_read_the_features_once_a_row()
    {
        Assert.Equal(Rows, _output.GetColumn<float[]>("Score").Count());
        Assert.Equal(Rows, _input.FeatureReads - _readInTraining);
    }

    [Fact]
    public void Only_what_was_asked_for_is_active()
    {
        using var cursor = _output.GetRowCursor([Label, Score]);
        Assert.Equal(
            [("Features", false), ("Label", true), ("PredictedLabel", false), ("Score", true)],
            _output.Schema.Select(column => (column.Name, cursor.IsColumnActive(column))));
        var refused = Assert.Throws<ArgumentOutOfRangeException>(() => cursor.GetGetter<uint>(PredictedLabel));
        Sentence.Has(refused, "'PredictedLabel'", "not active");
        Assert.Throws<ArgumentOutOfRangeException>(() => cursor.GetGetter<VBuffer<float>>(Features));
    }

    [Fact]
    public void A_getter_of_another_type_is_refused()
    {
        using var cursor = _output.GetRowCursor([Label, Score, PredictedLabel]);
        Sentence.Has(Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<float>(Score)), "'Score'", "Single");
        Sentence.Has(Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<int>(PredictedLabel)), "'PredictedLabel'", "UInt32", "Int32");
        Sentence.Has(Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<long>(Label)), "'Label'", "UInt32", "Int64");
    }

    [Fact]
    public void A_getter_before_the_first_row_and_after_the_last_one_throws()
    {
        using var cursor = _output.GetRowCursor([Label, Score, PredictedLabel]);
        AssertNoRow(cursor);
        while (cursor.MoveNext())
        {
        }

        AssertNoRow(cursor);
        Assert.False(cursor.MoveNext());
        AssertNoRow(cursor);
    }

    [Fact]
    public void Positions_count_from_nought_and_end_at_minus_one()
    {
        using var cursor = _output.GetRowCursor([Score]);
        Assert.Equal(-1, cursor.Position);
        for (var row = 0; row < Rows; row++)
        {
            Assert.True(cursor.MoveNext());
            Assert.Equal(row, cursor.Position);
        }

        Assert.False(cursor.MoveNext());
        Assert.Equal(-1, cursor.Position);
    }

    [Fact]
    public void Disposing_closes_the_input_and_ends_the_cursor()
    {
        var before = _input.CursorsDisposed;
        var cursor = _output.GetRowCursor([Score]);
        Assert.True(cursor.MoveNext());
        cursor.Dispose();
        Assert.Equal(before + 1, _input.CursorsDisposed);
        Assert.False(cursor.MoveNext());
    }

    [Fact]
    public void A_single_row_is_scored_once_for_all_its_columns()
    {
        var mapper = ((ITransformer)_model).GetRowToRowMapper(_input.Schema);
        using var cursor = _input.GetRowCursor(_input.Schema);
        using var row = mapper.GetRow(cursor, mapper.OutputSchema);
        var score = row.GetGetter<VBuffer<float>>(mapper.OutputSchema["Score"]);
        var predicted = row.GetGetter<uint>(mapper.OutputSchema["PredictedLabel"]);
        var label = row.GetGetter<uint>(mapper.OutputSchema["Label"]);
        VBuffer<float> scores = default;
        uint first = 0, second = 0;
        for (var i = 0; i < 5; i++)
        {
            Assert.True(cursor.MoveNext());
            score(ref scores);
            predicted(ref first);
            label(ref second);
            Assert.Equal(cursor.Position, row.Position);
            Assert.Equal((uint)(i % 2) + 1, second);
        }

        Assert.Equal(5, _input.FeatureReads - _readInTraining);
    }

    [Fact]
    public void A_single_row_depends_on_the_features_where_a_score_is_asked_for_and_only_there()
    {
        var mapper = ((ITransformer)_model).GetRowToRowMapper(_input.Schema);
        Assert.Equal(["Features"], Names([mapper.OutputSchema["Score"]]));
        Assert.Equal(["Features"], Names([mapper.OutputSchema["PredictedLabel"], mapper.OutputSchema["Score"]]));
        Assert.Equal(["Label"], Names([mapper.OutputSchema["Label"]]));
        Assert.Equal(["Features", "Label"], Names([mapper.OutputSchema["Label"], mapper.OutputSchema["Score"]]));
        Assert.Empty(Names([]));
        Assert.True(((ITransformer)_model).IsRowToRowMapper);

        IEnumerable<string> Names(IEnumerable<DataViewSchema.Column> wanted) => mapper.GetDependencies(wanted).Select(column => column.Name);
    }

    private void AssertNoRow(DataViewRowCursor cursor)
    {
        VBuffer<float> score = default;
        uint key = 0;
        DataViewRowId id = default;
        Sentence.Has(Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<VBuffer<float>>(Score)(ref score)), "no row", "MoveNext");
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<uint>(PredictedLabel)(ref key));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<uint>(Label)(ref key));
        Assert.Throws<InvalidOperationException>(() => cursor.GetIdGetter()(ref id));
    }
}
