using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Networks;

public sealed class WeightInitializationTests
{
    [Fact]
    public void A_layer_with_several_weights_and_no_initialization_of_its_own_is_refused()
    {
        TorchRuntime.EnsureLoaded();
        using var random = new Generator(1);
        using var network = nn.Sequential(new TwoWeights());
        Assert.Contains(nameof(TwoWeights), Assert.Throws<NotSupportedException>(() => network.Initialize(WeightInitialization.Uniform, random)).Message, StringComparison.Ordinal);
    }

    private sealed class TwoWeights : nn.Module<Tensor, Tensor>
    {
        public TwoWeights()
            : base(nameof(TwoWeights))
        {
            register_parameter("first", nn.Parameter(zeros(2, 3)));
            register_parameter("second", nn.Parameter(zeros(2, 3)));
            register_parameter("bias", nn.Parameter(zeros(2)));
        }

        public override Tensor forward(Tensor input) => input;
    }
}
