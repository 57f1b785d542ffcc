using FsCheck.Fluent;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Forecasts;
using Sconce.Trainers.Tests.Sequences;
using Sconce.Trainers.Training;

namespace Sconce.Trainers.Tests.Training;

/// <summary>Which rows are measured on and not learned from; and sets that do not fit.</summary>
public class ValidationRowsTests
{
    private static readonly Points _points = new(rows: 200, features: 4, classes: 3, seed: 1);

    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void The_held_out_rows_and_the_others_are_all_rows_each_once_and_in_order()
    {
        var cases =
            from rows in Gen.Choose(1, 300)
            from share in Gen.Choose(1, 99)
            from seed in Gen.Choose(0, int.MaxValue)
            from inOrder in Gen.Elements(true, false)
            select (rows, share / 100.0, seed, inOrder);
        Prop.ForAll(cases.ToArbitrary(), test =>
        {
            var (rows, share, seed, inOrder) = test;
            var (learned, heldOut) = HeldOutRows.Split(Indexed.View(rows, tellsCount: seed % 2 == 0), new SoftmaxRegression.Options { ValidationFraction = share }, inOrder, seed);
            List<int> others = Read(learned), held = Read(heldOut!);
            Assert.Equal(Enumerable.Range(0, rows), others.Concat(held).Order());
            Assert.Equal(others.Order(), others);
            Assert.Equal(held.Order(), held);
            Assert.Equal(held, Read(heldOut!));
            Assert.InRange(held.Count, rows * share - 1, rows * share + 1);
            if (inOrder)
                Assert.Equal(Enumerable.Range(rows - held.Count, held.Count), held);
            else
                Assert.All(held.Index(), row => Assert.InRange(row.Item, row.Index / share - 1e-6, (row.Index + 1) / share));
        }).Holds();
    }

    [Fact]
    public void The_seed_draws_the_rows_and_data_that_repeats_is_not_followed()
    {
        Assert.NotEqual(HeldOut(1), HeldOut(2));
        // Every tenth row would have the same last digit.
        Assert.Equal(10, HeldOut(1).Select(row => row % 10).Distinct().Count());

        static List<int> HeldOut(int seed) => Read(HeldOutRows.Split(Indexed.View(1_000), new SoftmaxRegression.Options { ValidationFraction = 0.1 }, inOrder: false, seed).HeldOut!);
    }

    [Theory]
    [InlineData(1L << 30)]
    [InlineData(1L)]
    public void A_fraction_is_the_same_as_a_set_of_those_rows(long budget)
    {
        var options = new SoftmaxRegression.Options { Seed = 3, BatchSize = 20, NumberOfSteps = null, NumberOfEpochs = 2, MemoryBudget = budget };
        using var model = _ml.SoftmaxRegression(options with { ValidationFraction = 0.25 }).Fit(_points.View);
        var (learned, heldOut) = HeldOutRows.Split(_points.View, options with { ValidationFraction = 0.25 }, inOrder: false, new SeedSequence(3).Validation);
        using var apart = _ml.SoftmaxRegression(options with { ValidationSet = heldOut }).Fit(learned);
        Assert.Equal(ModelZip.SavedWeights(_ml, apart), ModelZip.SavedWeights(_ml, model));
        Assert.Equal(apart.Model.Training.Validation.Select(summary => (summary.Step, summary.Loss, summary.Metric)), model.Model.Training.Validation.Select(summary => (summary.Step, summary.Loss, summary.Metric)));
        Assert.Equal(150, model.Model.Training.Rows);
        Assert.Equal([8, 16], model.Model.Training.Validation.Select(summary => summary.Step));
    }

    [Fact]
    public void A_series_is_measured_on_its_end()
    {
        var windows = new Windows(40);
        using var model = _ml.Recurrent(Windows.Stateful with { ValidationFraction = 0.25, NumberOfSteps = 3 }).Fit(windows.Load(_ml));
        using var apart = _ml.Recurrent(Windows.Stateful with { ValidationSet = _ml.Data.SkipRows(windows.Load(_ml), 30), NumberOfSteps = 3 }).Fit(_ml.Data.TakeRows(windows.Load(_ml), 30));
        Assert.Equal(30, model.Model.Training.Rows);
        Assert.Equal(ModelZip.SavedWeights(_ml, apart), ModelZip.SavedWeights(_ml, model));
        Assert.Equal(apart.Model.Training.Validation[^1].Loss, model.Model.Training.Validation[^1].Loss);
    }

