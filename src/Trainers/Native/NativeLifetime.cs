namespace Sconce.Trainers.Native;

/// <summary>
/// Keeps a model's native memory until its owner has disposed it and all current uses have ended, so that disposing a model
/// while other threads score with it throws an exception instead of crashing the process.
/// </summary>
/// <param name="describe">Names the model, for the exception.</param>
/// <param name="free">Frees the memory. It is called once, at the end of the last use.</param>
internal sealed class NativeLifetime(Func<string> describe, Action free)
{
    /// <summary>The sign bit is set when the owner has disposed it; the other bits count the uses.</summary>
    private int _state;

    /// <summary>Starts a use: the memory is kept until the result is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public Use Begin()
    {
        for (var state = Volatile.Read(ref _state); ;)
        {
            if (state < 0)
                throw Disposed();
            var before = Interlocked.CompareExchange(ref _state, state + 1, state);
            if (before == state)
                return new Use(this);
            state = before;
        }
    }

    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public void ThrowIfDisposed()
    {
        if (Volatile.Read(ref _state) < 0)
            throw Disposed();
    }

    /// <summary>Disposes it: the memory is freed now, or at the end of the last current use.</summary>
    public void End()
    {
        if (Interlocked.Or(ref _state, int.MinValue) == 0)
            free();
    }

    private void EndUse()
    {
        if (Interlocked.Decrement(ref _state) == int.MinValue)
            free();
    }

    private ObjectDisposedException Disposed() => new(
        describe(),
        "The model was disposed. A PredictionEngine disposes the model that it was created from: if other code uses the model too, set PredictionEngineOptions.OwnsTransformer to false.");

    /// <summary>A use of the memory, by one thread.</summary>
    public readonly ref struct Use(NativeLifetime lifetime)
    {
        public void Dispose() => lifetime.EndUse();
    }
}
