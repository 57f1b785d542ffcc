using Sconce.Core.Errors;

namespace Sconce.Pipelines.Onnx;

/// <summary>The settings with which an ONNX graph is applied to rows. They are saved with the graph.</summary>
/// <param name="File">The name of the file that it came from, for messages.</param>
/// <param name="InputColumnName">The column that is read; null for the one with the name of the graph's input.</param>
/// <param name="OutputColumnNames">The outputs that become columns; null for all.</param>
/// <param name="BatchSize">The maximum number of rows in one run of the graph.</param>
internal sealed record OnnxSettings(string File, string? InputColumnName, IReadOnlyList<string>? OutputColumnNames, int BatchSize)
{
    /// <summary>Checks settings that come from a file.</summary>
    /// <exception cref="ArgumentException">A value is invalid; the message names it.</exception>
    public void Validate()
    {
        Check.AtLeast(BatchSize, 1, nameof(BatchSize));
        foreach (var name in OutputColumnNames ?? [])
            Check.NotEmpty(name, nameof(OutputColumnNames));
    }
}