    [Fact]
    public void A_forecaster_is_measured_on_the_last_windows_of_each_series_and_no_value_of_them_is_learned()
    {
        var definition = Forecasts(window: 4, horizon: 3, "a", "b");
        var windows = new ForecastWindows(definition, [.. WindowsOf(definition, "a", 30), .. WindowsOf(definition, "b", 60)]);
        var (learned, heldOut) = HeldOutRows.Split(windows, new RecurrentForecast.Options { ValidationFraction = 0.2 }, inOrder: false, seed: 1);
        // A series' values are its days: 24 and 54 windows, of which 5 and 11 are held out.
        Assert.Equal((17 + 41, 5 + 11), (Next(learned).Count, Next(heldOut!).Count));
        foreach (var (first, days) in ((int, int)[])[(0, 30), (1_000, 1_060)])
        {
            var (known, asked) = (Days(learned, first, days + first), Days(heldOut!, first, days + first));
            Assert.Empty(known.Intersect(asked));
            Assert.True(known.Max() < asked.Min());
            Assert.Equal(first + days % 1_000 - 1, asked.Max());
        }

        Sentence.Has(
            Assert.Throws<InvalidDataException>(() => new ForecastWindows(definition, [.. WindowsOf(definition, "a", 30), .. WindowsOf(definition, "b", 9)]).HoldOut(0.5)),
            "The series 'b' has 3 training windows", "ValidationFraction holds out the last 2", "horizon", "Use a longer series");

        static HashSet<float> Days(IDataView view, int first, int end) => [.. Next(view).SelectMany(next => next).Where(day => day >= first && day < end)];
    }

    [Fact]
    public void A_fraction_of_too_few_rows_is_refused()
    {
        var refused = Assert.Throws<InvalidDataException>(() => _ml.SoftmaxRegression(new() { ValidationFraction = 1e-6 }).Fit(_points.View));
        Sentence.Has(refused, "ValidationFraction", "no rows");
    }

    [Fact]
    public void A_set_of_another_schema_is_refused_with_what_differs()
    {
        Refused(new Points(rows: 10, features: 5, classes: 3, seed: 1).View, "'Features'", "5", "4");
        Refused(new Points(rows: 10, features: 4, classes: 4, seed: 1).View, "'Label'", "classes");
        Refused(_ml.Transforms.DropColumns("Features").Fit(_points.View).Transform(_points.View), "'Features'");
        Refused(_ml.Transforms.DropColumns("Label").Fit(_points.View).Transform(_points.View), "'Label'");
        Refused(_ml.Transforms.Conversion.ConvertType("Features", outputKind: DataKind.Double).Fit(_points.View).Transform(_points.View), "'Features'", "Double");

        void Refused(IDataView set, params string[] parts)
        {
            var refused = Assert.ThrowsAny<ArgumentException>(() => _ml.SoftmaxRegression(new() { ValidationSet = set, NumberOfSteps = 2 }).Fit(_points.View));
            Sentence.Has(refused, ["ValidationSet", "the same steps of the pipeline", .. parts]);
        }
    }

    [Theory]
    [InlineData(1L << 30)]
    [InlineData(1L)]
    public void A_bad_value_is_named_by_its_row_in_the_data_wherever_it_falls(long budget)
    {
        for (var bad = 40; bad < 50; bad++)
        {
            var options = new SoftmaxRegression.Options { ValidationFraction = 0.25, NumberOfSteps = null, NumberOfEpochs = 1, MemoryBudget = budget };
            Sentence.Has(Assert.Throws<InvalidDataException>(() => _ml.SoftmaxRegression(options).Fit(Broken(bad))), $"'Features' has the value NaN at index 0 of row {bad};");
        }
    }

    [Theory]
    [InlineData(1L << 30)]
    [InlineData(1L)]
    public void A_bad_value_of_the_set_is_named_as_the_set_s(long budget)
    {
        var options = new SoftmaxRegression.Options { NumberOfSteps = 2, ValidationSet = Broken(42), MemoryBudget = budget };
        Sentence.Has(Assert.Throws<InvalidDataException>(() => _ml.SoftmaxRegression(options).Fit(_points.View)), "ValidationSet cannot be used for validation: Column 'Features' has the value NaN at index 0 of row 42;");
        var empty = new GeneratedView<float>(0, [4], 3, (_, _) => { }, _ => 1);
        Sentence.Has(Assert.Throws<InvalidDataException>(() => _ml.SoftmaxRegression(options with { ValidationSet = empty }).Fit(_points.View)), "ValidationSet cannot be used for validation: it has no rows");
    }

