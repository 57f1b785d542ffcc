using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Persistence;

[assembly: LoadableClass(typeof(ITransformer), typeof(ScorerLoader), null, typeof(SignatureLoadModel), "Sconce scorer", TransformerFolder.ScorerLoaderSignature)]

namespace Sconce.Trainers.Interop;

/// <summary>ML.NET calls this for the folder of a <see cref="ScoringTransformer"/> that names the type that reads it.</summary>
internal static class ScorerLoader
{
    /// <summary>The entry with that type's name and its assembly's: <c>Namespace.Type, Assembly</c>.</summary>
    public const string ReaderEntry = "Reader.txt";

    /// <summary>The method of that type: <c>static ScoringTransformer Read(Func&lt;string, byte[]?&gt; open)</c>.</summary>
    private const string ReadMethod = "Read";

    [SuppressMessage("CodeQuality", "IDE0051", Justification = "ML.NET finds it by its name.")]
    internal static ITransformer Create(IHostEnvironment environment, ModelLoadContext context)
    {
        var open = TransformerFolder.Open(context, TransformerFolder.ScorerLoaderSignature);
        var reader = open(ReaderEntry) ?? throw new InvalidDataException($"The model lacks its entry '{ReaderEntry}'. Copy the file again, or save the model again.");
        var name = Encoding.UTF8.GetString(reader);
        var expected = typeof(ScoringTransformer);
        var type = NamedType.Find(name, expected)
            ?? throw new InvalidDataException($"The model's entry '{ReaderEntry}' names a reader that cannot be used: {NamedType.Missing(name, expected, expected.FullName!)}.");
        var read = type.GetMethod(ReadMethod, BindingFlags.Static | BindingFlags.NonPublic, [typeof(Func<string, byte[]?>)])
            ?? throw new InvalidDataException($"The model's entry '{ReaderEntry}' names the type '{name}', which cannot read models of this kind. Copy the file again, or save the model again.");
        return (ITransformer)read.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [open], null)!;
    }
}
