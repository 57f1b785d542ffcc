using Sconce.Trainers.Persistence;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers.Networks;

/// <summary>
/// A wrapper around a user's module. It has the names, weights and parts of that module, makes the numbers that the module draws from
/// libtorch's process-wide generator reproducible, and reports its failures in one sentence.
/// </summary>
/// <remarks>
/// A step's draws are seeded from the network's own generator, whose state is in every checkpoint: nothing else has to be saved.
/// </remarks>
internal sealed class ForeignModule : nn.Module<Tensor, Tensor>, IOnnxLayer
{
    private readonly nn.Module<Tensor, Tensor> _module;
    private readonly ModelDefinition _definition;
    private readonly Generator _random;
    private bool _isTraining = true;
    private bool _isDisposed;

    private ForeignModule(nn.Module<Tensor, Tensor> module, ModelDefinition definition, Generator random)
        : base(module.GetName()) => (_module, _definition, _random) = (module, definition, random);

    /// <summary>Whether <see cref="Range"/> is recorded.</summary>
    public bool ObservesRange { get; set; }

    /// <summary>The smallest and the largest output in training mode, and the number of batches; null if nothing was recorded.</summary>
    public (float Least, float Greatest, int Batches)? Range { get; private set; }

    /// <summary>Its name at the start of messages.</summary>
    public string Subject => _definition.Network.Subject;

    private string RowShape => $"[{string.Join(", ", _definition.Input.Shape)}]";

    /// <summary>Builds the network's module.</summary>
    /// <exception cref="InvalidOperationException">
    /// Its code threw an exception; the message names the module, the shape of the rows, and the cause.
    /// </exception>
    /// <exception cref="ArgumentException">The module cannot be trained or saved.</exception>
    public static ForeignModule Build(ModelDefinition definition, Generator random)
    {
        var (network, outputs) = (definition.Network, definition.Objective.OutputSize);
        nn.Module<Tensor, Tensor>? module;
        try
        {
            module = GlobalGeneratorScope.Lend(random, () => network.BuildFor(definition.Input, outputs, random));
        }
        // The code is the user's: whatever it throws, it is the cause.
#pragma warning disable CA1031
        catch (Exception exception) when (exception is not (OutOfMemoryException or OperationCanceledException))
#pragma warning restore CA1031
        {
            throw new InvalidOperationException(
                $"{network.Subject} failed in its {(network is ModuleNetwork ? "constructor" : nameof(network.Build))}, for rows of the shape [{string.Join(", ", definition.Input.Shape)}] and {outputs} outputs: {FirstLine(exception)}", exception);
        }

        if (module is null)
            throw new ArgumentException($"{network.Subject} returned null from Build; a module is expected.");
        var foreign = new ForeignModule(module, definition, random);
        try
        {
            foreign.CheckWeights();
            foreign.CheckCapabilities();
            return foreign;
        }
        catch
        {
            foreign.Dispose();
            throw;
        }
    }

    /// <summary>The first line of what an exception says: libtorch adds its own call stack.</summary>
    public static string FirstLine(Exception exception) => exception.Message.Split('\n')[0].Trim();

    /// <summary>Returns the module's capability, with the checks of <see cref="forward"/>; null if it does not have it.</summary>
    public T? Find<T>()
        where T : class => (_module is T ? _module : null) switch
        {
            IAutoencoderModule autoencoder when typeof(T) == typeof(IAutoencoderModule) => new ForeignAutoencoder(this, autoencoder, _definition.Input.Shape) as T,
            ISequenceTranslator translator when typeof(T) == typeof(ISequenceTranslator) => new ForeignTranslator(this, translator, _definition.Objective.OutputSize) as T,
            IStatefulModule stateful when typeof(T) == typeof(IStatefulModule) => new ForeignState(this, stateful) as T,
            _ => null,
        };

