namespace Sconce.Trainers.Tests.Recurrent;

/// <summary>The equations of each recurrent cell in plain C#, in double precision, for one row and one direction.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="Activation">The activation of an Elman cell.</param>
/// <param name="Size">The hidden size.</param>
internal sealed record CellReference(RecurrentCell Cell, Activation Activation, int Size)
{
    /// <summary>The hidden states at every step, and the last cell state.</summary>
    /// <param name="weights">By PyTorch's names without their ending: weight_ih, weight_hh, bias_ih, bias_hh, weight_peephole; row after row.</param>
    /// <param name="sequence">The input at each step.</param>
    /// <param name="hidden">The hidden state before.</param>
    /// <param name="cell">The cell state before.</param>
    public (List<double[]> Hidden, double[] Cell) Run(IReadOnlyDictionary<string, double[]> weights, IEnumerable<double[]> sequence, double[] hidden, double[] cell)
    {
        var states = new List<double[]>();
        foreach (var input in sequence)
        {
            (hidden, cell) = Step(weights, input, hidden, cell);
            states.Add(hidden);
        }

        return (states, cell);
    }

    private (double[] Hidden, double[] Cell) Step(IReadOnlyDictionary<string, double[]> weights, double[] x, double[] h, double[] c)
    {
        double[] nextHidden = new double[Size], nextCell = new double[Size];
        for (var k = 0; k < Size; k++)
        {
            switch (Cell)
            {
                case RecurrentCell.Elman:
                    nextHidden[k] = Activate(Sum(0, k));
                    break;
                case RecurrentCell.Lstm:
                    nextCell[k] = Sigmoid(Sum(1, k)) * c[k] + Sigmoid(Sum(0, k)) * Math.Tanh(Sum(2, k));
                    nextHidden[k] = Sigmoid(Sum(3, k)) * Math.Tanh(nextCell[k]);
                    break;
                case RecurrentCell.PeepholeLstm:
                    nextCell[k] = Sigmoid(Sum(1, k) + Peephole(1, k) * c[k]) * c[k] + Sigmoid(Sum(0, k) + Peephole(0, k) * c[k]) * Math.Tanh(Sum(2, k));
                    nextHidden[k] = Sigmoid(Sum(3, k) + Peephole(2, k) * nextCell[k]) * Math.Tanh(nextCell[k]);
                    break;
                case RecurrentCell.CoupledLstm:
                    var forget = Sigmoid(Sum(0, k));
                    nextCell[k] = forget * c[k] + (1 - forget) * Math.Tanh(Sum(1, k));
                    nextHidden[k] = Sigmoid(Sum(2, k)) * Math.Tanh(nextCell[k]);
                    break;
                case RecurrentCell.Gru:
                    var reset = Sigmoid(Sum(0, k));
                    var update = Sigmoid(Sum(1, k));
                    var candidate = Math.Tanh(FromInput(2, k) + reset * FromHidden(2, k));
                    nextHidden[k] = (1 - update) * candidate + update * h[k];
                    break;
                default:
                    throw new InvalidOperationException($"{Cell} has no equations here.");
            }
        }

        return (nextHidden, nextCell);

        double Sum(int gate, int unit) => FromInput(gate, unit) + FromHidden(gate, unit);

        double FromInput(int gate, int unit) => Dot(weights["weight_ih"], gate * Size + unit, x) + weights["bias_ih"][gate * Size + unit];

        double FromHidden(int gate, int unit) => Dot(weights["weight_hh"], gate * Size + unit, h) + weights["bias_hh"][gate * Size + unit];

        double Peephole(int gate, int unit) => weights["weight_peephole"][gate * Size + unit];
    }

    private double Activate(double value) => Activation switch
    {
        Activation.Tanh => Math.Tanh(value),
        Activation.Sigmoid => Sigmoid(value),
        Activation.Relu => Math.Max(0, value),
        _ => throw new InvalidOperationException($"{Activation} is no Elman cell's."),
    };

    private static double Sigmoid(double value) => 1 / (1 + Math.Exp(-value));

    private static double Dot(double[] matrix, int row, double[] vector)
    {
        var sum = 0.0;
        for (var i = 0; i < vector.Length; i++)
            sum += matrix[row * vector.Length + i] * vector[i];
        return sum;
    }
}
