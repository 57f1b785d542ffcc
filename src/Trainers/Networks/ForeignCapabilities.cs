using static TorchSharp.torch;

namespace Sconce.Trainers.Networks;

/// <summary>Finds out what a module can do besides <c>forward</c>.</summary>
internal static class ModuleCapabilities
{
    /// <summary>Returns a module's capability. For a user's module, it checks the results.</summary>
    /// <typeparam name="T"><see cref="IAutoencoderModule"/>, <see cref="ISequenceTranslator"/>, <see cref="IStatefulModule"/> or <see cref="ISplitTranslator"/>.</typeparam>
    /// <exception cref="ArgumentException">The module does not have it.</exception>
    public static T Require<T>(this nn.Module module)
        where T : class => (module is ForeignModule foreign ? foreign.Find<T>() : module as T) ?? throw Missing(module is ForeignModule { Subject: var subject } ? subject : $"The module '{module.GetName()}'", typeof(T));

    /// <summary>The exception for a module that lacks a capability.</summary>
    public static ArgumentException Missing(string subject, Type capability) => new($"{subject} does not implement {capability.Name}, which this trainer requires.");
}

/// <summary>A user's autoencoder.</summary>
internal sealed class ForeignAutoencoder(ForeignModule owner, IAutoencoderModule module, IReadOnlyList<int> shape) : IAutoencoderModule
{
    /// <remarks>Used only to export graphs.</remarks>
    public nn.Module<Tensor, Tensor> Decoder => IsDecodedByDecoder
        ? Given(module.Decoder, nameof(Decoder))
        : throw new NotSupportedException($"{owner.Subject} overrides {nameof(Decode)} and cannot be exported to ONNX, because the graph is built from its {nameof(Decoder)}.");

    public IReadOnlyDictionary<string, Tensor> DecoderWeights => Given(module.DecoderWeights, nameof(DecoderWeights));

    private bool IsDecodedByDecoder
    {
        get
        {
            var map = module.GetType().GetInterfaceMap(typeof(IAutoencoderModule));
            var method = map.TargetMethods[Array.FindIndex(map.InterfaceMethods, method => method.Name == nameof(Decode))];
            return method.DeclaringType == typeof(IAutoencoderModule);
        }
    }

    public Tensor Decode(Tensor code) => Check(nameof(Decode), code, owner.Run(nameof(Decode), code, () => module.Decode(code)));

    public (Tensor Output, Tensor? Penalty) Reconstruct(Tensor input)
    {
        var (output, penalty) = owner.Run(nameof(Reconstruct), input, () => module.Reconstruct(input));
        if (penalty is not null && (penalty.numel() != 1 || penalty.dtype != ScalarType.Float32))
            throw owner.Refuse(nameof(Reconstruct), input, penalty, "a Float32 scalar is expected as the penalty");
        var reconstruction = Check(nameof(Reconstruct), input, output);
        owner.CheckGradient(nameof(Reconstruct), reconstruction);
        return (reconstruction, penalty?.reshape([]));
    }

    private T Given<T>(T? value, string property)
        where T : class => value ?? throw new ArgumentException($"{owner.Subject} has a null {property}.");

    private Tensor Check(string method, Tensor input, Tensor? output)
    {
        var (rows, length) = (input.shape[0], shape.Aggregate(1L, (product, size) => product * size));
        return output is not null && output.dtype == ScalarType.Float32 && output.dim() > 0 && output.shape[0] == rows && output.numel() == rows * length
            ? output.reshape([rows, .. shape.Select(size => (long)size)])
            : throw owner.Refuse(method, input, output, $"Float32 [{rows}, {string.Join(", ", shape)}] is expected");
    }
}

/// <summary>A user's translator.</summary>
internal sealed class ForeignTranslator(ForeignModule owner, ISequenceTranslator module, int symbols) : ISequenceTranslator
{
    public Tensor Logits(Tensor input, Tensor output)
    {
        var logits = Check(nameof(Logits), input, owner.Run(nameof(Logits), input, () => module.Logits(input, output)), ScalarType.Float32, [.. output.shape, symbols]);
        owner.CheckGradient(nameof(Logits), logits);
        return logits;
    }

    public Tensor Translate(Tensor input, int longest)
    {
        var written = Check(nameof(Translate), input, owner.Run(nameof(Translate), input, () => module.Translate(input, longest)), ScalarType.Int64, [input.shape[0], longest]);
        // A symbol's name is looked up by its number.
        return written.numel() == 0 || (written.min().item<long>() >= 0 && written.max().item<long>() < symbols)
            ? written
            : throw owner.Refuse(nameof(Translate), input, written, $"symbols from 0 to {symbols - 1} are expected");
    }

    public OnnxValue ExportTranslate(OnnxGraph graph, OnnxValue input, int longest) => module.ExportTranslate(graph, input, longest);

    private Tensor Check(string method, Tensor input, Tensor? output, ScalarType type, long[] shape) =>
        output is not null && output.dtype == type && output.shape.AsSpan().SequenceEqual(shape)
            ? output
            : throw owner.Refuse(method, input, output, $"{type} [{string.Join(", ", shape)}] is expected");
}

/// <summary>A user's module that carries a state.</summary>
internal sealed class ForeignState(ForeignModule owner, IStatefulModule module) : IStatefulModule
{
    public IReadOnlyList<Tensor> CreateState(int lanes)
    {
        var state = owner.CreateState(() => module.CreateState(lanes));
        return state is not null && state.All(tensor => IsState(tensor, lanes))
            ? state
            : throw new ArgumentException($"{owner.Subject} returned a state from {nameof(CreateState)} that cannot be carried; Float32 tensors [{lanes}, ...] are expected.");
    }

    public (Tensor Output, IReadOnlyList<Tensor> State) Run(Tensor input, IReadOnlyList<Tensor> state)
    {
        var (output, after) = owner.Run(nameof(Run), input, () => module.Run(input, state));
        owner.Accept(nameof(Run), input, output);
        return after is not null && after.Count == state.Count && after.Zip(state).All(pair => IsState(pair.First, pair.Second.shape[0]) && pair.First.shape.AsSpan().SequenceEqual(pair.Second.shape))
            ? (output, after)
            : throw new ArgumentException($"{owner.Subject} returned a state from {nameof(Run)} that does not match the one it was given; {state.Count} tensors of the same shapes are expected.");
    }

    private static bool IsState(Tensor? tensor, long lanes) => tensor is not null && tensor.dtype == ScalarType.Float32 && tensor.dim() > 0 && tensor.shape[0] == lanes;
}
