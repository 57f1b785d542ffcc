using Microsoft.Win32.SafeHandles;

namespace Sconce.Pipelines.Scoring;

/// <summary>Standard output as a stream that fails once its reader has closed it; .NET's console stream ignores that.</summary>
internal static class StandardOutput
{
    private const int Descriptor = 1;

    public static Stream Open()
    {
        if (!OperatingSystem.IsWindows())
        {
            var stream = new FileStream(new SafeFileHandle(Descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            // .NET's own stream respects that the position in a file is shared with other writers.
            if (!stream.CanSeek)
                return stream;
        }

        return Console.OpenStandardOutput();
    }
}
