using System.Collections;
using System.Runtime.CompilerServices;

namespace Sconce.Trainers.Tests.Persistence;

/// <summary>Records with lists say what is in them.</summary>
public class RecordTextTests
{
    [Fact]
    public void A_list_is_its_items()
    {
        Assert.StartsWith("DenseNetwork { HiddenLayerSizes = [32, 8], Activation = Relu, Dropout = 0.25", new DenseNetwork { HiddenLayerSizes = [32, 8], Dropout = 0.25 }.ToString(), StringComparison.Ordinal);
        Assert.Contains("Shape = [28, 28]", new InputColumn("Image", FeatureType.Byte, [28, 28]).ToString(), StringComparison.Ordinal);
        Assert.Contains("FrozenParameters = [dense*]", new DenseNetwork.Options { FrozenParameters = ["dense*"] }.ToString(), StringComparison.Ordinal);
        Assert.Contains("Versions = [Microsoft.ML: 5.0]", new TrainingRecord { Versions = new Dictionary<string, string> { ["Microsoft.ML"] = "5.0" } }.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_list_is_its_first_items() =>
        Assert.Contains("[0, 1, 2, ", new ClassNames("Int32", [.. Enumerable.Range(0, 1_000).Select(i => $"{i}")]).ToString(), StringComparison.Ordinal);

    [Fact]
    public void No_record_names_the_type_of_a_list() => Assert.DoesNotContain(typeof(Network).Assembly.GetExportedTypes(), type =>
        type is { IsAbstract: false } && type.GetMethod("<Clone>$") is not null
        && type.GetProperties().Any(property => property.PropertyType != typeof(string) && property.PropertyType.IsAssignableTo(typeof(IEnumerable)))
        && type.GetMethod(nameof(ToString), [])!.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false));
}
