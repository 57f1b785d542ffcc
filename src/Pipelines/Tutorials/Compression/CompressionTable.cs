using System.Globalization;
using Sconce.Pipelines.Reports;

namespace Sconce.Pipelines.Tutorials.Compression;

/// <summary>The results of a <see cref="CompressionComparison"/> as a CSV file.</summary>
internal static class CompressionTable
{
    private static readonly (string Name, Func<CompressionResult, object?> Value)[] _columns =
    [
        ("input", result => result.Input),
        ("codeSize", result => result.CodeSize),
        ("bytesPerRow", result => result.BytesPerRow),
        ("secondsToTarget", result => result.SecondsToTarget),
        ("ratioToTarget", result => result.RatioToTarget),
        ("trainingSeconds", result => result.TrainingSeconds),
        ("samplesPerSecond", result => result.SamplesPerSecond),
        ("accuracy", result => result.Accuracy),
        ("linearAccuracy", result => result.LinearAccuracy),
        ("autoencoderSeconds", result => result.AutoencoderSeconds),
        ("encodingSeconds", result => result.EncodingSeconds),
        ("paysOffAfter", result => result.PaysOffAfter),
        ("reconstructionError", result => result.ReconstructionError),
        ("principalComponentError", result => result.PrincipalComponentError),
    ];

    /// <summary>Writes a header and a line for each result; missing values are empty.</summary>
    /// <param name="results">The results.</param>
    /// <param name="path">The file; an existing one is replaced atomically.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(IEnumerable<CompressionResult> results, string path) => CsvTable.Save(path,
    [
        _columns.Select(column => column.Name),
        .. results.Select(result => _columns.Select(column => Convert.ToString(column.Value(result), CultureInfo.InvariantCulture) ?? "")),
    ]);
}
