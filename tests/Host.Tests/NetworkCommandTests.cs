using System.CommandLine;
using Sconce.Host.Commands;
using Sconce.Pipelines.Catalog;
using Sconce.Trainers;

namespace Sconce.Host.Tests;

/// <summary>The commands that offer the networks of the catalog.</summary>
public class NetworkCommandTests(SmallMnist mnist)
{
    private static readonly RootCommand _root = Program.Root;

    /// <summary>A network needs no line in the tool: its record with nested options of a classifier is enough.</summary>
    [Theory]
    [InlineData("train")]
    [InlineData("tune")]
    [InlineData("cross-validate")]
    public void Every_public_network_with_a_classifiers_options_is_offered(string command)
    {
        var networks = typeof(Network).Assembly.GetExportedTypes()
            .Where(type => type.IsSubclassOf(typeof(Network)) && type.GetNestedType("Options") is { BaseType: { IsGenericType: true } parent } && parent.GetGenericTypeDefinition() == typeof(ClassificationOptions<>))
            .ToList();
        Assert.True(networks.Count >= 4, $"Only {networks.Count} networks were found.");
        var offered = _root.Subcommands.Single(each => each.Name == command).Subcommands.Select(each => each.Name).ToList();
        foreach (var network in networks)
        {
            var recipe = Assert.Single(NetworkRecipe.All, recipe => recipe.NetworkType == network);
            // The network of tables reads tables alone.
            Assert.Contains(network == typeof(TabularNetwork) ? "table" : recipe.Name, offered);
            Assert.EndsWith(".", recipe.Description, StringComparison.Ordinal);
        }

        Assert.Equal(offered.Order(StringComparer.Ordinal), offered);
    }

    [Fact]
    public void An_option_of_a_network_sets_its_property_and_leaves_the_others()
    {
        var recipe = NetworkRecipe.All.Single(recipe => recipe.NetworkType == typeof(RecurrentNetwork));
        var arguments = new NetworkArguments(recipe);
        var preset = (RecurrentNetwork)recipe.NetworkOf(recipe.Options("default"));
        Assert.Same(preset, arguments.Apply(_root.Parse("train rnn"), preset));

        var command = new Command("rnn");
        foreach (var option in arguments.All)
            command.Add(option);
        var given = (RecurrentNetwork)arguments.Apply(command.Parse("--cell gru --hidden-size 12 --layers 2 --bidirectional --dropout 0.1 --input-size 3"), preset);
        Assert.Equal(preset with { InputWidth = 3, Layers = preset.Layers with { Cell = RecurrentCell.Gru, HiddenSize = 12, NumberOfLayers = 2, Bidirectional = true, Dropout = 0.1 } }, given);
        Assert.Equal(0.2, given.Dropout);
    }

    [Fact]
    public void Names_of_earlier_versions_still_work_and_are_not_shown()
    {
        Assert.Equal(["--json", "train", "rnn", "--hidden-sizes", "3", "--ema=0.9", "--warmup", "0.1", "--output", "lstm"], OldNames.Replace(["--json", "train", "lstm", "--widths", "3", "--average-weights=0.9", "--warm-up", "0.1", "--output", "lstm"]));
        Assert.Equal(["translate", "m.zip", "lstm", "--widths"], OldNames.Replace(["translate", "m.zip", "lstm", "--widths"]));
        var help = Cli.Run("train", "dense", "--help").Output;
        Assert.Contains("--hidden-sizes", help, StringComparison.Ordinal);
        Assert.DoesNotContain("--widths", help, StringComparison.Ordinal);
    }

    /// <summary>Where there is no space of its own, one is made around the recipe.</summary>
    [Fact]
    public void A_network_without_a_search_space_of_its_own_is_tuned()
    {
        var run = Cli.Run("tune", "dense", "--trials", "2", "--epochs", "1", "--strategy", "random", "--name", mnist.Path("dense-search"), "--data", mnist.Data, "--output", mnist.Path("dense-tuned.zip"));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        foreach (var part in (string[])["hidden layer sizes", "learning rate", "batch size", "dropout", "test accuracy"])
            Assert.Contains(part, run.Output, StringComparison.Ordinal);
    }
}