    [Fact]
    public void A_long_measurement_is_cancelled_in_its_middle()
    {
        const int rows = 20_000;
        using var source = new CancellationTokenSource();
        var read = 0;
        var set = new GeneratedView<float>(rows, [4], 3, (row, values) =>
        {
            values.Clear();
            if (++read == rows / 4)
                source.Cancel();
        }, _ => 1);
        // A budget of one byte reads the rows again for each measurement.
        var options = new SoftmaxRegression.Options { NumberOfSteps = 1, ValidationSet = set, MemoryBudget = 1, CancellationToken = source.Token };
        var cancelled = Assert.Throws<OperationCanceledException>(() => _ml.SoftmaxRegression(options).Fit(_points.View));
        Assert.Equal(source.Token, cancelled.CancellationToken);
        Assert.InRange(read, rows / 4, rows / 2);
    }

    /// <summary>ML.NET's evaluators know of no token; the rows that they read do.</summary>
    [Fact]
    public void A_long_evaluation_is_cancelled_in_its_middle()
    {
        const int rows = 20_000;
        using var source = new CancellationTokenSource();
        var read = 0;
        var evaluated = false;
        var set = new GeneratedView<float>(rows, [4], 3, (row, values) =>
        {
            values.Clear();
            if (evaluated && ++read == rows / 4)
                source.Cancel();
        }, _ => 1);
        var measure = ValidationMeasure.Of("log-loss", scored =>
        {
            evaluated = true;
            return _ml.MulticlassClassification.Evaluate(scored).LogLoss;
        }, isHigherBetter: false);
        var options = new SoftmaxRegression.Options { NumberOfSteps = 1, ValidationSet = set, EarlyStopping = new() { Measure = measure }, CancellationToken = source.Token };
        var cancelled = Assert.Throws<OperationCanceledException>(() => _ml.SoftmaxRegression(options).Fit(_points.View));
        Assert.Equal(source.Token, cancelled.CancellationToken);
        Assert.InRange(read, rows / 4, rows / 2);
    }

    private static ForecastDefinition Forecasts(int window, int horizon, params string[] series) => new(
        new ForecastColumns("Value", "Forecast"), window, horizon, 0.9, MissingValues.Refuse, null, null, [.. series.Select(name => new NamedScale(name, 0, 1))], []);

    /// <summary>All windows of a series whose values are its days, those of 'b' from 1,000 on.</summary>
    private static IEnumerable<(EncodedSeries, int)> WindowsOf(ForecastDefinition definition, string name, int rows)
    {
        var series = new SeriesRows(name, 1, dated: false);
        for (var day = 0; day < rows; day++)
        {
            series.Add(default, SeriesRows.Kept);
            series.Values.Add(name == "b" ? 1_000 + day : day);
        }

        var encoded = EncodedSeries.Of(definition, series, 0);
        return Enumerable.Range(definition.WindowSize, rows - definition.WindowSize - definition.Horizon + 1).Select(origin => (encoded, origin));
    }

    private static List<float[]> Next(IDataView windows) => [.. windows.GetColumn<float[]>(Sconce.Trainers.Forecasting.ColumnName)];

    /// <summary>The points, but for a NaN in one row.</summary>
    private static GeneratedView<float> Broken(int bad) => new(_points.Rows, [4], 3, (row, values) =>
    {
        _points.Features[row].CopyTo(values);
        if (row == bad)
            values[0] = float.NaN;
    }, row => (uint)_points.Labels[row] + 1);

    private static List<int> Read(IDataView view)
    {
        var found = new List<int>();
        using var cursor = view.GetRowCursor([view.Schema["Features"]]);
        var features = cursor.GetGetter<VBuffer<byte>>(view.Schema["Features"]);
        var row = default(VBuffer<byte>);
        while (cursor.MoveNext())
        {
            features(ref row);
            found.Add(BitConverter.ToInt32(row.DenseValues().ToArray()));
            // The number of the row in the data that it was taken from.
            Assert.Equal(found[^1], cursor.Position);
        }

        return found;
    }
}
