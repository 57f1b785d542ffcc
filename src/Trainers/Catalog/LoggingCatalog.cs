using Microsoft.Extensions.Logging;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Forwards ML.NET's log, <c>MLContext.Log</c>, to Microsoft.Extensions.Logging.</summary>
public static partial class LoggingCatalog
{
    /// <summary>Writes every message to one logger, with its source ("ConvolutionalNetwork; Training") as the property Source.</summary>
    /// <param name="context">The context.</param>
    /// <param name="logger">The logger, whose filter decides which levels are written.</param>
    /// <returns>Stops the forwarding when it is disposed.</returns>
    /// <example>
    /// <code>
    /// using var logging = ml.LogTo(loggerFactory.CreateLogger("Digits"));
    /// </code>
    /// </example>
    public static IDisposable LogTo(this MLContext context, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(logger);
        return new Subscription(context, _ => logger);
    }

    /// <summary>Writes every message to a logger of its component's category, such as "Microsoft.ML.ConvolutionalNetwork".</summary>
    /// <param name="context">The context.</param>
    /// <param name="loggers">The factory of the loggers.</param>
    /// <returns>Stops the forwarding when it is disposed.</returns>
    /// <example>
    /// <code>
    /// using var loggers = LoggerFactory.Create(logging => logging.AddConsole());
    /// using var logging = ml.LogTo(loggers);
    /// </code>
    /// </example>
    public static IDisposable LogTo(this MLContext context, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(loggers);
        return new Subscription(context, source => loggers.CreateLogger($"Microsoft.ML.{source.Split(';')[0].Trim()}"));
    }

    [LoggerMessage(EventName = "MLContext", Message = "{Source}: {Text}")]
    private static partial void Write(ILogger logger, LogLevel level, string source, string text);

    private sealed class Subscription : IDisposable
    {
        private readonly MLContext _context;
        private readonly Func<string, ILogger> _loggerOf;

        public Subscription(MLContext context, Func<string, ILogger> loggerOf)
        {
            (_context, _loggerOf) = (context, loggerOf);
            context.Log += Forward;
        }

        public void Dispose() => _context.Log -= Forward;

        private void Forward(object? sender, LoggingEventArgs message)
        {
            var (logger, level) = (_loggerOf(message.Source), LevelOf(message.Kind));
            if (logger.IsEnabled(level))
                Write(logger, level, message.Source, message.RawMessage);
        }

        /// <summary>ML.NET's Trace messages are about its internals.</summary>
        private static LogLevel LevelOf(ChannelMessageKind kind) => kind switch
        {
            ChannelMessageKind.Error => LogLevel.Error,
            ChannelMessageKind.Warning => LogLevel.Warning,
            ChannelMessageKind.Info => LogLevel.Information,
            _ => LogLevel.Trace,
        };
    }
}
