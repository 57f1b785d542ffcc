using Microsoft.ML;
using Sconce.Pipelines.Catalog;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests.Catalog;

public sealed class NetworkRecipeTests
{
    private readonly MLContext _ml = new(seed: 1);

    private sealed class Row
    {
        public float Size { get; set; }

        public string Color { get; set; } = "";

        public string Churn { get; set; } = "";

        public float Price { get; set; }

        public float Weight { get; set; }
    }

    /// <summary>Any network learns any task of a table from several columns, with weights.</summary>
    [Theory]
    [InlineData("dense", TableTask.Binary, typeof(BinaryClassification))]
    [InlineData("dense", TableTask.Multiclass, typeof(Classification))]
    [InlineData("dense", TableTask.Regression, typeof(Regression))]
    [InlineData("tabular", TableTask.Binary, typeof(BinaryClassification))]
    [InlineData("tabular", TableTask.Multiclass, typeof(Classification))]
    [InlineData("tabular", TableTask.Regression, typeof(Regression))]
    public void A_recipe_makes_the_trainer_of_a_task(string name, TableTask task, Type objective)
    {
        var random = new Random(1);
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 60).Select(_ => random.NextSingle()).Select(size => new Row { Size = size, Color = size > 0.5f ? "red" : "blue", Churn = size > 0.3f ? "yes" : "no", Price = 3 * size, Weight = 1 + size }).ToList());
        var recipe = NetworkRecipe.All.Single(each => each.Name == name);
        var (network, start) = task == TableTask.Regression ? recipe.Regression(NetworkRecipe.DefaultPreset) : (recipe.NetworkOf(recipe.Options(NetworkRecipe.DefaultPreset)), recipe.Options(NetworkRecipe.DefaultPreset));
        var options = start with { NumberOfSteps = 2 };
        TableTrainerColumns? read = null;
        var trained = TablePipeline.Create(_ml, data.Schema, new()
        {
            Task = task,
            LabelColumnName = task == TableTask.Regression ? "Price" : "Churn",
            FeatureColumnNames = ["Size", "Color"],
            ExampleWeightColumnName = "Weight",
            CreateTrainer = columns => recipe.Trainer(_ml, task, network, options, read = columns),
        }).Fit(data);
        using var model = ModelFile.Of("model", trained, data.Schema);
        Assert.IsType(objective, model.Objective);
        Assert.Equal((2, "Weight"), (read!.Features.Count, read.Weight));
        Assert.Equal(60, Evaluation.Of(_ml, model, data).Rows);
    }
}
