using static TorchSharp.torch;

namespace Sconce.Trainers.Networks;

/// <summary>Lends libtorch's process-wide generator to code that can draw only from it, such as TorchSharp's initializers and dropout.</summary>
internal static class GlobalGeneratorScope
{
    private static readonly Lock _gate = new();

    /// <summary>
    /// Runs code that draws irrelevant numbers from the process-wide generator, as the constructors of TorchSharp's layers do, while no other thread
    /// has the generator, and restores its state.
    /// </summary>
    public static T Keep<T>(Func<T> work)
    {
        lock (_gate)
        {
            using var shared = Generator.Default;
            using var before = shared.get_state();
            try
            {
                return work();
            }
            finally
            {
                shared.set_state(before);
            }
        }
    }

    /// <summary>
    /// Runs code with the process-wide generator seeded from another one, and restores its state. Other code that draws from it meanwhile, on
    /// another thread, disturbs both.
    /// </summary>
    /// <param name="random">The generator from which the seed is drawn.</param>
    /// <param name="work">The code that draws.</param>
    public static T Lend<T>(Generator random, Func<T> work) => Keep(() =>
    {
        using (var shared = Generator.Default)
        using (var seed = randint(long.MaxValue, [1L], ScalarType.Int64, generator: random))
        using (var seeded = new Generator((ulong)seed.item<long>()))
        using (var state = seeded.get_state())
            shared.set_state(state);
        return work();
    });
}
