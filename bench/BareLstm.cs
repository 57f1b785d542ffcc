using Sconce.Trainers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Bench;

/// <summary>An LSTM over an image's rows as a TorchSharp user writes it: libtorch's module, and a dense layer after the last step.</summary>
internal sealed record BareLstm : Network
{
    private const int HiddenSize = 128;

    public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random) => new Module(inputShape[1], outputSize);

    private sealed class Module : nn.Module<Tensor, Tensor>
    {
        private readonly LSTM _lstm;
        private readonly Linear _output;

        public Module(int features, int outputs)
            : base(nameof(BareLstm))
        {
            _lstm = nn.LSTM(features, HiddenSize, batchFirst: true);
            _output = nn.Linear(HiddenSize, outputs);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            var (hidden, _, _) = _lstm.call(input);
            return _output.forward(hidden.select(1, -1));
        }
    }
}
