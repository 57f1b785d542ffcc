namespace Sconce.Trainers.Networks;

/// <summary>The shape of a row that is a sequence.</summary>
internal readonly record struct SequenceShape(int Steps, int Features)
{
    /// <summary>Reads [steps] as one number a step, [steps, features] as it stands, and an image of one channel, [1, height, width], row by row.</summary>
    /// <param name="shape">The shape of a row.</param>
    /// <param name="network">The network that reads sequences, for the start of the exception's message.</param>
    /// <exception cref="ArgumentException">Rows of that shape are not sequences.</exception>
    public static SequenceShape Of(IReadOnlyList<int> shape, string network) => shape switch
    {
        [var steps] => new(steps, 1),
        [var steps, var features] => new(steps, features),
        [1, var height, var width] => new(height, width),
        _ => throw new ArgumentException(
            $"{network} reads sequences, [steps, features] or [steps], and images of one channel; the feature column's rows have the shape [{string.Join(", ", shape)}]. " +
            "Use a vector type with dimensions.", nameof(shape)),
    };

    /// <summary>The number of inputs of a step, and the number of outputs of a step that has outputs.</summary>
    /// <param name="outputSize">The number of outputs of a row.</param>
    /// <param name="returnSequences">Whether each step has outputs: the outputs of a row are then divided evenly among its steps.</param>
    /// <exception cref="ArgumentException">The outputs cannot be divided evenly.</exception>
    public (int Inputs, int Outputs) StepSizes(int outputSize, bool returnSequences)
    {
        const string Option = nameof(RecurrentNetwork.ReturnSequences);
        if (!returnSequences)
            return (Features, outputSize);
        if (outputSize % Steps == 0)
            return (Features, outputSize / Steps);
        throw new ArgumentException(
            $"{Option} needs the same number of values for each of a row's {Steps} steps, but the label has {outputSize}, which is not a multiple of " +
            $"{Steps}. Use a label [{Steps}] or [{Steps}, values], or do not set {Option}.", nameof(outputSize));
    }
}
