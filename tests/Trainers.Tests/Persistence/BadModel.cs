using Microsoft.ML;

namespace Sconce.Trainers.Tests.Persistence;

/// <summary>Files that are not whole models, given to both ways of loading one.</summary>
public abstract class BadModel : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    internal TemporaryFolder Folder => _folder;

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>What <c>LoadVerified</c> says: always one exception of one type, which names the file.</summary>
    internal InvalidDataException RefusalOfLoadVerified(byte[] file)
    {
        var path = _folder.Write("model.zip", file);
        var refused = Assert.Throws<InvalidDataException>(() => new MLContext().Model.LoadVerified(path, out _));
        Sentence.Has(refused, $"'{path}'");
        return refused;
    }

    /// <summary>What ML.NET's own <c>Load</c> throws, under what ML.NET and reflection wrap around it: the bottom, or an <see cref="InvalidDataException"/> above it that says more.</summary>
    internal static Exception RefusalOfLoad(byte[] file)
    {
        var refused = Record.Exception(() => new MLContext().Model.Load(new MemoryStream(file), out _));
        while (refused is not InvalidDataException and { InnerException: { } inner })
            refused = inner;
        Assert.NotNull(refused);
        return refused;
    }

    /// <summary>Both ways of loading say the same of what this library checks itself.</summary>
    internal void AssertRefused(byte[] file, params string[] said)
    {
        Sentence.Has(RefusalOfLoadVerified(file), said);
        Sentence.Has(Assert.IsType<InvalidDataException>(RefusalOfLoad(file)), said);
    }
}
