using Microsoft.ML;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Sconce.Trainers.Forecasts;
using Sconce.Trainers.Tests.Forecasting;

namespace Sconce.Trainers.Tests.Onnx;

/// <summary>A trained forecaster's network over windows, and what is told of how they are made.</summary>
public class ForecastTests
{
    [Fact]
    public void Windows_and_scales_give_what_the_forecaster_gives()
    {
        var ml = new MLContext(seed: 1);
        using var model = DailySeries.Train(ml, DailySeries.Quick with { NumberOfSteps = 5 }, DailySeries.Create(80));
        var forecaster = model.Forecaster;
        var definition = forecaster.Definition;
        var series = EncodedSeries.Of(definition, model.States[0], definition.Horizon);
        var expected = forecaster.Forecast([(series, series.Count), (series, series.Count - 3)], definition.Horizon);

        var onnx = OnnxScores.Export(ml, model, null);
        using var graph = new OnnxScores(onnx);
        var steps = definition.WindowSize + definition.Horizon;
        var windows = new float[2 * steps * definition.Channels];
        series.CopyWindow(series.Count, windows.AsSpan(0, windows.Length / 2));
        series.CopyWindow(series.Count - 3, windows.AsSpan(windows.Length / 2));
        using var outputs = graph.Session.Run([NamedOnnxValue.CreateFromTensor("Window", new DenseTensor<float>(windows, [2, steps, definition.Channels]))]);

        var metadata = graph.Session.ModelMetadata.CustomMetadataMap;
        var scale = System.Text.Json.Nodes.JsonNode.Parse(metadata["forecast"])!["Series"]![0]!;
        var (mean, deviation) = (scale["Mean"]!.GetValue<float>(), scale["Deviation"]!.GetValue<float>());
        var given = outputs[0].AsTensor<float>().ToArray();
        Assert.Equal([2, DailySeries.Horizon], outputs[0].AsTensor<float>().Dimensions.ToArray());
        Assert.All(expected.SelectMany(row => row).Zip(given), step => Assert.Equal((step.First - mean) / deviation, step.Second, 1e-5));
        Assert.True(expected[0].Max() > expected[0].Min());
    }
}
