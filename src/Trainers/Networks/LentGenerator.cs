using static TorchSharp.torch;

namespace Sconce.Trainers.Networks;

/// <summary>libtorch's process-wide generator, lent to code that draws from it and nothing else, as TorchSharp's initializers and dropout do.</summary>
internal static class LentGenerator
{
    private static readonly Lock _gate = new();

    /// <summary>
    /// Does work that draws from the process-wide generator though what is drawn does not matter, as TorchSharp's layers do when they are made:
    /// never while another thread has the generator, which is afterwards as it was before.
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
    /// Does work during which the process-wide generator is seeded from another one, and then as it was before. One thread at a time
    /// has it; what else draws from it meanwhile, on a thread that was not lent it, disturbs both.
    /// </summary>
    /// <param name="random">The generator from which the seed is drawn.</param>
    /// <param name="work">What draws.</param>
    public static T Lend<T>(Generator random, Func<T> work)
    {
        lock (_gate)
        {
            using var shared = Generator.Default;
            using var before = shared.get_state();
            using var seed = randint(long.MaxValue, [1L], ScalarType.Int64, generator: random);
            using (var seeded = new Generator((ulong)seed.item<long>()))
            using (var state = seeded.get_state())
                shared.set_state(state);
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
}
