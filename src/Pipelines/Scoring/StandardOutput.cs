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
            // The position in a file is shared with other writers, which .NET's own stream respects.
            if (!stream.CanSeek)
                return stream;
        }

        return Console.OpenStandardOutput();
    }
}
