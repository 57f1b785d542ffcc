using System.Text.Json.Serialization;
using Microsoft.ML;
using Sconce.Trainers.Persistence;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Modules;

/// <summary>Modules and networks that cannot be trained or saved are refused before the first step, by name and with what is expected.</summary>
public class ModuleRefusalTests
{
    private const string Faulty = "The module 'Sconce.Trainers.Tests.Modules.FaultyModule'";

    private readonly MLContext _ml = new(seed: 1);
    private readonly Points _points = new(rows: 31, features: 4, classes: 3, seed: 1);

    [Theory]
    [InlineData("constructor", typeof(InvalidOperationException), "failed in its constructor", "rows of the shape [4] and 3 outputs", "no such layer")]
    [InlineData("forward", typeof(InvalidOperationException), "failed in forward", "rows of the shape [4]", "no way forward")]
    [InlineData("training", typeof(InvalidOperationException), "failed in forward", "10 rows of the shape [4]", "no way forward in training")]
    [InlineData("shape", typeof(ArgumentException), "returned Float32 [2, 7]", "2 rows of the shape [4]", "Float32 [2, 3] is expected", "3 values for each row")]
    [InlineData("rank", typeof(ArgumentException), "returned Float32 [2]", "[2, 3] is expected")]
    [InlineData("halves", typeof(ArgumentException), "returned Float16 [2, 3]", "Float32 [2, 3] is expected")]
    [InlineData("null", typeof(ArgumentException), "returned null", "[2, 3] is expected")]
    [InlineData("constant", typeof(InvalidOperationException), "do not depend on a parameter")]
    [InlineData("unregistered", typeof(ArgumentException), "has no parameters", "RegisterComponents()")]
    [InlineData("double", typeof(ArgumentException), "parameter 'layer.weight' of type Float64", "Float32")]
    [InlineData("strided", typeof(ArgumentException), "'turned'", "contiguous()")]
    [InlineData("complex", typeof(ArgumentException), "'phase'", "ComplexFloat32", "persistent: false")]
    public void A_faulty_module_is_named(string fault, Type type, params string[] said)
    {
        var steps = 0;
        var options = new TorchClassificationOptions { BatchSize = 10, Progress = new Immediate<TrainingProgress>(_ => steps++) };
        var refused = Assert.Throws(type, () => _ml.MulticlassClassification.Trainers.Torch<FaultyModule>(options, new Fault(fault)).Fit(_points.View));
        Sentence.Has(refused, [Faulty, .. said]);
        Assert.Equal(0, steps);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void What_libtorch_refuses_is_one_line()
    {
        var images = Digits.Load(_ml, 20);
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(images).Transform(images);
        var refused = Assert.Throws<InvalidOperationException>(() => _ml.MulticlassClassification.Trainers.Torch<FaultyModule>(new() { FeatureColumnName = "Image" }, new Fault("libtorch")).Fit(keyed));
        Sentence.Has(refused, Faulty, "forward", "[28, 28]", "mat1 and mat2 shapes cannot be multiplied");
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void A_last_batch_of_one_row_is_explained()
    {
        var refused = Assert.Throws<InvalidOperationException>(() => _ml.MulticlassClassification.Trainers.Torch<FaultyModule>(new() { BatchSize = 10 }, new Fault("lone")).Fit(_points.View));
        Sentence.Has(refused, Faulty, "given 1 row of the shape [4]", "more than one row is needed", "BatchSize");
    }

    [Fact]
    public void Several_numbers_may_have_any_shape_and_one_too_few_is_refused()
    {
        var data = Digits.Load(_ml, 10);
        var refused = Assert.Throws<ArgumentException>(() => _ml.Transforms.Torch<FaultyModule>("Out", "Image", null, new Fault("shape")).Fit(data));
        Sentence.Has(refused, "returned Float32 [2, 788]", "[2, 784] is expected");
    }

    [Theory]
    [InlineData(typeof(Closed), "has 0 public constructors")]
    [InlineData(typeof(Twofold), "has 2 public constructors")]
    [InlineData(typeof(Unfinished), "is abstract")]
    [InlineData(typeof(Wanting), "takes 'System.String path'", "no settings are given")]
    [InlineData(typeof(Doubled), "takes the number of outputs twice", "Int32 inputs, Int32 outputs")]
    [InlineData(typeof(Open<int>), "could not be found by its name")]
    public void A_module_that_cannot_be_constructed_is_refused_with_what_can(Type module, params string[] said)
    {
        var refused = Refusal(module, null);
        Sentence.Has(refused, ["The module", module.Name.Split('`')[0], .. said]);
        if (!module.IsGenericType)
            Sentence.Has(refused, "cannot be constructed", "One public constructor is expected", "IReadOnlyList<int> or long[]", "torch.Generator", "settings");
    }

    [Theory]
    [InlineData(typeof(PlainModule), "takes settings of the type System.String")]
    [InlineData(typeof(Doubled), "twice")]
    [InlineData(typeof(Bare), "takes no settings", "settings are given")]
    [InlineData(typeof(Torn), "several parameters that settings could be")]
    public void Settings_that_it_does_not_take_are_refused(Type module, params string[] said) => Sentence.Has(Refusal(module, new UserSettings()), said);

    [Fact]
    public void Settings_that_JSON_loses_are_refused()
    {
        var refused = Assert.Throws<ArgumentException>(() => ModuleNetwork.Of<Lossy>(new LossySettings { Width = 7 }));
        Sentence.Has(refused, "The settings 'Sconce.Trainers.Tests.Modules.ModuleRefusalTests+LossySettings'", "'Width'", "7 before", "0 after", "public property");
    }

    [Fact]
    public void A_network_that_JSON_loses_is_refused_before_it_is_trained()
    {
        Sentence.Has(Assert.Throws<ArgumentException>(() => _ml.MulticlassClassification.Trainers.Torch(new Hidden { Width = 3 })), "The network", "Hidden", "'Width'", "3 before", "0 after");
        Sentence.Has(Assert.Throws<ArgumentException>(() => _ml.MulticlassClassification.Trainers.Torch(new ReadOnly(3))), "The network", "ReadOnly", "cannot be saved");
        Sentence.Has(Assert.Throws<ArgumentException>(() => _ml.MulticlassClassification.Trainers.Torch(new WithFunction())), "The network", "WithFunction", "cannot be saved");
    }

    [Fact]
    public void A_network_whose_lists_come_back_is_not() => RoundTrip.Check(new UserNetwork { Widths = [1, 2, 3] }, typeof(Network), "The network");

    [Fact]
    public void A_network_that_fails_in_Build_is_named()
    {
        var refused = Assert.Throws<InvalidOperationException>(() => _ml.MulticlassClassification.Trainers.Torch(new Broken()).Fit(_points.View));
        Sentence.Has(refused, "The network 'Sconce.Trainers.Tests.Modules.ModuleRefusalTests+Broken' failed in its Build", "[4]", "3 outputs", "nothing to build");
    }

    [Fact]
    public void Half_precision_is_for_the_networks_here() =>
        Sentence.Has(Assert.Throws<ArgumentException>(() => _ml.MulticlassClassification.Trainers.Torch<UserModule>(new() { Precision = Precision.BFloat16 }, new UserSettings())), "Precision", "BFloat16", "Single");

    private static ArgumentException Refusal(Type module, object? settings)
    {
        var of = typeof(ModuleNetwork).GetMethod(nameof(ModuleNetwork.Of))!.MakeGenericMethod(module);
        return Assert.Throws<ArgumentException>(() => of.Invoke(null, System.Reflection.BindingFlags.DoNotWrapExceptions, null, [settings], null));
    }

    public abstract class Unfinished : nn.Module<Tensor, Tensor>
    {
        protected Unfinished()
            : base("unfinished")
        {
        }

        public override Tensor forward(Tensor input) => input;
    }

    public sealed class Closed : Unfinished
    {
        private Closed()
        {
        }
    }

    public sealed class Bare : Unfinished
    {
    }

    public sealed class Twofold : Unfinished
    {
        public Twofold()
        {
        }

        public Twofold(int outputs) => Outputs = outputs;

        public int Outputs { get; }
    }

    public sealed class Wanting(string path) : Unfinished
    {
        public string Path => path;
    }

    public sealed class Doubled(int inputs, int outputs) : Unfinished
    {
        public int Total => inputs + outputs;
    }

    public sealed class Torn(UserSettings first, UserSettings second) : Unfinished
    {
        public bool AreSame => first == second;
    }

    public sealed class Open<T> : Unfinished
    {
    }

    public sealed class Lossy(LossySettings settings) : Unfinished
    {
        public int Width => settings.Width;
    }

    public sealed record LossySettings
    {
        [JsonIgnore]
        public int Width { get; init; }
    }

    public sealed record Hidden : Network
    {
        [JsonIgnore]
        public int Width { get; init; }

        public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random) => throw new NotSupportedException();
    }

    public sealed record ReadOnly : Network
    {
        public ReadOnly(int breadth) => Width = breadth;

        public int Width { get; }

        public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random) => throw new NotSupportedException();
    }

    public sealed record WithFunction : Network
    {
        public Func<Tensor, Tensor> Activation { get; init; } = values => nn.functional.relu(values);

        public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random) => throw new NotSupportedException();
    }

    public sealed record Broken : Network
    {
        public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random) => throw new NotSupportedException("nothing to build");
    }
}
