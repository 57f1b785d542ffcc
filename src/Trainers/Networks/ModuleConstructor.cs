using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sconce.Trainers.Persistence;
using static TorchSharp.torch;

namespace Sconce.Trainers.Networks;

/// <summary>The constructor of a user's module, and the meaning of its parameters.</summary>
internal sealed class ModuleConstructor
{
    // As they are named here, in PyTorch and in ML.NET; without underscores, in any case.
    private static readonly HashSet<string> _outputNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "outputs", "outputSize", "outputCount", "numberOfOutputs", "numOutputs", "outFeatures", "classes", "classCount", "numberOfClasses", "numClasses",
    };

    private readonly ConstructorInfo _constructor;
    private readonly ParameterInfo? _settings;

    private ModuleConstructor(ConstructorInfo constructor, ParameterInfo? settings) => (_constructor, _settings) = (constructor, settings);

    /// <summary>The type of the settings; null if there are none.</summary>
    public Type? SettingsType => _settings?.ParameterType;

    /// <exception cref="ArgumentException">It has no suitable public constructor; the message lists the supported parameters.</exception>
    public static ModuleConstructor Of(Type type, bool hasSettings)
    {
        if (type.IsAbstract)
            throw Refuse(type, "is abstract");
        if (type.GetConstructors() is not [var constructor])
            throw Refuse(type, $"has {type.GetConstructors().Length} public constructors");

        var parameters = constructor.GetParameters();
        foreach (var known in parameters.GroupBy(KindOf).Where(known => known.Key is not null && known.Count() > 1))
            throw Refuse(type, $"has a constructor that takes {known.Key} twice ({string.Join(", ", known)})");
        var others = parameters.Where(parameter => KindOf(parameter) is null).ToList();
        var required = others.Where(parameter => !parameter.HasDefaultValue).ToList();
        return (hasSettings, required, others) switch
        {
            (false, [], _) => new(constructor, null),
            (false, [var missing, ..], _) => throw Refuse(type, $"has a constructor that takes '{missing}', but no settings are given"),
            (true, [var settings], _) => new(constructor, settings),
            (true, [], [var optional]) => new(constructor, optional),
            (true, [], []) => throw Refuse(type, $"has a constructor that takes no settings ({string.Join<ParameterInfo>(", ", parameters)}), but settings are given"),
            _ => throw Refuse(type, $"has a constructor with several parameters that settings could be ({string.Join(", ", others)})"),
        };
    }

    /// <summary>Calls the constructor. Its exceptions are not wrapped.</summary>
    /// <exception cref="InvalidDataException">The settings cannot be read.</exception>
    public nn.Module<Tensor, Tensor> Construct(IReadOnlyList<int> inputShape, int outputSize, Generator random, JsonNode? settings)
    {
        var arguments = _constructor.GetParameters().Select(parameter => KindOf(parameter) switch
        {
            Kind.Shape => parameter.ParameterType == typeof(long[]) || parameter.ParameterType == typeof(IReadOnlyList<long>) ? inputShape.Select(size => (long)size).ToArray() : inputShape.ToArray(),
            Kind.Outputs => parameter.ParameterType == typeof(long) ? (object)(long)outputSize : outputSize,
            Kind.Random => random,
            _ => parameter == _settings ? Read(settings!) : parameter.DefaultValue,
        });
        return (nn.Module<Tensor, Tensor>)_constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, [.. arguments], null);
    }

    private static string? KindOf(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        if (type == typeof(Generator))
            return Kind.Random;
        if (type == typeof(int) || type == typeof(long))
        {
            // An optional parameter such as 'hidden = 64' keeps its default.
            return !parameter.HasDefaultValue || _outputNames.Contains(parameter.Name!.Replace("_", "", StringComparison.Ordinal)) ? Kind.Outputs : null;
        }

        return type == typeof(int[]) || type == typeof(long[]) || type == typeof(IReadOnlyList<int>) || type == typeof(IReadOnlyList<long>) ? Kind.Shape : null;
    }

    private static ArgumentException Refuse(Type type, string why) => new(
        $"The module '{type.FullName}' cannot be constructed: it {why}. One public constructor is expected; it may take {Kind.Shape} (IReadOnlyList<int> or long[]), {Kind.Outputs} (int, without a default value or named 'outputs'), " +
        "a torch.Generator, and settings, a record that can be written as JSON; other parameters need default values.");

    private object Read(JsonNode settings)
    {
        try
        {
            return settings.Deserialize(SettingsType!, RecordJson.Options) ?? throw new JsonException("they are null");
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new InvalidDataException($"the settings, a {SettingsType}, cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>The meanings of parameters, besides settings.</summary>
    private static class Kind
    {
        public const string Shape = "the shape of a row";
        public const string Outputs = "the number of outputs";
        public const string Random = "the torch.Generator";
    }
}
