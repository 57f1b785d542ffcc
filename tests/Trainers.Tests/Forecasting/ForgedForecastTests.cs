using System.Text.Json.Nodes;
using Microsoft.ML;

namespace Sconce.Trainers.Tests.Forecasting;

/// <summary>Saved forecasters whose entries are missing, changed or do not fit each other.</summary>
public sealed class ForgedForecastTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _zip;

    public ForgedForecastTests()
    {
        using var model = DailySeries.Train(_ml, DailySeries.Quick with { NumberOfSteps = 1 }, DailySeries.Create(60));
        _zip = ModelZip.Save(_ml, model);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_only_put_together_again_loads()
    {
        using var loaded = (ForecastTransformer)_ml.Model.LoadVerified(_folder.Write("model.zip", new ModelZip(_zip).WithJson("Forecast.json", _ => { }).ToBytes()), out _);
        Assert.Equal(7, loaded.Horizon);
    }

    [Theory]
    [InlineData("Forecast.json")]
    [InlineData("Forecast.safetensors")]
    public void An_entry_that_is_missing_or_changed_is_named(string entry)
    {
        AssertRefused(new ModelZip(_zip).Without(entry), $"lacks its entry '{entry}'");
        var changed = new ModelZip(_zip);
        changed[entry] = [.. changed[entry], (byte)' '];
        AssertRefused(changed, $"'{entry}' has been changed", "SHA-256");
    }

    [Fact]
    public void A_definition_that_makes_no_sense_is_refused()
    {
        Forge(json => json["Definition"]!["WindowSize"] = 0, "WindowSize is 0");
        Forge(json => json["Definition"]!["WindowSize"] = 13, "does not fit its network");
        Forge(json => json["Definition"]!["Horizon"] = 6, "does not fit its network");
        Forge(json => json["Definition"]!["Series"]![0]!["Deviation"] = 0, "The deviation of ''");
        Forge(json => json["Definition"]!["Frequency"] = null, "date column");
        Forge(json => json["Definition"]!["Columns"]!["FutureCovariates"] = new JsonArray("Planned"), "covariate scales");
        Forge(json => json["Definition"]!.AsObject().Remove("Columns"), "cannot be read", "Columns");
        Forge(json => json["Rows"]![0] = 3, "Rows is 3");
        Forge(json => json["Rows"]!.AsArray().Clear(), "rows of 0 series");
        Forge(json => json["Rows"]![0] = int.MaxValue, "at most");
        Forge(json => json["Windows"] = -1, "Windows is -1");
        Forge(json => json["Windows"] = 3, "'errors'");
    }

    private void Forge(Action<JsonNode> change, params string[] parts) => AssertRefused(new ModelZip(_zip).WithJson("Forecast.json", change), parts);

    private void AssertRefused(ModelZip zip, params string[] parts)
    {
        var path = _folder.Write("model.zip", zip.ToBytes());
        Sentence.Has(Assert.Throws<InvalidDataException>(() => _ml.Model.LoadVerified(path, out _)), parts);
    }
}
