using static TorchSharp.torch;

namespace Sconce.Trainers.Networks;

/// <summary>A module that registers its layers under PyTorch's names. TorchSharp disposes registered layers with their module.</summary>
internal abstract class CompositeModule(string name) : nn.Module<Tensor, Tensor>(name)
{
    /// <summary>
    /// Does nothing: TorchSharp would register the layers again, under the names of their fields, and every tensor would be there twice.
    /// </summary>
    protected sealed override void RegisterComponents()
    {
    }
}
