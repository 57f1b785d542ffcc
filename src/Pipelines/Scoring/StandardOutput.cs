using Microsoft.Win32.SafeHandles;

namespace Sconce.Pipelines.Scoring;

/// <summary>The standard output as a stream of bytes that says when nobody reads it any more; .NET's own console stream is silent then.</summary>
internal static class StandardOutput
{
    private const int Descriptor = 1;

    public static Stream Open()
    {
        if (!OperatingSystem.IsWindows())
        {
            var stream = new FileStream(new SafeFileHandle(Descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            // Of a file, which always takes what is written, the position is shared with others that write to it: .NET's own stream moves it on.
            if (!stream.CanSeek)
                return stream;
        }

        return Console.OpenStandardOutput();
    }
}
