using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Tables;

[assembly: LoadableClass(typeof(ITransformer), typeof(TableStep), null, typeof(SignatureLoadModel), "Sconce table step", TransformerFolder.TableStepSignature)]

namespace Sconce.Trainers.Tables;

/// <summary>The internal interfaces of ML.NET that the step implements: saving.</summary>
internal sealed partial class TableStep
{
    private const string MappingEntry = "Mapping.json";

    void ICanSaveModel.Save(ModelSaveContext ctx) =>
        TransformerFolder.Write(ctx, [(MappingEntry, stream => JsonSerializer.Serialize(stream, mapping, RecordJson.Options))], TransformerFolder.TableStepSignature);

    [SuppressMessage("CodeQuality", "IDE0051", Justification = "ML.NET finds it by its name.")]
    internal static ITransformer Create(IHostEnvironment environment, ModelLoadContext context)
    {
        var open = TransformerFolder.Open(context, TransformerFolder.TableStepSignature);
        var content = open(MappingEntry) ?? throw new InvalidDataException($"The model lacks its entry '{MappingEntry}'. Copy the file again, or save the model again.");
        var mapping = RecordJson.Read<TableMapping>(content, MappingEntry);
        try
        {
            mapping.Validate();
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException($"The model's entry '{MappingEntry}' cannot be used: {exception.Message}", exception);
        }

        return new TableStep(mapping);
    }
}
