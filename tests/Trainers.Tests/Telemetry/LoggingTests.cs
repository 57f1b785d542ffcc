using Microsoft.Extensions.Logging;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace Sconce.Trainers.Tests.Telemetry;

/// <summary>ML.NET's log as it arrives in Microsoft.Extensions.Logging.</summary>
public sealed class LoggingTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly Log _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public void Each_epoch_is_an_information_of_its_trainer()
    {
        using (_ml.LogTo((ILoggerFactory)_log))
            Fit(epochs: 2);
        var epochs = _log.Entries.FindAll(entry => entry.Text.Contains("Epoch", StringComparison.Ordinal));
        Assert.Equal(2, epochs.Count);
        Assert.All(epochs, epoch => Assert.Equal((LogLevel.Information, "Microsoft.ML.SoftmaxRegression"), (epoch.Level, epoch.Category)));
        Assert.StartsWith("SoftmaxRegression; Training: Epoch 1: loss", epochs[0].Text, StringComparison.Ordinal);
        Assert.Equal("SoftmaxRegression; Training", epochs[0].Properties["Source"]);
    }

    [Fact]
    public void One_logger_is_given_all_until_it_is_disposed_of()
    {
        using (_ml.LogTo(_log.CreateLogger("mine")))
            Fit(epochs: 1);
        var count = _log.Entries.Count;
        Assert.True(count > 0);
        Assert.All(_log.Entries, entry => Assert.Equal("mine", entry.Category));
        Fit(epochs: 1);
        Assert.Equal(count, _log.Entries.Count);
    }

    [Fact]
    public void Kinds_are_levels_and_a_level_that_is_off_is_not_written()
    {
        using var logging = _ml.LogTo(_log.CreateLogger("mine"));
        _log.Least = LogLevel.Information;
        using (var channel = ((IHostEnvironment)_ml).Register("Host").Start("Test"))
        {
            channel.Trace(MessageSensitivity.None, "a trace");
            channel.Info(MessageSensitivity.None, "an information");
            channel.Warning(MessageSensitivity.None, "a warning");
            channel.Error(MessageSensitivity.None, "an error {0}", "{braces}");
        }

        Assert.Equal(
            [(LogLevel.Information, "an information"), (LogLevel.Warning, "a warning"), (LogLevel.Error, "an error {braces}")],
            _log.Entries.FindAll(entry => entry.Text.StartsWith("Host; Test: ", StringComparison.Ordinal)).Select(entry => (entry.Level, entry.Text["Host; Test: ".Length..])));
    }

    private void Fit(int epochs)
    {
        var points = new Points(rows: 30, features: 4, classes: 3, seed: 1);
        _ml.SoftmaxRegression(new() { BatchSize = 10, NumberOfEpochs = epochs, NumberOfSteps = null }).Fit(points.View).Dispose();
    }

    /// <summary>Keeps what is logged.</summary>
    private sealed class Log : ILoggerFactory
    {
        public List<(string Category, LogLevel Level, string Text, Dictionary<string, object?> Properties)> Entries { get; } = [];

        public LogLevel Least { get; set; }

        public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
        }

        private sealed class Logger(Log log, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => logLevel >= log.Least;

            void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                log.Entries.Add((category, logLevel, formatter(state, exception), ((IEnumerable<KeyValuePair<string, object?>>)state!).ToDictionary(pair => pair.Key, pair => pair.Value)));
        }
    }
}
