using System.Runtime.InteropServices;

namespace Sconce.Host;

/// <summary>
/// Handles Ctrl-C, SIGTERM, and SIGHUP: a command that uses the token is canceled; any other command is ended at once, because it leaves
/// nothing behind.
/// </summary>
internal sealed class Interruption : IDisposable
{
    /// <summary>The exit code is this plus the signal's number.</summary>
    private const int ExitCodeOfSignals = 128;

    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private bool _taken;

    public Interruption() =>
        _registrations = [On(PosixSignal.SIGHUP, 1), On(PosixSignal.SIGINT, 2), On(PosixSignal.SIGTERM, 15)];

    /// <summary>The exit code of a command that stopped: 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP.</summary>
    public int ExitCode { get; private set; } = ExitCodeOfSignals + 2;

    /// <summary>Canceled by the first signal. The second signal ends the process.</summary>
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

    private PosixSignalRegistration On(PosixSignal signal, int number) => PosixSignalRegistration.Create(signal, context => Stop(context, number));

    private void Stop(PosixSignalContext context, int number)
    {
        context.Cancel = _taken && !_stop.IsCancellationRequested;
        ExitCode = ExitCodeOfSignals + number;
        _stop.Cancel();
    }
}
