using Microsoft.ML;
using Sconce.Trainers.Networks;
using Sconce.Trainers.TensorBoardFiles;
using Sconce.Trainers.Tests.Sequences;

namespace Sconce.Trainers.Tests.TensorBoard;

/// <summary>The graphs of all kinds of networks: every weight has its place, and every part is reached from the data.</summary>
public class NetworkGraphTests
{
    private readonly MLContext _ml = new(seed: 1);

    public static TheoryData<string> Kinds => ["convolutional", "classic", "dense", "softmax", "recurrent", "autoencoder", "variational", "tied", "translation", "of a user"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_weight_is_in_one_part_and_every_part_is_reached(string kind)
    {
        var (parts, weights) = Trace(kind);
        Assert.Equal(weights.Order(StringComparer.Ordinal), parts.SelectMany(Weights).Order(StringComparer.Ordinal));
        Assert.Equal(parts.Count, parts.Select(part => part.Name).Distinct().Count());
        var reached = new HashSet<string> { "data" };
        foreach (var part in parts)
        {
            Assert.NotEmpty(part.Inputs);
            // The parts come in the order in which they run.
            Assert.All(part.Inputs, input => Assert.Contains(input, reached));
            reached.Add(part.Name);
        }
    }

    [Fact]
    public void Shapes_are_those_that_run_through_the_network()
    {
        var parts = Trace("classic").Parts.ToDictionary(part => part.Name);
        Assert.Equal([32, 8, 8], parts["convolution1"].OutputShape);
        Assert.Equal([32, 4, 4], parts["pool1"].OutputShape);
        Assert.Equal([64, 4, 4], parts["convolution2"].OutputShape);
        Assert.Equal([256], parts["flatten"].OutputShape);
        Assert.Equal([1024], parts["dense1"].OutputShape);
        Assert.Equal([3], parts["output"].OutputShape);
        Assert.Equal(["weight", "bias"], parts["convolution1"].Weights.Select(weight => weight.Name));
        Assert.Equal([[32, 1, 5, 5], [32]], parts["convolution1"].Weights.Select(weight => weight.Shape));
        Assert.Equal("Conv2d", parts["convolution1"].Kind);
    }

    [Fact]
    public void Two_layers_that_read_the_same_are_drawn_so()
    {
        var parts = Trace("variational").Parts.ToDictionary(part => part.Name);
        Assert.Equal(parts["code"].Inputs, parts["log_variance"].Inputs);
        Assert.Equal(["code"], parts["decoder.dense1"].Inputs);
    }

    [Fact]
    public void The_graph_is_written_as_TensorBoard_reads_it()
    {
        var parts = Trace("variational").Parts;
        var nodes = new WireMessage(NetworkGraph.Of(new InputColumn("Image", FeatureType.Byte, [8, 8]), parts).Content.ToArray()).Messages(1);
        Assert.Equal(("data", "Placeholder"), (nodes[0].Text(1), nodes[0].Text(2)));
        Assert.Empty(nodes[0].Texts(3));
        Assert.Equal([-1, 8, 8], Shape(nodes[0]));
        Assert.Equal(parts.Count + 1, nodes.Count);
        foreach (var (part, node) in parts.Zip(nodes.Skip(1)))
        {
            Assert.Equal(part.Name.Replace('.', '/'), node.Text(1));
            Assert.Equal(part.Kind, node.Text(2));
            Assert.Equal(part.Inputs.Select(input => input.Replace('.', '/')), node.Texts(3));
            Assert.Equal([-1, .. part.OutputShape], Shape(node));
            Assert.Equal(part.Weights.Count > 0, node.Map(5).ContainsKey("parameters"));
        }

        var code = nodes.Single(node => node.Text(1) == "code");
        Assert.Equal("weight [2, 12], bias [2]", code.Map(5)["parameters"].Text(2));
        Assert.Contains(nodes, node => node.Text(1) == "decoder/dense1");

        static IEnumerable<long> Shape(WireMessage node) => Assert.Single(node.Map(5)["_output_shapes"].Message(1)!.Messages(7)).Messages(2).Select(size => size.Integer(1)!.Value);
    }

    /// <summary>A network that is one layer has no path of its own.</summary>
    private static IEnumerable<string> Weights(NetworkLayer part) => part.Weights.Select(weight => part.Name == part.Kind ? weight.Name : $"{part.Name}.{weight.Name}");

    /// <summary>Traces a network before its first step.</summary>
    private (IReadOnlyList<NetworkLayer> Parts, List<string> Weights) Trace(string kind)
    {
        var tracer = new Tracer();
        var data = Stripes.Load(_ml, rows: 20);
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Label", "Name").Fit(data).Transform(data);
        var points = new Points(rows: 20, features: 4, classes: 3, seed: 1);
        IReadOnlyList<TrainingCallback> callbacks = [tracer];
        using var model = kind switch
        {
            "convolutional" => _ml.ConvolutionalNetwork(Stripes.Quick with { NumberOfSteps = 1, Callbacks = callbacks }).Fit(keyed),
            "classic" => _ml.ConvolutionalNetwork(ConvolutionalNetwork.Options.Classic with { FeatureColumnName = "Image", BatchSize = 20, NumberOfSteps = 1, Callbacks = callbacks }).Fit(keyed),
            "dense" => _ml.MulticlassClassification.Trainers.DenseNetwork(new DenseNetwork.Options { FeatureColumnName = "Image", NumberOfSteps = 1, BatchSize = 20, Callbacks = callbacks }).Fit(keyed),
            "softmax" => _ml.SoftmaxRegression(new() { FeatureColumnName = "Image", NumberOfSteps = 1, BatchSize = 20, Callbacks = callbacks }).Fit(keyed),
            "recurrent" => _ml.MulticlassClassification.Trainers.RecurrentNetwork(new RecurrentNetwork.Options
            {
                Network = new() { InputWidth = 5, Layers = new() { HiddenSize = 6, NumberOfLayers = 2, Bidirectional = true } },
                FeatureColumnName = "Image",
                NumberOfSteps = 1,
                BatchSize = 20,
                Callbacks = callbacks,
            }).Fit(Floats()),
            "autoencoder" => Autoencode(new() { Convolutions = [4], HiddenLayerSizes = [12], CodeSize = 2 }),
            "variational" => Autoencode(new() { HiddenLayerSizes = [12], CodeSize = 2, VariationalWeight = 1 }),
            "tied" => Autoencode(new() { Convolutions = [4], HiddenLayerSizes = [12], CodeSize = 2, TiedWeights = true }),
            "translation" => Reversals.Estimator(_ml, Reversals.Quick with { NumberOfSteps = 1, Callbacks = callbacks }).Fit(Reversals.Load(_ml, 64, seed: 1)),
            _ => ProbeNetwork.Estimator(_ml, new ProbeNetwork(), new SoftmaxRegression.Options { NumberOfSteps = 1, BatchSize = 20, Callbacks = callbacks }).Fit(points.View),
        };
        return (tracer.Parts, tracer.Weights);

        IDataView Floats()
        {
            var floats = Stripes.LoadFloats(_ml, rows: 20);
            return _ml.Transforms.Conversion.MapValueToKey("Label", "Name").Fit(floats).Transform(floats);
        }

        TorchTransformer Autoencode(Autoencoder network) =>
            _ml.Transforms.Autoencoder("Code", "Image", new() { Network = network, NumberOfSteps = 1, BatchSize = 20, Callbacks = callbacks }).Fit(data);
    }

    private sealed class Tracer : TrainingCallback
    {
        public IReadOnlyList<NetworkLayer> Parts { get; private set; } = [];

        public List<string> Weights { get; private set; } = [];

        public override void TrainingBegan(TrainingSession session)
        {
            Parts = NetworkTrace.Of(session.Definition, session.Network);
            Weights = [.. session.Weights().Select(weight => weight.Name)];
            Assert.True(session.Network.training);
            // The hooks are gone: a second look sees the same, once.
            Assert.Equal(Parts.Select(part => part.Name), NetworkTrace.Of(session.Definition, session.Network).Select(part => part.Name));
        }
    }
}
