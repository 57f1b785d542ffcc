using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Modules;

/// <summary>A user's network of rows of different lengths: the mean over a row's steps, and a dense layer.</summary>
/// <remarks>Its overrides are <c>protected</c> in an assembly that this library does not show its internals to.</remarks>
public sealed record UserSequences : Network
{
    public int Size { get; init; } = 8;

    public int? MaximumInputLength { get; init; }

    protected internal override bool ReadsSequences => true;

    protected internal override SequenceLimit? Limit => SequenceLimit.Of(MaximumInputLength, SequenceTruncation.KeepStart);

    public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random) =>
        new MeanModule(nn.Linear(inputShape.Skip(1).Aggregate(1, (product, size) => product * size), Size), Size, outputSize);

    protected internal override nn.Module<Tensor, Tensor> BuildFor(InputColumn input, int outputSize, Generator random) =>
        input.Symbols is { } symbols ? new MeanModule(nn.Embedding(symbols.Values.Count + 2, Size), Size, outputSize) : base.BuildFor(input, outputSize, random);

    private sealed class MeanModule : nn.Module<Tensor, Tensor>
    {
        private readonly nn.Module<Tensor, Tensor> _steps;
        private readonly Linear _output;

        public MeanModule(nn.Module<Tensor, Tensor> steps, int size, int outputs)
            : base(nameof(MeanModule))
        {
            (_steps, _output) = (steps, nn.Linear(size, outputs));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var (batch, lengths) = SequenceLengths.Trim(input);
            var steps = _steps.call(batch.is_floating_point() ? batch.flatten(2) : batch);
            if (lengths is null)
                return _output.call(steps.mean([1])).MoveToOuterDisposeScope();
            var present = ones(1, steps.shape[1], ScalarType.Int64).cumsum(1).le(lengths.unsqueeze(1)).unsqueeze(2);
            return _output.call(steps.mul(present).sum(1).div(lengths.unsqueeze(1))).MoveToOuterDisposeScope();
        }
    }
}

/// <summary>A user's autoencoder: a dense layer each way.</summary>
public sealed record UserAutoencoder(int CodeSize) : Network, IAutoencoderNetwork
{
    /// <summary>"none", or what is wrong with it.</summary>
    public string Fault { get; init; } = "none";

    protected internal override StatefulBatching? Lanes => Fault == "lanes" ? new() : null;

    public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random) =>
        Fault.StartsWith("decode", StringComparison.Ordinal) ? new DecodingModule([.. inputShape], outputSize, Fault) : new CodeModule([.. inputShape], outputSize, Fault);

    public Network CreateDecoder(IReadOnlyList<int> outputShape) => Fault == "no decoder" ? null! : new UserDecoder();

    /// <summary>Decodes otherwise than its decoder.</summary>
    private sealed class DecodingModule : nn.Module<Tensor, Tensor>, IAutoencoderModule, IOnnxLayer
    {
        private readonly string _fault;
        private readonly CodeModule _module;

        public DecodingModule(int[] shape, int codeSize, string fault)
            : base(nameof(DecodingModule))
        {
            (_fault, _module) = (fault, new CodeModule(shape, codeSize, fault));
            RegisterComponents();
        }

        public nn.Module<Tensor, Tensor> Decoder => _module.Decoder;

        public override Tensor forward(Tensor input) => _module.call(input);

        public OnnxValue Export(OnnxGraph graph, OnnxValue input) => graph.Export(_module, input);

        public (Tensor Output, Tensor? Penalty) Reconstruct(Tensor input) => _module.Reconstruct(input);

        public Tensor Decode(Tensor code) => _fault == "decode throws" ? throw new NotSupportedException("no way back") : Decoder.call(code) * 2;
    }

    private sealed class CodeModule : nn.Module<Tensor, Tensor>, IAutoencoderModule, IOnnxLayer
    {
        private readonly string _fault;
        private readonly Sequential _encoder;
        private readonly Sequential _decoder;

        public CodeModule(int[] shape, int codeSize, string fault)
            : base(nameof(CodeModule))
        {
            _fault = fault;
            var length = shape.Aggregate((product, size) => product * size);
            _encoder = nn.Sequential(("flatten", nn.Flatten()), ("code", nn.Linear(length, codeSize)));
            _decoder = UserDecoder.Layers(codeSize, length);
            RegisterComponents();
        }

        public nn.Module<Tensor, Tensor> Decoder => _decoder;

        public override Tensor forward(Tensor input) => _encoder.call(input);

        public OnnxValue Export(OnnxGraph graph, OnnxValue input) => graph.Export(_encoder, input);

        public (Tensor Output, Tensor? Penalty) Reconstruct(Tensor input)
        {
            var code = _encoder.call(input);
            var penalty = code.abs().mean().reshape(1) * 1e-4;
            return (_fault == "detached" ? _decoder.call(code).detach() : _decoder.call(code), _fault == "double" ? penalty.to(ScalarType.Float64) : penalty);
        }
    }
}

