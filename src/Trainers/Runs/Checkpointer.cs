using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Sconce.Core.Errors;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Networks.Recurrent;
using Sconce.Trainers.Training;
using static TorchSharp.torch;

namespace Sconce.Trainers.Runs;

/// <summary>Writes the checkpoints of a training, and resumes from one. If a checkpoint cannot be written, for example because the disk is full, a warning says so and the training continues.</summary>
/// <param name="folder">The folder of the checkpoints.</param>
/// <param name="options">The checkpoint options; null to write none.</param>
/// <param name="fingerprint">Identifies the training.</param>
/// <param name="resumed">The checkpoint to resume from; null for a new training.</param>
/// <param name="random">The generator of the network.</param>
/// <param name="environment">The log.</param>
internal sealed class Checkpointer(CheckpointFolder folder, Checkpoints? options, TrainingFingerprint fingerprint, Checkpoint? resumed, Generator random, MLNetEnvironment environment)
{
    private readonly Stopwatch _sinceSaved = new();
    private TrainingSession? _session;
    private ParameterUpdater? _updater;
    private CarriedState? _carried;
    private IReadOnlyList<(TrainingCallback Callback, CallbackKey Key)> _callbacks = [];
    private KeyValuePair<string, Tensor>[] _weights = [];

    /// <summary>
    /// Registers the parts whose states are in checkpoints, and restores them, except callbacks, from the checkpoint to resume from.
    /// </summary>
    /// <exception cref="InvalidDataException">The state does not fit the training; the message names the file and the value.</exception>
    public void Begin(TrainingSession session, ParameterUpdater updater, CarriedState? carried, IReadOnlyList<(TrainingCallback Callback, CallbackKey Key)> callbacks, long rowsPerPass)
    {
        (_session, _updater, _carried, _callbacks, _weights) = (session, updater, carried, callbacks, [.. session.Network.state_dict()]);
        _sinceSaved.Restart();
        if (resumed is null)
            return;
        using var scope = NewDisposeScope();
        resumed.Restore("the state of the training", () =>
        {
            Check.AtMost(session.Step, session.TotalSteps, "State.Step");
            Check.AtMost(session.State.Sums.Rows, rowsPerPass, "Sums.Rows");
        });
        resumed.Fill(Visit);
        resumed.Restore("the state of the generator", () => GeneratorState.Restore(random, resumed.Header.Generator));
        updater.Resume(session.Step);
        resumed.Restore("the state that is carried from batch to batch", () => carried?.RestoreState(resumed.Header.Carried));
        environment.LogCheckpoint(string.Create(CultureInfo.InvariantCulture, $"The training resumes after step {session.Step}, from '{resumed.Path}'."));
    }

    /// <summary>Restores the states of callbacks after they have been notified of the start.</summary>
    public void RestoreCallbacks()
    {
        foreach (var (callback, key) in _callbacks)
        {
            if (resumed?.Header.Callbacks.FirstOrDefault(state => new CallbackKey(state.Type, state.Index) == key) is { } found)
                Restore(callback, found.State);
        }
    }

    public void StepEnded()
    {
        if (options is not null && (_session!.Step % options.EverySteps == 0 || _sinceSaved.Elapsed.TotalMinutes >= options.EveryMinutes))
            Save();
    }

    /// <summary>Writes a checkpoint. It replaces one of the same step, because callbacks may have been notified since.</summary>
    public void Save()
    {
        if (options is null)
            return;
        try
        {
            folder.Write(_session!.Step, options.Keep, stream => Checkpoint.Write(stream, Header(), Visit));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            environment.Warn($"The training continues without a checkpoint of step {_session!.Step}: {exception.Message}");
        }

        _sinceSaved.Restart();
    }

    /// <summary>Exceptions of a user's own callback are not wrapped.</summary>
    private void Restore(TrainingCallback callback, JsonNode state)
    {
        if (callback.GetType().Assembly == typeof(Checkpointer).Assembly)
            resumed!.Restore($"the state of the callback '{callback.GetType().Name}'", () => callback.RestoreState(state));
        else
            callback.RestoreState(state);
    }

    private CheckpointHeader Header()
    {
        using var scope = NewDisposeScope();
        return new CheckpointHeader
        {
            Fingerprint = fingerprint,
            State = _session!.State,
            Generator = random.get_state().bytes.ToArray(),
            Carried = _carried?.SaveState(),
            Callbacks = [.. _callbacks.Select(entry => entry.Callback.SaveState() is { } state ? new CallbackState(entry.Key.Type, entry.Key.Index, state) : null).OfType<CallbackState>()],
        };
    }

    private void Visit(Checkpoint.Visitor visit)
    {
        foreach (var (name, weight) in _weights)
            visit(name, weight.bytes);
        foreach (var (i, values) in _updater!.Remembered.Index())
            visit($"optimizer.{i}", MemoryMarshal.AsBytes(values.AsSpan()));
    }
}
