using System.Runtime.InteropServices;

namespace Sconce.Host;

/// <summary>Ctrl-C and its like: a command that takes the token promises to stop by it; any other is ended at once, as it leaves nothing behind.</summary>
internal sealed class Interruption : IDisposable
{
    /// <summary>A shell adds the signal's number to it.</summary>
    private const int ExitCodeOfSignals = 128;

    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private bool _taken;

    public Interruption() =>
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, 2)), PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, 15))];

    /// <summary>The exit code of a command that stopped: 130 for Ctrl-C.</summary>
    public int ExitCode { get; private set; } = ExitCodeOfSignals + 2;

    /// <summary>Is cancelled by the first signal. A second one ends the process.</summary>
    public CancellationToken Take()
    {
        _taken = true;
        return _stop.Token;
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _stop.Dispose();
    }

    private void Stop(PosixSignalContext context, int number)
    {
        context.Cancel = _taken && !_stop.IsCancellationRequested;
        ExitCode = ExitCodeOfSignals + number;
        _stop.Cancel();
    }
}
