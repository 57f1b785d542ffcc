namespace Sconce.Pipelines.Tests.Forecasting;

/// <summary>The forecasts that a network has to beat, against references that are written in another way.</summary>
public class StatisticalForecastTests
{
    [Fact]
    public void Naive_forecasts_say_the_last_value_and_the_last_season_again()
    {
        double[] history = [9, 1, 2, 3, 4];
        Assert.Equal([4, 4, 4], new NaiveForecast().Forecast(history, 3));
        Assert.Equal([2, 3, 4, 2, 3, 4, 2], new SeasonalNaiveForecast(3).Forecast(history, 7));
        Assert.Equal(new NaiveForecast().Forecast(history, 2), new SeasonalNaiveForecast(1).Forecast(history, 2));
        var refusal = Assert.ThrowsAny<ArgumentException>(() => new SeasonalNaiveForecast(7).Forecast(history, 1));
        Assert.Contains("'seasonal-naive 7' is 5; it has to be at least 7", refusal.Message, StringComparison.Ordinal);
        Assert.ThrowsAny<ArgumentException>(() => new NaiveForecast().Forecast(history, 0));
        Assert.ThrowsAny<ArgumentException>(() => HoltWinters.Fit(history, 1));
        Assert.ThrowsAny<ArgumentException>(() => HoltWinters.Fit(history, 3));
    }

    /// <summary>The textbook's recursive definition, each quantity asked for by its time, in place of a loop that carries three of them.</summary>
    [Theory]
    [InlineData(0.3, 0.1, 0.2)]
    [InlineData(0.9, 0.5, 0.7)]
    [InlineData(0, 0, 0)]
    [InlineData(1, 1, 1)]
    public void Holt_Winters_is_the_recursive_definition(double alpha, double beta, double gamma)
    {
        const int Season = 4, Horizon = 9;
        var values = Noisy(41, Season);
        var (levels, trends, seasons) = (new Dictionary<int, double>(), new Dictionary<int, double>(), new Dictionary<int, double>());
        var (first, second) = (values.Take(Season).Average(), values.Skip(Season).Take(Season).Average());
        double Remembered(Dictionary<int, double> memory, int time, Func<int, double> value) => memory.TryGetValue(time, out var known) ? known : memory[time] = value(time);
        double Level(int time) => Remembered(levels, time, t => t == Season - 1 ? first + (second - first) / Season * 1.5 : alpha * (values[t] - Place(t - Season)) + (1 - alpha) * (Level(t - 1) + Trend(t - 1)));
        double Trend(int time) => Remembered(trends, time, t => t == Season - 1 ? (second - first) / Season : beta * (Level(t) - Level(t - 1)) + (1 - beta) * Trend(t - 1));
        double Place(int time) => Remembered(seasons, time, t => t < Season ? values[t] - (first + (second - first) / Season * (t - 1.5)) : gamma * (values[t] - Level(t)) + (1 - gamma) * Place(t - Season));

        var model = new HoltWinters(Season, alpha, beta, gamma);
        var last = values.Length - 1;
        var expected = Enumerable.Range(1, Horizon).Select(h => Level(last) + h * Trend(last) + Place(last + h - Season * ((h + Season - 1) / Season)));
        foreach (var (given, wanted) in model.Forecast(values, Horizon).Zip(expected))
            Assert.Equal(wanted, given, 1e-3);
        var squares = Enumerable.Range(Season, values.Length - Season).Sum(t => Math.Pow(values[t] - Level(t - 1) - Trend(t - 1) - Place(t - Season), 2));
        Assert.Equal(squares, model.SquaredError(values), 1e-6 * squares);
    }

    [Fact]
    public void Fitted_shares_are_as_good_as_any_of_a_grid()
    {
        foreach (var seed in (int[])[1, 2, 3])
        {
            var values = Noisy(120, 5, seed);
            var fitted = HoltWinters.Fit(values, 5);
            Assert.InRange(fitted.Alpha, 0, 1);
            Assert.InRange(fitted.Beta, 0, 1);
            Assert.InRange(fitted.Gamma, 0, 1);
            double[] shares = [.. Enumerable.Range(0, 21).Select(i => i / 20.0)];
            var grid = (from alpha in shares from beta in shares from gamma in shares select new HoltWinters(5, alpha, beta, gamma).SquaredError(values)).Min();
            Assert.InRange(fitted.SquaredError(values), 0, grid);
        }
    }

    [Fact]
    public void A_line_with_a_season_is_continued_exactly()
    {
        double[] values = [.. Enumerable.Range(0, 60).Select(Exact)];
        var forecast = HoltWinters.Fit(values.AsSpan(0, 40), 4).Forecast(values.AsSpan(0, 40), 20);
        for (var step = 0; step < forecast.Length; step++)
            Assert.Equal(values[40 + step], forecast[step], 1e-2);

        static double Exact(int t) => 100 + 0.5 * t + t % 4 * t % 4 * 3;
    }

    /// <summary>What comes after an origin must not be seen at it.</summary>
    [Fact]
    public void A_forecast_knows_its_history_alone()
    {
        var values = Noisy(60, 6);
        foreach (var method in (StatisticalForecast[])[new NaiveForecast(), new SeasonalNaiveForecast(6), new HoltWinters(6, 0.3, 0.1, 0.2)])
        {
            var changed = values.ToArray();
            changed.AsSpan(50).Fill(-1000);
            Assert.Equal(method.Forecast(values.AsSpan(0, 50), 8), method.Forecast(changed.AsSpan(0, 50), 8));
            Assert.NotEqual(method.Forecast(values, 8), method.Forecast(changed, 8));
        }
    }

    private static double[] Noisy(int count, int season, int seed = 1)
    {
        var random = new Random(seed);
        var (level, values) = (50.0, new double[count]);
        for (var t = 0; t < count; t++)
        {
            level += 0.3 + random.NextDouble() - 0.5;
            values[t] = level + 8 * Math.Sin(2 * Math.PI * t / season) + 4 * random.NextDouble();
        }

        return values;
    }
}
