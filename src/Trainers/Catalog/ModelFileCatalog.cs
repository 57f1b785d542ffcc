using System.IO.Compression;
using System.Reflection;
using System.Runtime.ExceptionServices;
using Sconce.Core.Errors;
using Sconce.Core.Storage;
using Sconce.Trainers.Persistence;

namespace Microsoft.ML;

/// <summary>Atomic, verified model files: <c>mlContext.Model.Save</c> and <c>Load</c> for paths.</summary>
/// <remarks>The files are ML.NET's own: what one pair of methods writes, the other reads.</remarks>
public static class ModelFileCatalog
{
    private const int LookedAt = 1 << 12;
    private const int FlatFolders = 16;
    private const int StackPerFolder = 1 << 17;

    /// <summary>Saves a model as <c>mlContext.Model.Save</c> does, but atomically: an existing file stays intact until the new one is complete.</summary>
    /// <param name="catalog">The <c>mlContext.Model</c>.</param>
    /// <param name="model">The model to save.</param>
    /// <param name="inputSchema">The schema of the data that it was trained on; null to leave it out.</param>
    /// <param name="filePath">The zip to write. Missing folders are created.</param>
    /// <exception cref="IOException">The file cannot be written; the message names it and the reason.</exception>
    /// <example>
    /// <code>
    /// ml.Model.SaveAtomically(model, train.Schema, "models/cnn.zip");
    /// </code>
    /// </example>
    public static void SaveAtomically(this ModelOperationsCatalog catalog, ITransformer model, DataViewSchema? inputSchema, string filePath) =>
        AtomicFile.Write(filePath, stream => catalog.Save(model, inputSchema, stream));

    /// <summary>Loads a model as <c>mlContext.Model.Load</c> does, after checking every entry of the zip for damage.</summary>
    /// <param name="catalog">The <c>mlContext.Model</c>.</param>
    /// <param name="filePath">The zip to read.</param>
    /// <param name="inputSchema">The schema of the data that the model was trained on; null if none was saved.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is not a model, is damaged, or needs a newer version; the message says which.</exception>
    public static ITransformer LoadVerified(this ModelOperationsCatalog catalog, string filePath, out DataViewSchema? inputSchema) => catalog.LoadVerified(filePath, out inputSchema, _ => { });

    /// <summary>Loads a model and shows the loaded content to <paramref name="inspect"/>: another file may replace the path at any time.</summary>
    internal static ITransformer LoadVerified(this ModelOperationsCatalog catalog, string filePath, out DataViewSchema? inputSchema, Action<Stream> inspect)
    {
        if (!File.Exists(filePath))
            throw new FileNotFoundException($"There is no model file '{filePath}'.", filePath).About(file: filePath);

        try
        {
            using var stream = File.OpenRead(filePath);
            RefuseOther(stream);
            // Checked before ML.NET reads the zip: its own messages about damaged entries say less.
            int depth;
            using (var archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true))
            {
                ArchiveIntegrity.Check(archive, stream.Length);
                depth = ArchiveIntegrity.DepthOf(archive);
            }

            stream.Position = 0;
            inspect(stream);
            stream.Position = 0;
            (var model, inputSchema) = WithStackFor(depth, () => (catalog.Load(stream, out var schema), schema));
            return model;
        }
        catch (TargetInvocationException exception) when (Cause(exception) is DllNotFoundException missing)
        {
            throw new DllNotFoundException(missing.Message, exception);
        }
#pragma warning disable CA1031 // Whatever a damaged file makes ML.NET's readers throw, the file is what is wrong.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var cause = Cause(exception);
            // These are not caused by the file.
            if (cause is OperationCanceledException or DllNotFoundException or UnauthorizedAccessException)
                ExceptionDispatchInfo.Throw(cause);
            throw new InvalidDataException($"'{filePath}' is not a readable model: {Describe(cause)}", exception).About(file: filePath);
        }
    }

    /// <summary>Describes a file that is not a zip, or a zip of another program.</summary>
    private static void RefuseOther(FileStream stream)
    {
        var head = new byte[(int)Math.Min(stream.Length, LookedAt)];
        stream.ReadExactly(head);
        stream.Position = 0;
        if (!head.AsSpan().StartsWith("PK"u8) && ForeignFile.Describe(head, stream.Length) is { } kind)
            throw new InvalidDataException($"it is {kind}");
    }

    /// <summary>
    /// Runs a loader on a stack that is large enough for nested chains: ML.NET loads them recursively and uses some 30 KB for each.
    /// </summary>
    private static T WithStackFor<T>(int depth, Func<T> load)
    {
        if (depth <= FlatFolders)
            return load();
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    result = load();
                }
#pragma warning disable CA1031 // It is thrown below.
                catch (Exception exception)
#pragma warning restore CA1031
                {
                    failure = ExceptionDispatchInfo.Capture(exception);
                }
            },
            (depth + FlatFolders) * StackPerFolder);
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }

    /// <summary>The exception that a loader threw, which ML.NET and reflection wrap in others.</summary>
    private static Exception Cause(Exception exception) => exception is not InvalidDataException && exception.InnerException is { } inner
        && (exception is TargetInvocationException || inner is TargetInvocationException or InvalidDataException or DllNotFoundException)
        ? Cause(inner)
        : exception;

    /// <summary>Sconce's messages say what is wrong; those of ML.NET's readers need a context.</summary>
    private static string Describe(Exception cause) => cause is InvalidDataException
        ? cause.Message
        : $"ML.NET cannot load one of its steps ({cause.GetType().Name}: {cause.Message.ReplaceLineEndings(" ").TrimEnd('.')}). Copy the file again, or save the model again with this program's version of ML.NET.";
}
