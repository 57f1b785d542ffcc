using Sconce.Trainers.Objectives;
using Sconce.Trainers.Onnx;
using static TorchSharp.torch;

namespace Sconce.Trainers.Networks;

/// <summary>The module of a <see cref="TabularNetwork"/>: floats [rows, values] to [rows, members, outputs].</summary>
internal sealed class TabularModule : CompositeModule, IEnsembleModule, IRowSurveyor, IOnnxLayer
{
    private readonly TabularFields _fields;
    private readonly nn.Module<Tensor, Tensor>? _encoding;
    private readonly NumberLayer? _numbers;
    private readonly CategoryEmbedding? _categories;
    private readonly nn.Module<Tensor, Tensor> _layers;

    public TabularModule(TabularNetwork network, TabularFields fields, int outputs, Generator random)
        : base(nameof(TabularModule))
    {
        (_fields, Members) = (fields, network.Members);
        if (fields.Numbers.Count > 0 && network.NumberEmbedding != NumberEmbedding.None)
        {
            var (count, isPeriodic) = (fields.Numbers.Count, network.NumberEmbedding == NumberEmbedding.Periodic);
            register_module("encoding", _encoding = isPeriodic ? new PeriodicEncoding(count, network.Bins) : new PiecewiseLinearEncoding(count, network.Bins));
            register_module("numbers", _numbers = new NumberLayer(count, isPeriodic ? 2 * network.Bins : network.Bins, network.NumberEmbeddingSize, isPeriodic));
        }

        if (fields.Categories.Count > 0)
            register_module("categories", _categories = new CategoryEmbedding(fields, network.CategoryEmbeddingSize));
        register_module("layers", _layers = nn.Sequential(Layers(network, InputSize(network, fields), outputs, random)));
    }

    public int Members { get; }

    /// <summary>The weights that the module will have.</summary>
    public static IEnumerable<WeightShape> WeightsFor(TabularNetwork network, TabularFields fields, int outputs)
    {
        if (fields.Numbers.Count > 0 && network.NumberEmbedding != NumberEmbedding.None)
        {
            var isPeriodic = network.NumberEmbedding == NumberEmbedding.Periodic;
            foreach (var weight in WeightShape.NumberEmbedding(fields.Numbers.Count, network.Bins, network.NumberEmbeddingSize, isPeriodic))
                yield return weight;
        }

        if (fields.Categories.Count > 0)
            yield return WeightShape.Embedding("categories", fields.Embeddings, network.CategoryEmbeddingSize);
        foreach (var weight in WeightShape.Members("layers", network.Members, InputSize(network, fields), network.HiddenLayerSizes, outputs))
            yield return weight;
    }

    public void Survey(float[,] rows)
    {
        if (_encoding is not PiecewiseLinearEncoding encoding)
            return;
        var values = new float[rows.GetLength(0)];
        foreach (var (number, place) in _fields.Numbers.Index())
        {
            for (var row = 0; row < values.Length; row++)
                values[row] = rows[row, place];
            encoding.Survey(number, values);
        }
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var rows = input.flatten(1);
        List<Tensor> read = [];
        if (_fields.Numbers.Count > 0)
        {
            var numbers = Select(rows, _fields.Numbers);
            read.Add(_encoding is null ? numbers : _numbers!.call(_encoding.call(numbers)));
        }

        if (_categories is not null)
            read.Add(_categories.call(Select(rows, [.. _fields.Categories.Select(category => category.Place)])));
        return _layers.call(read is [var only] ? only : cat(read, 1)).MoveToOuterDisposeScope();
    }

    public OnnxValue Export(OnnxGraph graph, OnnxValue input)
    {
        var rows = graph.Add("Flatten", [input], ("axis", 1));
        List<OnnxValue> read = [];
        if (_fields.Numbers.Count > 0)
        {
            var numbers = Gather(_fields.Numbers);
            read.Add(_encoding is null ? numbers : graph.Export(_numbers!, graph.Export(_encoding, numbers)));
        }

        if (_categories is not null)
            read.Add(graph.Export(_categories, Gather(_fields.Categories.Select(category => category.Place))));
        return graph.Export(_layers, graph.Concat(1, read));

        OnnxValue Gather(IEnumerable<int> places) => graph.Add("Gather", [rows, graph.Constant([.. places.Select(place => (long)place)])], ("axis", 1));
    }

    private static IEnumerable<(string Name, nn.Module<Tensor, Tensor> Layer)> Layers(TabularNetwork network, long inputs, int outputs, Generator random)
    {
        var before = inputs;
        foreach (var (i, size) in network.HiddenLayerSizes.Index())
        {
            yield return ($"dense{i + 1}", i == 0 ? new MemberInputs(network.Members, before, size) : nn.Linear(before, size, dtype: ScalarType.Float32));
            yield return ($"activation{i + 1}", nn.ReLU());
            yield return ($"dropout{i + 1}", new SeededDropout(network.Dropout, random));
            before = size;
        }

        yield return ("output", new MemberOutputs(network.Members, before, outputs));
    }

    private static long InputSize(TabularNetwork network, TabularFields fields) =>
        (fields.Numbers.Count * (network.NumberEmbedding == NumberEmbedding.None ? 1L : network.NumberEmbeddingSize)) + (fields.Categories.Count * (long)network.CategoryEmbeddingSize);

    /// <summary>Some columns of a batch; usually they are side by side.</summary>
    private static Tensor Select(Tensor rows, IReadOnlyList<int> places)
    {
        var (first, count) = (places[0], places.Count);
        return places[^1] == first + count - 1 ? rows.narrow(1, first, count) : rows.index_select(1, tensor([.. places.Select(place => (long)place)]));
    }
}
