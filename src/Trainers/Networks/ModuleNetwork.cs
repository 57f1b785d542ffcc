using System.Text.Json;
using System.Text.Json.Nodes;
using Sconce.Trainers.Networks;
using Sconce.Trainers.Persistence;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>A network that is a user's TorchSharp module: the name of its type and its settings are saved with the model.</summary>
/// <remarks>
/// The module has one public constructor. It may take, in any order: the shape of a row (<c>IReadOnlyList&lt;int&gt;</c> or
/// <c>long[]</c>), the number of outputs (<c>int</c> or <c>long</c>), a <c>torch.Generator</c>, and settings, a record that JSON can
/// hold. Other parameters need default values, which they keep: an integer with a default value is the number of outputs only if it is named
/// <c>outputs</c>, <c>numClasses</c> or the like. Its forward turns a float tensor [rows, ...shape] into one [rows, outputs]. A program that loads the model has to
/// reference the assembly of the module.
/// </remarks>
/// <example>
/// <code>
/// var network = ModuleNetwork.Of&lt;PerceptronModule&gt;(new PerceptronSettings(Width: 64));
/// var trainer = ml.MulticlassClassification.Trainers.Torch(network, new() { NumberOfEpochs = 5 });
/// </code>
/// </example>
public sealed record ModuleNetwork : Network
{
    /// <summary>The module's type: "Namespace.Type, Assembly".</summary>
    public required string Module { get; init; }

    /// <summary>The settings that it is constructed with, as JSON; null if it takes none.</summary>
    public JsonNode? Settings { get; init; }

    /// <summary>Describes a module.</summary>
    /// <typeparam name="TModule">The module.</typeparam>
    /// <param name="settings">The settings that its constructor takes; null if it takes none.</param>
    /// <exception cref="ArgumentException">
    /// The module cannot be constructed with these settings or found by its name, or the settings change in a round trip through JSON.
    /// </exception>
    public static ModuleNetwork Of<TModule>(object? settings = null)
        where TModule : nn.Module<Tensor, Tensor>
    {
        var type = typeof(TModule);
        var network = new ModuleNetwork { Module = NamedType.NameOf(type) };
        if (type.IsGenericType || NamedType.Find(network.Module, type) != type)
            throw new ArgumentException($"The module '{type}' could not be found by its name when the model is loaded. Use a type without type parameters, in an assembly that is a file of the program.");
        var settingsType = ModuleConstructor.Of(type, settings is not null).SettingsType;
        if (settings is null)
            return network;
        if (!settingsType!.IsInstanceOfType(settings))
            throw new ArgumentException($"The constructor of the module '{type.FullName}' takes settings of the type {settingsType}; the settings given have the type {settings.GetType()}.", nameof(settings));
        RoundTrip.Check(settings, settingsType, "The settings");
        return network with { Settings = JsonSerializer.SerializeToNode(settings, settingsType, RecordJson.Options) };
    }

    /// <inheritdoc/>
    public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random) =>
        FindConstructor().Construct(inputShape, outputSize, random, Settings);

    /// <inheritdoc/>
    public override void Validate() => FindConstructor();

    /// <inheritdoc/>
    internal override bool IsForeign => true;

    /// <inheritdoc/>
    internal override string Subject => $"The module '{Module.Split(',')[0]}'";

    private ModuleConstructor FindConstructor()
    {
        var expected = typeof(nn.Module<Tensor, Tensor>);
        var type = NamedType.Find(Module, expected) ?? throw new ArgumentException($"{NamedType.Missing(Module, expected, "nn.Module<Tensor, Tensor>")}.");
        return ModuleConstructor.Of(type, Settings is not null);
    }
}
