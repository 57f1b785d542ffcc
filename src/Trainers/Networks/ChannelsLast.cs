using static TorchSharp.torch;

namespace Sconce.Trainers.Networks;

/// <summary>
/// Lays the images of a batch out with the channels of a pixel side by side. Shape and values stay the same; libtorch's
/// convolutions keep the layout, and are about twice as fast in it.
/// </summary>
internal sealed class ChannelsLast() : nn.Module<Tensor, Tensor>(nameof(ChannelsLast)), IOnnxIdentity
{
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        long channels = input.shape[1], height = input.shape[2], width = input.shape[3];
        // With one channel both layouts are the same memory: only the strides tell them apart. The rows may be a part of others.
        var dense = input.contiguous();
        var output = channels == 1
            ? dense.as_strided(input.shape, [height * width, 1, width, 1], dense.storage_offset())
            : input.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        return output.MoveToOuterDisposeScope();
    }
}
