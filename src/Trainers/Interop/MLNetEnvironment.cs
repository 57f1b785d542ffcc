using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Sconce.Trainers.Interop;

/// <summary>The seed and the log of the <see cref="MLContext"/> that a trainer was created with.</summary>
internal sealed class MLNetEnvironment
{
    /// <summary>The suffix of the source of lines about checkpoints.</summary>
    public const string CheckpointSource = "Checkpoints";

    private readonly IHost _host;

    private MLNetEnvironment(IHostEnvironment environment, string name)
    {
        _host = environment.Register(name);
        Seed = (environment as IHostEnvironmentInternal)?.Seed;
    }

    /// <summary>The seed of the context; null if it has none.</summary>
    public int? Seed { get; }

    public static MLNetEnvironment Of(IInternalCatalog catalog, string name) => new(catalog.Environment, name);

    public static MLNetEnvironment Of(MLContext context, string name) => new(context, name);

    /// <summary>Writes one line to the context's log, at the level of information.</summary>
    public void Log(string message)
    {
        using var channel = _host.Start("Training");
        channel.Info(MessageSensitivity.None, message);
    }

    /// <summary>Writes one line about checkpoints to the context's log, at the level of information.</summary>
    public void LogCheckpoint(string message)
    {
        using var channel = _host.Start(CheckpointSource);
        channel.Info(MessageSensitivity.None, message);
    }

    /// <summary>Writes one line to the context's log, at the level of a warning.</summary>
    public void Warn(string message)
    {
        using var channel = _host.Start("Training");
        channel.Warning(MessageSensitivity.None, message);
    }
}
