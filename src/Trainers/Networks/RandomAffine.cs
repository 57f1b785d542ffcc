using System.Runtime.InteropServices;
using Sconce.Core.Errors;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>Random shifts, rotations and scalings of images during training, drawn for each image in each epoch.</summary>
public sealed record Augmentation
{
    /// <summary>The largest shift, in pixels, along each axis; 0 or more. Default: 1.</summary>
    public double Shift { get; init; } = 1;

    /// <summary>The largest rotation, in degrees, either way; 0 or more. Default: 8.</summary>
    public double Rotation { get; init; } = 8;

    /// <summary>The largest scaling up or down, as a fraction of the size, along each axis; in [0, 1). Default: 0.1.</summary>
    public double Scale { get; init; } = 0.1;

    internal void Validate()
    {
        Check.NotNegative(Shift, "Augmentation.Shift");
        Check.NotNegative(Rotation, "Augmentation.Rotation");
        Check.Share(Scale, "Augmentation.Scale");
    }
}

/// <summary>Applies an <see cref="Augmentation"/> during training, by bilinear sampling with black beyond the border; does nothing when scoring.</summary>
/// <remarks>Jaderberg et al., "Spatial transformer networks", NIPS 2015, section 3.2 (the affine grid), with random parameters.</remarks>
internal sealed class RandomAffine(Augmentation augmentation, Generator random) : nn.Module<Tensor, Tensor>(nameof(RandomAffine)), IOnnxIdentity
{
    private const int NumbersPerImage = 5;
    private const int MatrixSize = 6;

    public override Tensor forward(Tensor input)
    {
        if (!training)
            return input.alias();

        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        long rows = input.shape[0], height = input.shape[2], width = input.shape[3];
        var noise = empty(rows, NumbersPerImage, ScalarType.Float32).uniform_(-1, 1, random);
        var matrices = empty(rows, 2, 3, ScalarType.Float32);
        var source = MemoryMarshal.Cast<byte, float>(noise.bytes);
        var destination = MemoryMarshal.Cast<byte, float>(matrices.bytes);
        for (var i = 0; i < rows; i++)
            FillMatrix(source.Slice(i * NumbersPerImage, NumbersPerImage), destination.Slice(i * MatrixSize, MatrixSize), height, width);

        var grid = nn.functional.affine_grid(matrices, input.shape, align_corners: false);
        return nn.functional.grid_sample(input.to(ScalarType.Float32), grid, align_corners: false).to(input.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>The matrix from a pixel of the result to its position in the image, both in [-1, 1] along each axis.</summary>
    private void FillMatrix(ReadOnlySpan<float> noise, Span<float> matrix, long height, long width)
    {
        var angle = noise[0] * augmentation.Rotation * Math.PI / 180;
        double scaleX = 1 + noise[1] * augmentation.Scale, scaleY = 1 + noise[2] * augmentation.Scale;
        double cosine = Math.Cos(angle), sine = Math.Sin(angle), aspect = height / (double)width;
        matrix[0] = (float)(cosine * scaleX);
        matrix[1] = (float)(-sine * scaleX * aspect);
        matrix[2] = (float)(2 * noise[3] * augmentation.Shift / width);
        matrix[3] = (float)(sine * scaleY / aspect);
        matrix[4] = (float)(cosine * scaleY);
        matrix[5] = (float)(2 * noise[4] * augmentation.Shift / height);
    }
}
