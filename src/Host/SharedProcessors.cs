using System.Runtime.InteropServices;

namespace Sconce.Host;

/// <summary>Makes libtorch's threads yield to other programs while they wait for one another.</summary>
/// <remarks>
/// By default they spin for milliseconds: beside one other busy program a training was seen to take five to ten times as
/// long, because each spins away the time that the other one needs. Without any spinning, every small operation pays for waking
/// a thread: a small network was seen to train at a third of its speed. A fifth of a millisecond costs neither.
/// </remarks>
internal static partial class SharedProcessors
{
    private const string Variable = "GOMP_SPINCOUNT";
    private const string Rounds = "10000";

    /// <summary>Sets the spin time, before libtorch is loaded. The user's own setting takes precedence.</summary>
    public static void Yield()
    {
        // .NET's own environment is a copy, which native libraries do not see.
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
            _ = SetVariable(Variable, Rounds, overwrite: 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
