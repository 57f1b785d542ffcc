using Microsoft.ML;
using Sconce.Trainers.Tests.Persistence;

namespace Sconce.Trainers.Tests.Modules;

/// <summary>Models of a module that the program has not, or not so.</summary>
public sealed class ForgedModuleTests : BadModel
{
    private static readonly Lazy<byte[]> _zip = new(() =>
    {
        var ml = new MLContext(seed: 1);
        using var model = ml.MulticlassClassification.Trainers.Torch<UserModule>(new() { NumberOfSteps = 1 }, new UserSettings()).Fit(new Points(rows: 30, features: 4, classes: 3, seed: 1).View);
        return ModelZip.Save(ml, model);
    });

    [Theory]
    [InlineData("Nowhere.Gone, Nowhere", "the type 'Nowhere.Gone, Nowhere' is not in this program", "Reference the assembly that has it, 'Nowhere'")]
    [InlineData("Nowhere.Gone, Sconce.Trainers.Tests", "the type 'Nowhere.Gone, Sconce.Trainers.Tests' is not in this program", "of its assembly 'Sconce.Trainers.Tests' does not have it")]
    [InlineData("System.String, System.Private.CoreLib", "'System.String, System.Private.CoreLib' is not a nn.Module<Tensor, Tensor>")]
    [InlineData("", "the type '' is not in this program")]
    public void A_module_that_is_not_here_is_named_with_its_assembly(string module, params string[] said) =>
        AssertRefused(new ModelZip(_zip.Value).WithJson("Network.json", json => json["Network"]!["Module"] = module).ToBytes(), ["'Network.json'", .. said]);

    [Fact]
    public void A_module_without_its_name_is_refused() =>
        AssertRefused(new ModelZip(_zip.Value).WithJson("Network.json", json => json["Network"]!.AsObject().Remove("Module")).ToBytes(), "'Network.json'", "Module");

    [Fact]
    public void Settings_of_another_kind_are_refused() =>
        AssertRefused(new ModelZip(_zip.Value).WithJson("Network.json", json => json["Network"]!["Settings"] = new System.Text.Json.Nodes.JsonObject { ["Width"] = "wide" }).ToBytes(), "UserSettings", "Width");

    [Fact]
    public void Settings_that_are_missing_are_refused() =>
        AssertRefused(new ModelZip(_zip.Value).WithJson("Network.json", json => json["Network"]!["Settings"] = null).ToBytes(), "UserModule", "no settings are given");

    [Fact]
    public void Settings_for_another_number_of_weights_are_refused() =>
        AssertRefused(new ModelZip(_zip.Value).WithJson("Network.json", json => json["Network"]!["Settings"]!["Width"] = 9).ToBytes(), "'Weights.safetensors'", "hidden.weight", "F32[8, 4]", "F32[9, 4]");

    [Fact]
    public void A_module_that_fails_when_it_is_loaded_is_named() =>
        AssertRefused(
            new ModelZip(_zip.Value).WithJson("Network.json", json =>
            {
                json["Network"]!["Module"] = "Sconce.Trainers.Tests.Modules.FaultyModule, Sconce.Trainers.Tests";
                json["Network"]!["Settings"] = new System.Text.Json.Nodes.JsonObject { ["Kind"] = "constructor" };
            }).ToBytes(), "FaultyModule", "failed in its constructor", "no such layer");
}
