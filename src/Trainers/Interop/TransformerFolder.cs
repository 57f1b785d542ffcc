using Microsoft.ML;
using Sconce.Trainers.Model;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers.Interop;

/// <summary>A transformer's own folder inside ML.NET's zip: named entries beside ML.NET's <c>Model.key</c>.</summary>
internal static class TransformerFolder
{
    /// <summary>The name under which ML.NET finds <see cref="TorchTransformer"/>; at most 24 characters.</summary>
    public const string LoaderSignature = "SconceTorchTransformer";

    /// <summary>The version of the folder's layout that this library writes; raised with every change that older code cannot read.</summary>
    /// <remarks>
    /// 2: no tensor is written twice, as some tensors of encoder-decoders were. 3: a regression's scores may be scaled
    /// (<see cref="TargetScale"/>).
    /// </remarks>
    internal const uint FormatVersion = 3;

    /// <summary>The name under which ML.NET finds <see cref="ForecastTransformer"/>.</summary>
    public const string ForecastLoaderSignature = "SconceForecaster";

    /// <summary>The version of a forecaster's folder that this library writes.</summary>
    /// <remarks>3: the rows that are kept are Double.</remarks>
    internal const uint ForecastFormatVersion = 3;

    /// <summary>The name under which ML.NET finds <see cref="ScorerLoader"/>.</summary>
    public const string ScorerLoaderSignature = "SconceScorer";

    /// <summary>The name under which ML.NET finds <see cref="OptionalStep"/>'s loader.</summary>
    public const string OptionalStepSignature = "SconceOptionalStep";

    /// <summary>The name under which ML.NET finds <see cref="Tables.TableStep"/>.</summary>
    public const string TableStepSignature = "SconceTableStep";

    private const string ModelSignature = "SCONCETX";

    /// <summary>The maximum size of a record in bytes: no valid record is larger.</summary>
    private const int LongestText = 1 << 26;

    /// <summary>Writes ML.NET's header and the entries.</summary>
    public static void Write(ModelSaveContext context, IEnumerable<(string Name, Action<Stream> Write)> entries, string loaderSignature = LoaderSignature, uint format = FormatVersion)
    {
        context.CheckAtModel();
        context.SetVersionInfo(Version(format, loaderSignature));
        foreach (var (name, write) in entries)
            context.SaveBinaryStream(name, writer => write(writer.BaseStream));
    }

    /// <summary>Checks the header and the whole zip, and returns a way to open this transformer's entries.</summary>
    /// <returns>A function from an entry's name to its content, in memory; null if the folder does not have the entry.</returns>
    /// <exception cref="InvalidDataException">A newer version wrote the folder, or the zip is damaged.</exception>
    public static Func<string, byte[]?> Open(ModelLoadContext context, string loaderSignature = LoaderSignature, uint format = FormatVersion)
    {
        context.CheckAtModel();
        var written = context.Header.ModelVerReadable;
        if (written > format)
        {
            throw new InvalidDataException(
                $"The model needs a Sconce that reads model format {written}; this one ({typeof(TransformerFolder).Assembly.GetName().Version}) reads up to format {format}. " +
                "Update the package Sconce.Trainers.");
        }

        context.CheckVersionInfo(Version(format, loaderSignature));
        ArchiveIntegrity.Check(context.Repository._archive);
        return name =>
        {
            byte[]? content = null;
            context.TryLoadBinaryStream(name, reader => content = Read(reader, name));
            return content;
        };
    }

    private static byte[] Read(BinaryReader reader, string name)
    {
        var limit = name.EndsWith(".safetensors", StringComparison.Ordinal) || name.EndsWith(".onnx", StringComparison.Ordinal) ? Array.MaxLength : LongestText;
        return reader.BaseStream.Length <= limit
            ? reader.ReadBytes((int)reader.BaseStream.Length)
            : throw new InvalidDataException($"The model's entry '{name}' has {reader.BaseStream.Length} bytes; at most {limit} are read.");
    }

    /// <remarks>The assembly is written by name only: with its version, .NET would refuse a newer file before it is read.</remarks>
    internal static VersionInfo Version(uint format, string loaderSignature = LoaderSignature) => new(
        ModelSignature, format, format, 1, loaderSignature: loaderSignature, loaderAssemblyName: typeof(TransformerFolder).Assembly.GetName().Name);
}
