using Microsoft.ML;

namespace Sconce.Trainers.Tests.Forecasting;

/// <summary>A forecaster that goes on learning: with the weights of an earlier one, which mean something in its scales and calendar alone.</summary>
public class PreviousForecasterTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly RecurrentForecast.Options _options = DailySeries.Quick with
    {
        SeriesColumnName = "Series",
        FutureCovariates = ["Planned"],
        Calendar = new() { YearlyHarmonics = 1, Holidays = HolidayCalendar.UnitedStates },
        Retrain = true,
    };

    /// <summary>From October on, and from January: other holidays have been seen, and values are of other sizes.</summary>
    [Fact]
    public void Before_its_first_step_it_forecasts_as_the_earlier_one_does()
    {
        using var first = DailySeries.Train(_ml, _options, DailySeries.Create(150, series: "a"));
        var later = DailySeries.Create(400, seed: 2, series: "a", scale: 3);
        // So small a step moves no weight.
        using var still = Estimator(_options with { NumberOfSteps = 1, LearningRate = 1e-30, Optimizer = new Sgd() }).Fit(_ml.Data.LoadFromEnumerable(later), first);
        Assert.Equal(ModelZip.SavedWeights(_ml, first), ModelZip.SavedWeights(_ml, still));
        Assert.Equal(first.Calendar!.Holidays!.Holidays, still.Calendar!.Holidays!.Holidays);
        var rows = _ml.Data.LoadFromEnumerable(later);
        Assert.Equal(DailySeries.Column(first.Transform(rows)), DailySeries.Column(still.Transform(rows)));

        using var learned = Estimator(_options with { NumberOfSteps = 20 }).Fit(rows, first);
        Assert.NotEqual(ModelZip.SavedWeights(_ml, first), ModelZip.SavedWeights(_ml, learned));
        using var byOption = DailySeries.Train(_ml, _options with { NumberOfSteps = 20, PreviousModel = first }, later);
        Assert.Equal(ModelZip.SavedWeights(_ml, learned), ModelZip.SavedWeights(_ml, byOption));
    }

    [Fact]
    public void A_series_that_it_does_not_know_has_a_scale_of_its_own()
    {
        using var first = DailySeries.Train(_ml, _options, DailySeries.Create(150, series: "a"));
        DailySeries.Row[] both = [.. DailySeries.Create(150, series: "a", scale: 2), .. DailySeries.Create(150, series: "b", scale: 2)];
        using var second = DailySeries.Train(_ml, _options with { PreviousModel = first }, both);
        var (known, unknown, before) = (second.Forecaster.Definition.ScaleOf("a"), second.Forecaster.Definition.ScaleOf("b"), first.Forecaster.Definition.ScaleOf("a"));
        Assert.Equal(before, known);
        Assert.Equal(2 * before.Deviation, unknown.Deviation, 1e-3f);
        Assert.Equal(["a", "b"], second.Series);
    }

    [Fact]
    public void One_that_reads_other_windows_is_refused_with_what_differs()
    {
        var rows = DailySeries.Create(150, series: "a");
        using var first = DailySeries.Train(_ml, _options, rows);
        Refused(_options with { WindowSize = 21 }, "WindowSize", "14 there and 21 here");
        Refused(_options with { Horizon = 6 }, "Horizon", "7 there and 6 here");
        Refused(_options with { FutureCovariates = [] }, "FutureCovariates", "Planned there and none here");
        Refused(_options with { PastCovariates = ["Observed"] }, "PastCovariates", "none there and Observed here");
        Refused(_options with { DateColumnName = null }, "steps from date to date", "1 day there and no dates here");
        Refused(_options with { Calendar = new() { YearlyHarmonics = 1 } }, "Calendar", "'UnitedStates'", "no holidays");
        Refused(_options with { Network = new() { Layers = new() { HiddenSize = 9 } } }, "is another network");
        using var dense = _ml.SoftmaxRegression(new() { NumberOfSteps = 1 }).Fit(new Points(rows: 60, features: 4, classes: 3, seed: 1).View);
        Sentence.Has(Assert.Throws<ArgumentException>(() => DailySeries.Train(_ml, _options with { PreviousModel = dense }, rows)), "PreviousModel is not a forecaster");

        void Refused(RecurrentForecast.Options options, params string[] parts) =>
            Sentence.Has(Assert.Throws<ArgumentException>(() => DailySeries.Train(_ml, options with { PreviousModel = first }, rows)), ["PreviousModel", .. parts]);
    }

    private ForecastEstimator Estimator(RecurrentForecast.Options options) => _ml.Forecasting.ForecastByRecurrentNetwork(options);
}