/// <summary>Its decoder, which gives flat rows: they have their shape by the column.</summary>
public sealed record UserDecoder : Network
{
    public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random) => Layers(inputShape[0], outputSize);

    public static Sequential Layers(int codeSize, int length) => nn.Sequential(("row", nn.Linear(codeSize, length)));
}

/// <summary>A user's network that remembers: a leaky sum of what it was given.</summary>
public sealed record UserMemory : Network
{
    /// <summary>"none", or what is wrong with its module.</summary>
    public string Fault { get; init; } = "none";

    protected internal override StatefulBatching? Lanes => new();

    public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random)
    {
        var features = inputShape.Aggregate((product, size) => product * size);
        return Fault == "no state" ? nn.Sequential(nn.Flatten(), nn.Linear(features, outputSize)) : new MemoryModule(features, outputSize, Fault);
    }

    private sealed class MemoryModule : nn.Module<Tensor, Tensor>, IStatefulModule
    {
        private const int Size = 6;

        private readonly string _fault;
        private readonly Linear _input;
        private readonly Linear _output;

        public MemoryModule(int features, int outputs, string fault)
            : base(nameof(MemoryModule))
        {
            (_fault, _input, _output) = (fault, nn.Linear(features, Size), nn.Linear(Size, outputs));
            RegisterComponents();
        }

        public IReadOnlyList<Tensor> CreateState(int lanes) => [_fault == "random state" ? rand(lanes, Size) : zeros(lanes, Size)];

        public override Tensor forward(Tensor input) => _output.call(_input.call(input.flatten(1)));

        public (Tensor Output, IReadOnlyList<Tensor> State) Run(Tensor input, IReadOnlyList<Tensor> state)
        {
            if (_fault == "throws")
                throw new NotSupportedException("nothing is remembered");
            var lanes = state[0].shape[0];
            var (sum, outputs) = (state[0], new List<Tensor>());
            foreach (var row in _input.call(input.flatten(1)).reshape(lanes, -1, Size).unbind(1))
            {
                sum = (sum * 0.9f + row).tanh();
                outputs.Add(_output.call(sum));
            }

            var answers = stack(outputs, 1).flatten(0, 1);
            return (_fault == "detached" ? answers.detach() : answers, _fault == "another state" ? [sum, sum] : [sum]);
        }
    }
}

/// <summary>A user's translator: each symbol by itself.</summary>
public sealed record UserTranslator : Network
{
    /// <summary>"none", or what is wrong with its module.</summary>
    public string Fault { get; init; } = "none";

    protected internal override StatefulBatching? Lanes => Fault == "lanes" ? new() : null;

    protected internal override bool ReadsSequences => true;

    public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random) =>
        throw new ArgumentException("Text is expected.", nameof(inputShape));

    protected internal override nn.Module<Tensor, Tensor> BuildFor(InputColumn input, int outputSize, Generator random) =>
        new SymbolModule(input.Symbols!.Values.Count + 2, outputSize, Fault);

    private sealed class SymbolModule : nn.Module<Tensor, Tensor>, ISequenceTranslator
    {
        private readonly string _fault;
        private readonly Embedding _logits;

        public SymbolModule(int inputs, int outputs, string fault)
            : base(nameof(SymbolModule))
        {
            _fault = fault;
            _logits = nn.Embedding(inputs, outputs);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => _logits.call(input);

        public Tensor Logits(Tensor input, Tensor output)
        {
            var logits = _logits.call(Fit(input, output.shape[1]));
            return _fault == "detached" ? logits.detach() : logits;
        }

        public Tensor Translate(Tensor input, int longest)
        {
            if (_fault == "throws")
                throw new NotSupportedException("nothing is translated");
            var symbols = Fit(input, longest);
            return _logits.call(symbols).argmax(2) * symbols.sign();
        }

        private static Tensor Fit(Tensor input, long steps) => input.shape[1] >= steps
            ? input.narrow(1, 0, steps)
            : cat([input, zeros(input.shape[0], steps - input.shape[1], ScalarType.Int64)], 1);
    }
}

/// <summary>A user's network that says of itself what cannot be.</summary>
public sealed record UserLimits(string Fault) : Network
{
    protected internal override bool ReadsSequences => true;

    protected internal override SequenceLimit? Limit => Fault == "Limit.Length" ? new(0, SequenceTruncation.KeepStart) : null;

    protected internal override StatefulBatching? Lanes => Fault == "StatefulBatching.Stride" ? new() { Stride = 0 } : null;

    protected internal override int ScoringBatchSize => Fault == "ScoringBatchSize" ? 0 : 1;

    public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random) => nn.Flatten();
}