    /// <summary>Runs it once on two rows of zeros, as training and scoring do, so that a wrong shape is found before any data is read. It does not change.</summary>
    /// <exception cref="ArgumentException">Its outputs have the wrong shape or type.</exception>
    /// <exception cref="InvalidOperationException">It failed in a method that only scoring calls.</exception>
    public void Try()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        eval();
        if (Runs(() => _definition.Objective.RunAllParts(this, _definition.Input.Example(2))))
        {
            using var state = _definition.CarryState(this, lanes: 2);
            _definition.Objective.Score((nn.Module<Tensor, Tensor>?)state ?? this, _definition.Input.Example(2), [.. _definition.Objective.Columns.Select(_ => true)]);
        }

        train();
    }

    /// <summary>Whether it ran. It may refuse only zeros, which the first batch will show.</summary>
    private static bool Runs(Action run)
    {
        try
        {
            run();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    public override Tensor forward(Tensor input)
    {
        var output = Run(nameof(forward), input, () => _module.call(input));
        Accept(nameof(forward), input, output);
        return output;
    }

    public OnnxValue Export(OnnxGraph graph, OnnxValue input) => graph.Export(_module, input);

    public override void train(bool train = true)
    {
        _isTraining = train;
        _module.train(train);
        // If its weight is frozen, batch normalization also keeps its running statistics.
        foreach (var layer in modules().OfType<BatchNorm>().Where(layer => layer.affine && !layer.weight.requires_grad))
            layer.eval();
    }

    public override bool training => _isTraining;

    // A disposed module has no parts: its base looks for some.
    public override IEnumerable<(string name, nn.Module module)> named_children() => _isDisposed ? [] : _module.named_children();

    public override IEnumerable<(string name, nn.Module module)> named_modules() => _isDisposed ? [] : _module.named_modules();

    public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true) => _isDisposed ? [] : _module.named_parameters(recurse);

    public override IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true) =>
        _isDisposed ? [] : _module.named_buffers(recurse, include_nonpersistent);

    /// <remarks>
    /// A tensor with several names, such as one of a layer in two fields, is listed by the first: each is learned, averaged and saved once.
    /// </remarks>
    public override Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
    {
        destination ??= [];
        foreach (var (name, tensor) in _module.state_dict(null, prefix).DistinctBy(weight => weight.Value.Handle))
            destination.TryAdd(name, tensor);
        return destination;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            _module.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Runs one of the module's methods: on a batch in training mode with the process-wide generator seeded from the network's own.</summary>
    /// <exception cref="InvalidOperationException">It threw; the message names the module, the method and the rows.</exception>
    public T Run<T>(string method, Tensor input, Func<T> run) => _isTraining ? GlobalGeneratorScope.Lend(_random, () => Guard(method, input, run)) : Guard(method, input, run);

    /// <summary>Creates a state. What it draws is the same each time: a resumed training and scoring begin with the state that the training began with.</summary>
    /// <inheritdoc cref="Run" path="/exception"/>
    public T CreateState<T>(Func<T> create)
    {
        using var random = new Generator(0);
        return GlobalGeneratorScope.Lend(random, () => Guard(nameof(IStatefulModule.CreateState), null, create));
    }

    /// <summary>The exception for an invalid result of a method.</summary>
    public ArgumentException Refuse(string method, Tensor input, Tensor? output, string expected) => new(
        $"{Subject} returned {(output is null ? "null" : $"{output.dtype} [{string.Join(", ", output.shape)}]")} from {method}, given {Count(input)} of the shape {RowShape}; {expected}.");

    private T Guard<T>(string method, Tensor? input, Func<T> run)
    {
        try
        {
            return run();
        }
        // The code is the user's: whatever it throws, it is the cause.
#pragma warning disable CA1031
        catch (Exception exception) when (exception is not (OutOfMemoryException or OperationCanceledException))
#pragma warning restore CA1031
        {
            var given = input is null ? "" : $", given {Count(input)} of the shape {RowShape}";
            // Batch normalization needs more than one value.
            var hint = _isTraining && input?.shape[0] == 1 ? $" The batch is the rest of an epoch; choose another {nameof(TrainingOptions.BatchSize)}, so that it has more rows." : "";
            throw new InvalidOperationException($"{Subject} failed in {method}{given}: {FirstLine(exception)}{hint}", exception);
        }
    }

    private void Observe(Tensor output)
    {
        using var scope = NewDisposeScope();
        var values = output.detach();
        var (least, greatest, batches) = Range ?? (float.PositiveInfinity, float.NegativeInfinity, 0);
        Range = (Math.Min(least, values.min().item<float>()), Math.Max(greatest, values.max().item<float>()), batches + 1);
    }

    /// <summary>Checks a method's outputs, and observes them.</summary>
    /// <exception cref="ArgumentException">The output does not have the type and shape that the objective needs.</exception>
    public void Accept(string method, Tensor input, Tensor? output)
    {
        var (rows, size) = (input.shape[0], _definition.Objective.OutputSize);
        if (output is null)
            throw new ArgumentException($"{Subject} returned null, given {Count(input)} of the shape {RowShape}; a tensor [{rows}, {size}] is expected.");
        var fits = _definition.Objective.TakesAnyShape ? output.dim() > 0 && output.shape[0] == rows && output.numel() == rows * size : output.shape.AsSpan().SequenceEqual([rows, size]);
        if (!fits || output.dtype != ScalarType.Float32)
        {
            throw new ArgumentException(
                $"{Subject} returned {output.dtype} [{string.Join(", ", output.shape)}], given {Count(input)} of the shape {RowShape}; Float32 [{rows}, {size}] is expected, " +
                $"{(size == 1 ? "one value" : $"{size} values")} for each row. The number of outputs depends on the label; the constructor can take it as a parameter.");
        }

        CheckGradient(method, output);
        if (_isTraining && ObservesRange)
            Observe(output);
    }

    /// <exception cref="InvalidOperationException">Nothing can be learned from the values that a method returned in training.</exception>
    public void CheckGradient(string method, Tensor values)
    {
        if (_isTraining && is_grad_enabled() && !values.requires_grad)
            throw new InvalidOperationException($"{Subject} returned values that do not depend on a parameter with gradients: {method} has to compute them with torch's operations, without detach or no_grad.");
    }

    private void CheckCapabilities()
    {
        if (_definition.Objective.Capability is { } needed && !needed.IsInstanceOfType(_module))
            throw ModuleCapabilities.Missing(Subject, needed);
        if (_definition.Network.Lanes is not null && _module is not IStatefulModule)
            throw new ArgumentException($"{Subject} carries a state from row to row ({nameof(Network.Lanes)}), but its module does not implement {nameof(IStatefulModule)}.");
    }

    private void CheckWeights()
    {
        if (!named_parameters().Any())
            throw new ArgumentException($"{Subject} has no parameters. Call RegisterComponents() at the end of the module's constructor, after its layers have been assigned to fields.");
        foreach (var (name, parameter) in named_parameters())
        {
            if (parameter.dtype != ScalarType.Float32)
                throw new ArgumentException($"{Subject} has the parameter '{name}' of type {parameter.dtype}; parameters have to be Float32.");
        }

        foreach (var (name, tensor) in state_dict())
        {
            if (!Safetensors.CanHold(tensor.dtype))
                throw new ArgumentException($"{Subject} has the buffer '{name}' of type {tensor.dtype}, which cannot be saved. Register a buffer that need not be saved with persistent: false.");
            if (!tensor.is_contiguous())
                throw new ArgumentException($"{Subject} has the tensor '{name}', which is not contiguous in memory; call contiguous().");
        }
    }

    private static string Count(Tensor input) => input.shape[0] == 1 ? "1 row" : $"{input.shape[0]} rows";
}
