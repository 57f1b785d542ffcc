using static TorchSharp.torch;

namespace Sconce.Trainers.Native;

/// <summary>How many processors libtorch spreads an operation over.</summary>
internal static class TorchThreads
{
    private static readonly Lock _lock = new();

    /// <summary>Makes operations of the current thread run on it alone, where several threads score beside each other: batches on two threads are faster than each batch on both.</summary>
    public static void UseOne()
    {
        TorchRuntime.EnsureLoaded();
        // What one thread sets for a moment another would take for what holds.
        using var only = _lock.EnterScope();
        // A thread takes the number that holds everywhere when it first asks; after that it has one of its own.
        var everywhere = get_num_threads();
        set_num_threads(1);
        // What was set holds for threads to come as well: another thread sets that back, for whoever trains later.
        var restore = new Thread(() =>
        {
            _ = get_num_threads();
            set_num_threads(everywhere);
        });
        restore.Start();
        restore.Join();
    }
}
