using static TorchSharp.torch;

namespace Sconce.Trainers.Networks.Recurrent;

/// <summary>
/// A layer that steps through time with its cell's equations. The part that depends only on the input is computed for all steps at once.
/// </summary>
internal sealed class SteppedLayer(CellEquations cell, IReadOnlyList<CellWeights> directions) : RecurrentLayer(cell, directions)
{
    public static SteppedLayer Of(RecurrentLayers options, long inputSize)
    {
        var cell = CellEquations.Of(options);
        return new(cell, [.. Enumerable.Range(0, options.Bidirectional ? 2 : 1).Select(_ => CellWeights.Create(cell, inputSize, options.HiddenSize))]);
    }

    public override (Tensor Output, IReadOnlyList<CellState> Final) Run(Tensor input, IReadOnlyList<CellState> initial, Tensor? lengths)
    {
        // Time first: the values of a step are then contiguous in memory.
        var steps = input.shape[1];
        var byStep = input.transpose(0, 1).contiguous();
        var present = lengths is null ? null : arange(steps, ScalarType.Int64).unsqueeze(1).lt(lengths).unsqueeze(2).unbind(0);
        var (outputs, final) = (new List<Tensor>(), new List<CellState>());
        for (var direction = 0; direction < Directions.Count; direction++)
        {
            var (output, state) = Run(byStep, Directions[direction].As(input.dtype), initial[direction], reverse: direction == 1, present);
            outputs.Add(output);
            final.Add(state);
        }

        return ((outputs is [var only] ? only : cat(outputs, 2)).transpose(0, 1), final);
    }

    public override void Dispose()
    {
    }

    private (Tensor Output, CellState Final) Run(Tensor byStep, CellWeights weights, CellState state, bool reverse, Tensor[]? present)
    {
        var projected = Cell.Project(byStep, weights).unbind(0);
        var outputs = new Tensor[projected.Length];
        for (var i = 0; i < projected.Length; i++)
        {
            var step = reverse ? projected.Length - 1 - i : i;
            var next = Cell.Step(projected[step], state, weights);
            // A row keeps its state after its end; in the backward direction, before its first step.
            state = present is null ? next : new(where(present[step], next.Hidden, state.Hidden), next.Cell is null ? null : where(present[step], next.Cell, state.Cell!));
            outputs[step] = present is null ? next.Hidden : next.Hidden.mul(present[step]);
        }

        return (stack(outputs, 0), state);
    }
}
