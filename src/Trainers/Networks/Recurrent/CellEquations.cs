using Sconce.Trainers.Native;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sconce.Trainers.Networks.Recurrent;

/// <summary>The equations of a <see cref="RecurrentCell"/>, one time step at a time.</summary>
internal abstract class CellEquations
{
    /// <summary>The number of parts in which a cell's weights are stacked.</summary>
    public abstract int Gates { get; }

    /// <summary>Whether the cell has a cell state besides the hidden state.</summary>
    public virtual bool HasCellState => false;

    /// <summary>The number of gates that see the cell state.</summary>
    public virtual int Peepholes => 0;

    /// <summary>The index of the forget gate among the gates; null for cells without one.</summary>
    public virtual int? ForgetGate => null;

    /// <summary>ONNX's operator with the same equations.</summary>
    public abstract string OnnxOperator { get; }

    /// <summary>The operator's attributes that select these equations.</summary>
    /// <param name="directions">The number of directions; activations are named for each.</param>
    public virtual IEnumerable<(string Name, object Value)> OnnxAttributes(int directions) => [];

    /// <summary>Stacks weights in the operator's order of gates.</summary>
    /// <param name="weights">Weights or biases, [gates * hidden size, ...].</param>
    public abstract Tensor ToOnnx(Tensor weights);

    /// <summary>Stacks peepholes in the operator's order.</summary>
    public virtual Tensor PeepholesToOnnx(Tensor peepholes) => throw new NotSupportedException("The cell has no peepholes.");

    /// <summary>The equations of a cell.</summary>
    public static CellEquations Of(RecurrentLayers layers) => layers.Cell switch
    {
        RecurrentCell.Elman => new Elman(layers.ElmanActivation),
        RecurrentCell.Lstm => new Lstm(),
        RecurrentCell.PeepholeLstm => new PeepholeLstm(),
        RecurrentCell.CoupledLstm => new CoupledLstm(),
        RecurrentCell.Gru => new Gru(),
        _ => throw new ArgumentOutOfRangeException(nameof(layers), layers.Cell, "No such cell."),
    };

    /// <summary>
    /// The part that depends only on the input, computed for all time steps at once: [..., input size] to [..., gates * hidden size].
    /// </summary>
    public virtual Tensor Project(Tensor input, CellWeights weights) => functional.linear(input, weights.Input, weights.InputBias.Plus(weights.HiddenBias));

    /// <summary>Computes one time step.</summary>
    /// <param name="projected">The result of <see cref="Project"/> for this step, [rows, gates * hidden size].</param>
    /// <param name="state">The state before, [rows, hidden size].</param>
    /// <param name="weights">The weights.</param>
    public abstract CellState Step(Tensor projected, CellState state, CellWeights weights);

    /// <summary>W x + U h + b.</summary>
    private static Tensor Sum(Tensor projected, CellState state, CellWeights weights) => addmm(projected, state.Hidden, weights.Hidden.t(), 1, 1);

    private sealed class Elman(Activation activation) : CellEquations
    {
        public override int Gates => 1;

        public override string OnnxOperator => "RNN";

        public override IEnumerable<(string, object)> OnnxAttributes(int directions) => [("activations", Enumerable.Repeat(activation.ToString(), directions))];

        public override Tensor ToOnnx(Tensor weights) => weights;

        public override CellState Step(Tensor projected, CellState state, CellWeights weights) => new(activation.Apply(Sum(projected, state, weights)), null);
    }

    /// <summary>Gates in PyTorch's order: input, forget, candidate, output.</summary>
    private class Lstm : CellEquations
    {
        public override int Gates => 4;

        public override bool HasCellState => true;

        public override int? ForgetGate => 1;

        public override CellState Step(Tensor projected, CellState state, CellWeights weights)
        {
            var gates = Sum(projected, state, weights).chunk(4, 1);
            var cell = gates[1].sigmoid().mul(state.Cell!).Plus(gates[0].sigmoid().mul(gates[2].tanh()));
            return new(gates[3].sigmoid().mul(cell.tanh()), cell);
        }

        public override string OnnxOperator => "LSTM";

        /// <remarks>There the order is input, output, forget, candidate.</remarks>
        public override Tensor ToOnnx(Tensor weights)
        {
            var gates = weights.chunk(4, 0);
            return cat([gates[0], gates[3], gates[1], gates[2]], 0);
        }
    }

    /// <summary>Gates as in <see cref="Lstm"/>; peepholes in the order input, forget, output.</summary>
    private sealed class PeepholeLstm : Lstm
    {
        public override int Peepholes => 3;

        public override CellState Step(Tensor projected, CellState state, CellWeights weights)
        {
            var gates = Sum(projected, state, weights).chunk(4, 1);
            var peepholes = weights.Peephole!.chunk(3, 0);
            var input = gates[0].Plus(peepholes[0].mul(state.Cell!)).sigmoid();
            var forget = gates[1].Plus(peepholes[1].mul(state.Cell!)).sigmoid();
            var cell = forget.mul(state.Cell!).Plus(input.mul(gates[2].tanh()));
            var output = gates[3].Plus(peepholes[2].mul(cell)).sigmoid();
            return new(output.mul(cell.tanh()), cell);
        }

        public override Tensor PeepholesToOnnx(Tensor peepholes)
        {
            var gates = peepholes.chunk(3, 0);
            return cat([gates[0], gates[2], gates[1]], 0);
        }
    }

    /// <summary>Gates in the order forget, candidate, output.</summary>
    private sealed class CoupledLstm : Lstm
    {
        public override int Gates => 3;

        public override int? ForgetGate => 0;

        public override CellState Step(Tensor projected, CellState state, CellWeights weights)
        {
            var gates = Sum(projected, state, weights).chunk(3, 1);
            var candidate = gates[1].tanh();
            // f c + (1 - f) g interpolates between g and c.
            var cell = lerp(candidate, state.Cell!, gates[0].sigmoid());
            return new(gates[2].sigmoid().mul(cell.tanh()), cell);
        }

        /// <remarks>1 - σ(x) = σ(-x): the input gate has the forget gate's weights, negated.</remarks>
        public override Tensor ToOnnx(Tensor weights)
        {
            var gates = weights.chunk(3, 0);
            return cat([gates[0].neg(), gates[2], gates[0], gates[1]], 0);
        }
    }

    /// <summary>Gates in PyTorch's order: reset, update, candidate.</summary>
    private sealed class Gru : CellEquations
    {
        public override int Gates => 3;

        /// <remarks>The hidden state's bias stays with the hidden state, because the reset gate applies to both.</remarks>
        public override Tensor Project(Tensor input, CellWeights weights) => functional.linear(input, weights.Input, weights.InputBias);

        public override CellState Step(Tensor projected, CellState state, CellWeights weights)
        {
            var input = projected.chunk(3, 1);
            var hidden = functional.linear(state.Hidden, weights.Hidden, weights.HiddenBias).chunk(3, 1);
            var reset = input[0].Plus(hidden[0]).sigmoid();
            var update = input[1].Plus(hidden[1]).sigmoid();
            var candidate = input[2].Plus(reset.mul(hidden[2])).tanh();
            return new(lerp(candidate, state.Hidden, update), null);
        }

        public override string OnnxOperator => "GRU";

        public override IEnumerable<(string, object)> OnnxAttributes(int directions) => [("linear_before_reset", 1)];

        /// <remarks>There the order is update, reset, candidate.</remarks>
        public override Tensor ToOnnx(Tensor weights)
        {
            var gates = weights.chunk(3, 0);
            return cat([gates[1], gates[0], gates[2]], 0);
        }
    }
}
