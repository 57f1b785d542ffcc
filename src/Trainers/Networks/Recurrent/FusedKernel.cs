using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.utils.rnn;

namespace Sconce.Trainers.Networks.Recurrent;

/// <summary>libtorch's own kernel for one layer, which runs all time steps in one call.</summary>
internal sealed class FusedKernel : IDisposable
{
    private readonly nn.Module _module;
    private readonly Run<Tensor> _run;
    private readonly Run<PackedSequence> _runPacked;

    private FusedKernel(nn.Module module, Run<Tensor> run, Run<PackedSequence> runPacked)
    {
        (_module, _run, _runPacked) = (module, run, runPacked);
        var weights = module.named_parameters().ToDictionary(weight => weight.name, weight => weight.parameter, StringComparer.Ordinal);
        CellWeights Direction(string suffix) => new(weights[$"weight_ih_{suffix}"], weights[$"weight_hh_{suffix}"], weights[$"bias_ih_{suffix}"], weights[$"bias_hh_{suffix}"], null);
        Directions = weights.ContainsKey("weight_ih_l0_reverse") ? [Direction("l0"), Direction("l0_reverse")] : [Direction("l0")];
    }

    private delegate (T Output, Tensor Hidden, Tensor? Cell) Run<T>(T input, Tensor hidden, Tensor? cell);

    /// <summary>The weights, forward first, in the kernel's own memory.</summary>
    public IReadOnlyList<CellWeights> Directions { get; }

    /// <summary>Creates the kernel of a cell; null if libtorch has none for it.</summary>
    public static FusedKernel? Of(RecurrentLayers options, long inputSize)
    {
        return (options.Cell, options.ElmanActivation) switch
        {
            (RecurrentCell.Lstm, _) => Of(nn.LSTM(inputSize, options.HiddenSize, batchFirst: true, bidirectional: options.Bidirectional, dtype: ScalarType.Float32)),
            (RecurrentCell.Gru, _) => Of(nn.GRU(inputSize, options.HiddenSize, batchFirst: true, bidirectional: options.Bidirectional, dtype: ScalarType.Float32)),
            (RecurrentCell.Elman, Activation.Tanh) => Elman(nn.NonLinearities.Tanh),
            (RecurrentCell.Elman, Activation.Relu) => Elman(nn.NonLinearities.ReLU),
            _ => null,
        };

        FusedKernel Elman(nn.NonLinearities activation) => Of(nn.RNN(inputSize, options.HiddenSize, nonLinearity: activation, batchFirst: true, bidirectional: options.Bidirectional, dtype: ScalarType.Float32));
    }

    /// <summary>Runs over sequences of one length.</summary>
    /// <param name="input">[rows, steps, input size].</param>
    /// <param name="hidden">[directions, rows, hidden size].</param>
    /// <param name="cell">Likewise; null for cells without a cell state.</param>
    public (Tensor Output, Tensor Hidden, Tensor? Cell) Forward(Tensor input, Tensor hidden, Tensor? cell) => _run(input, hidden, cell);

    /// <summary>Runs over packed sequences of several lengths.</summary>
    public (PackedSequence Output, Tensor Hidden, Tensor? Cell) Forward(PackedSequence input, Tensor hidden, Tensor? cell) => _runPacked(input, hidden, cell);

    public void Dispose() => _module.Dispose();

    private static FusedKernel Of(LSTM module) => new(
        module, (input, hidden, cell) => module.call(input, (hidden, cell!)), (input, hidden, cell) => module.call(input, (hidden, cell!)));

    private static FusedKernel Of(GRU module) => new(
        module, (input, hidden, _) => WithoutCell(module.call(input, hidden)), (input, hidden, _) => WithoutCell(module.call(input, hidden)));

    private static FusedKernel Of(RNN module) => new(
        module, (input, hidden, _) => WithoutCell(module.call(input, hidden)), (input, hidden, _) => WithoutCell(module.call(input, hidden)));

    private static (T Output, Tensor Hidden, Tensor? Cell) WithoutCell<T>((T Output, Tensor Hidden) result) => (result.Output, result.Hidden, null);
}
