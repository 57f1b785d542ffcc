using Sconce.Core.Storage;

namespace Sconce.Tests;

/// <summary>What this process has open, on Linux. Other tests open and close files at the same time: one that is closed while it is looked at has no path.</summary>
internal static class OpenFiles
{
    public static IReadOnlyList<string?> Paths => [.. Directory.EnumerateFileSystemEntries("/proc/self/fd").Select(RealPath.TargetOf)];
}
