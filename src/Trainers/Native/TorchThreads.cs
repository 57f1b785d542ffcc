using static TorchSharp.torch;

namespace Sconce.Trainers.Native;

/// <summary>The number of threads that libtorch uses for an operation.</summary>
internal static class TorchThreads
{
    private static readonly Lock _lock = new();

    /// <summary>Makes libtorch use only the current thread for its operations, when several threads score in parallel: two batches on two threads are faster than each batch on both.</summary>
    public static void UseOne()
    {
        TorchRuntime.EnsureLoaded();
        // Another thread could mistake a temporary setting for the permanent one.
        using var only = _lock.EnterScope();
        // A thread copies the global number when it first asks; after that it has its own.
        var everywhere = get_num_threads();
        set_num_threads(1);
        // The setting applies to new threads, too: another thread resets it for later trainings.
        var restore = new Thread(() =>
        {
            _ = get_num_threads();
            set_num_threads(everywhere);
        });
        restore.Start();
        restore.Join();
    }
}
