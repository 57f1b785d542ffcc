using System.Collections;
using System.Runtime.CompilerServices;

namespace Sconce.Pipelines.Tests;

/// <summary>Records with lists say what is in them.</summary>
public class RecordTextTests
{
    [Fact]
    public void A_list_is_its_items() => Assert.Contains("Covariates = [price, open]", new SeriesColumns { Covariates = ["price", "open"] }.ToString(), StringComparison.Ordinal);

    [Fact]
    public void No_record_names_the_type_of_a_list() => Assert.DoesNotContain(typeof(SeriesColumns).Assembly.GetExportedTypes(), type =>
        type is { IsAbstract: false } && type.GetMethod("<Clone>$") is not null
        && type.GetProperties().Any(property => property.PropertyType != typeof(string) && property.PropertyType.IsAssignableTo(typeof(IEnumerable)))
        && type.GetMethod(nameof(ToString), [])!.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false));
}
