using System.Globalization;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Onnx;
using Sconce.Core.Errors;

namespace Sconce.Pipelines.Onnx;

/// <summary>Opens ONNX files, or explains in one sentence why ONNX Runtime rejects them.</summary>
internal static partial class OnnxFile
{
    /// <summary>The first byte of a model: the tag of <c>ir_version</c>, its first field.</summary>
    private const byte FirstTag = 0x08;

    /// <summary>Reads a file, with its external weights in the same folder.</summary>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="IOException">It cannot be read; the message names it and the reason.</exception>
    /// <exception cref="InvalidDataException">A file of external weights is not in the same folder.</exception>
    public static byte[] Read(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no ONNX file '{path}'.", path).About(file: path);
        try
        {
            return OnnxWeights.Gather(File.ReadAllBytes(path), path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"Cannot read '{path}': {exception.Message.TrimEnd('.')}.", exception).About(file: path);
        }
    }

    /// <summary>Creates the session that runs the graph.</summary>
    /// <param name="content">The file's content.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <exception cref="InvalidDataException">ONNX Runtime rejects it; the message says why.</exception>
    /// <exception cref="DllNotFoundException">ONNX Runtime's native library cannot be loaded.</exception>
    public static InferenceSession Open(byte[] content, string name)
    {
        try
        {
            // ONNX Runtime would search for external weights in the current folder.
            if (OnnxWeights.FindOutside(content) is { } outside)
            {
                throw new InvalidDataException(
                    $"'{name}' keeps the weights '{outside.Weights}' in another file, '{outside.File}'; a single file is expected. In Python, onnx.save(onnx.load(path), path) writes one.")
                        .About(file: name);
            }

            // The exception explains the error; nothing is written to the console.
            using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            // Threads that spin between runs would take processor time from the caller, which reads rows meanwhile.
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
            return new InferenceSession(content, options);
        }
        catch (Exception exception) when (exception is OnnxRuntimeException or InvalidProtocolBufferException)
        {
            throw new InvalidDataException($"'{name}' {Diagnose(content, FirstSentence(exception.Message))}", exception).About(file: name);
        }
        catch (TypeInitializationException exception) when (exception.InnerException is DllNotFoundException or EntryPointNotFoundException)
        {
            throw new DllNotFoundException(
                $"Cannot load ONNX Runtime: {exception.InnerException.Message.ReplaceLineEndings(" ").TrimEnd('.')}. Reference the package Microsoft.ML.OnnxRuntime from the program that runs, and build it for this system.",
                exception);
        }
    }

    /// <summary>The message of ONNX Runtime without error codes and C++ source locations.</summary>
    public static string FirstSentence(string message) => Place().Replace(Prefix().Replace(message.Split('\n')[0], ""), "").Trim().TrimEnd('.');

    /// <summary>The rest of a sentence that begins with the file's name.</summary>
    private static string Diagnose(byte[] content, string reason)
    {
        if (content.Length == 0)
            return "is empty (0 bytes). Export or copy it again.";
        ModelProto model;
        try
        {
            model = ModelProto.Parser.ParseFrom(content);
        }
        catch (InvalidProtocolBufferException)
        {
            return content[0] == FirstTag
                ? $"begins like an ONNX model, but its {content.Length:N0} bytes are truncated, damaged or have names that are not UTF-8. Export or copy it again."
                : $"is not an ONNX model: its {content.Length:N0} bytes are not in ONNX's format (protobuf). Pass a file that was exported as ONNX.";
        }

        if (model.Graph is null)
            return "is not an ONNX model, or is truncated: it has no graph. Export or copy it again.";
        var runtime = $"ONNX Runtime {OrtEnv.Instance().GetVersionString()}";
        var writer = model.ProducerName.Length > 0 ? $" It was written by {model.ProducerName} {model.ProducerVersion}".TrimEnd() + "." : "";
        if (MaximalFormat().Match(reason) is { Success: true } format)
        {
            return $"has ONNX format (IR) version {model.IrVersion}; {runtime} reads up to {format.Groups["newest"].Value}.{writer} Export it for an older version, or use a newer package Microsoft.ML.OnnxRuntime.";
        }

        if (MaximalOperators().Match(reason) is { Success: true } operators)
        {
            return $"needs operator set {Operators(model)}; {runtime} knows up to {operators.Groups["newest"].Value}.{writer} Export it for an older operator set, or use a newer package Microsoft.ML.OnnxRuntime.";
        }

        return $"cannot be run by {runtime}: {reason}. It has ONNX format (IR) version {model.IrVersion} and operator set {Operators(model)}.{writer}";
    }

    private static string Operators(ModelProto model) => string.Join(", ", model.OpsetImport.Select(set =>
        string.Create(CultureInfo.InvariantCulture, $"{set.Version}{(set.Domain.Length > 0 ? $" of {set.Domain}" : "")}")));

    [GeneratedRegex(@"^\[ErrorCode:\w+\]\s*(Load model from .*? failed:)?(\S*\.(cc|h):\d+ .*?\)\s)?", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Prefix();

    /// <summary>A C++ source location, with its function if it is named: "/src/core/tensor/reshape.h:45 ns::Reshape::Reshape(const Shape&amp;, bool) ".</summary>
    [GeneratedRegex(@"\S+\.(cc|cpp|cu|h|hpp):\d+:?\s*([^()]*::[^()]*\(([^()]|\([^()]*\))*\)\s*(const\b)?\s*(\[[^\]]*\]\s*)?)?", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Place();

    [GeneratedRegex(@"max supported IR version: (?<newest>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MaximalFormat();

    [GeneratedRegex(@"till opset (?<newest>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MaximalOperators();
}
