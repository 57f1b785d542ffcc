using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files;
using Sconce.Pipelines;

namespace Sconce.Host.Tests;

/// <summary>Folders of images from the command line: export, train, evaluate and score.</summary>
public sealed class ImageCommandTests(SmallMnist mnist)
{
    private const int Train = 300;
    private const int Test = 50;

    private static readonly string[] _quick = ["--epochs", "3", "--batch-size", "30"];

    private string Digits => Once("digits", path => Run("images", "export", "--count", $"{Train}", "--output", path));

    private string Model => Once("images.zip", path => Run(["train", "cnn", "--images", Digits, .. _quick, "--output", path]));

    [Fact]
    public void Export_writes_two_parts_of_one_folder_a_class()
    {
        Assert.Equal(["test", "train"], Directory.GetDirectories(Digits).Select(Path.GetFileName).Order());
        Assert.Equal(Train, Directory.GetFiles(Path.Combine(Digits, "train"), "*.png", SearchOption.AllDirectories).Length);
        Assert.Equal(Test, Directory.GetFiles(Path.Combine(Digits, "test"), "*.png", SearchOption.AllDirectories).Length);
        Assert.Equal(Enumerable.Range(0, 10).Select(digit => $"{digit}"), Directory.GetDirectories(Path.Combine(Digits, "train")).Select(Path.GetFileName).Order());
        var again = Cli.Run("images", "export", "--count", "5", "--output", Digits);
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("is not empty", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Training_on_a_folder_saves_what_evaluate_measures_and_score_writes()
    {
        var trained = JsonDocument.Parse(Run(["train", "cnn", "--images", Digits, .. _quick, "--output", mnist.Path("train-images.zip"), "--json"])).RootElement;
        Assert.Equal(Train, trained.GetProperty("trainingRows").GetInt32());
        Assert.InRange(trained.GetProperty("accuracy").GetDouble(), 0.6, 1);
        var evaluated = JsonDocument.Parse(Run("evaluate", mnist.Path("train-images.zip"), "--images", Digits, "--json")).RootElement;
        Assert.Equal(Test, evaluated.GetProperty("rows").GetInt32());
        Assert.Equal(trained.GetProperty("accuracy").GetDouble(), evaluated.GetProperty("accuracy").GetDouble(), 12);

        Run("score", mnist.Path("train-images.zip"), Path.Combine(Digits, "test"), "--output", mnist.Path("images.csv"), "--force");
        var lines = File.ReadAllLines(mnist.Path("images.csv"));
        Assert.Equal("ImagePath,PredictedLabel,Score.0,Score.1,Score.2,Score.3,Score.4,Score.5,Score.6,Score.7,Score.8,Score.9", lines[0]);
        var fields = lines.Skip(1).Select(line => line.Split(',')).ToList();
        Assert.Equal(Directory.GetFiles(Path.Combine(Digits, "test"), "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal), fields.Select(field => field[0]));
        Assert.Equal(evaluated.GetProperty("accuracy").GetDouble(), fields.Count(field => Path.GetFileName(Path.GetDirectoryName(field[0])) == field[1]) / (double)Test, 12);
    }

    [Fact]
    public void An_exported_folders_train_part_is_what_is_learned_from_with_other_test_images()
    {
        var others = Once("others", path => Run("images", "export", "--count", "20", "--test-count", "70", "--output", path));
        foreach (var tests in (string[])[others, Path.Combine(others, "test")])
        {
            var said = Run("train", "softmax", "--images", Digits, "--test-images", tests, "--steps", "2", "--output", mnist.Path("others.zip"));
            Assert.Contains("of 70 test images right", said, StringComparison.Ordinal);
            Assert.Contains($"{Train} training images", said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_exported_folder_has_no_share_to_test_with() =>
        AssertFails(2, $"'{Digits}' has the folders 'train' and 'test', so --test-fraction does not apply. Leave it out, or pass '{Path.Combine(Digits, "train")}' as --images.",
            "train", "softmax", "--images", Digits, "--test-share", "0.5", "--steps", "1", "--output", mnist.Path("share.zip"));

    [Fact]
    public void What_cannot_be_tested_with_is_told_before_anything_is_learned()
    {
        var output = mnist.Path("untested.zip");
        foreach (var name in (string[])["3/0", "3/1", "4/0", "4/1", "5/0"])
            CopyOne("few", name);
        foreach (var name in (string[])["3/0", "4/0"])
            CopyOne("lone", name);
        AssertFails(1, $"'{mnist.Path("few")}' has images of the class '5', which the training images '{mnist.Path("lone")}' do not have; their classes are '3', '4'",
            "train", "softmax", "--images", mnist.Path("lone"), "--test-images", mnist.Path("few"), "--steps", "1", "--output", output);
        AssertFails(1, $"'{mnist.Path("lone")}' has only one image of each class, so none can be held out",
            "train", "softmax", "--images", mnist.Path("lone"), "--steps", "1", "--output", output);
        Assert.False(File.Exists(output));
        Run("train", "softmax", "--images", mnist.Path("few"), "--test-images", mnist.Path("lone"), "--steps", "1", "--output", output);
    }

    [Fact]
    public void An_image_skipped_in_a_folder_that_is_shared_out_is_counted_and_listed()
    {
        foreach (var name in (string[])["3/0", "3/1", "4/0", "4/1"])
            CopyOne("shared", name);
        var bad = Path.Combine(mnist.Path("shared"), "4", "bad.png");
        File.WriteAllText(bad, "no image");
        string[] command = ["train", "softmax", "--images", mnist.Path("shared"), "--on-error", "skip", "--steps", "1", "--output", mnist.Path("shared.zip")];
        var skipped = Assert.Single(JsonDocument.Parse(Run([.. command, "--json"])).RootElement.GetProperty("skipped").EnumerateArray());
        Assert.Equal(bad, skipped.GetProperty("path").GetString());
        Assert.Contains("; 1 skipped", Run(command), StringComparison.Ordinal);
    }

    /// <summary>The step that maps labels is for training alone, in the graph's zip as in the network's.</summary>
    [Fact]
    public void A_model_exported_as_a_zip_with_a_graph_scores_paths_alone_and_is_evaluated()
    {
        var zip = mnist.Path("images-onnx.zip");
        Run("export", Model, zip);
        var ml = new MLContext();
        var loaded = ml.Model.Load(zip, out _);
        using (loaded as IDisposable)
        {
            var paths = Directory.GetFiles(Path.Combine(Digits, "test"), "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(path => new ImagePathRow { ImagePath = path }).ToList();
            var scores = loaded.Transform(ml.Data.LoadFromEnumerable(paths)).GetColumn<float[]>("Score").ToList();
            using var torch = ModelFile.Load(ml, Model);
            var expected = torch.Transformer.Transform(ml.Data.LoadFromEnumerable(paths)).GetColumn<float[]>("Score").ToList();
            Assert.Equal(Test, scores.Count);
            Assert.All(expected.Zip(scores), rows => Assert.All(rows.First.Zip(rows.Second), pair => Assert.Equal(pair.First, pair.Second, 1e-5)));
        }

        var (ours, theirs) = (Evaluate(zip), Evaluate(Model));
        Assert.Equal(Test, ours.GetProperty("rows").GetInt32());
        Assert.Equal(theirs.GetProperty("accuracy").GetDouble(), ours.GetProperty("accuracy").GetDouble(), 12);
        Assert.Equal($"{theirs.GetProperty("confusion")}", $"{ours.GetProperty("confusion")}");
        AssertFails(1, $"images of the class 'three', which '{zip}' does not know", "evaluate", zip, "--images", Once("strange", path => Copy(Path.Combine(Digits, "test", "3"), Path.Combine(path, "three"))));

        JsonElement Evaluate(string model) => JsonDocument.Parse(Run("evaluate", model, "--images", Digits, "--json")).RootElement;
    }

    [Fact]
    public void A_list_of_paths_trains_and_scores_in_its_order()
    {
        var files = Directory.GetFiles(Path.Combine(Digits, "train"), "*.png", SearchOption.AllDirectories);
        File.WriteAllLines(mnist.Path("list.csv"), files.Select(file => $"{Path.GetRelativePath(mnist.Data, file)},{(Path.GetFileName(Path.GetDirectoryName(file)) == "1" ? "one" : "other")}").Prepend("path,label"));
        var trained = JsonDocument.Parse(Run("train", "softmax", "--images", mnist.Path("list.csv"), "--steps", "60", "--test-share", "0.5", "--output", mnist.Path("list.zip"), "--json")).RootElement;
        Assert.InRange(trained.GetProperty("trainingRows").GetInt32(), Train / 2 - 1, Train / 2);
        Assert.InRange(trained.GetProperty("accuracy").GetDouble(), 0.9, 1);
        Run("score", mnist.Path("list.zip"), mnist.Path("list.csv"), files[^1], "--output", mnist.Path("list-scores.csv"));
        Assert.Equal(files.Append(files[^1]), File.ReadAllLines(mnist.Path("list-scores.csv")).Skip(1).Select(line => Path.GetFullPath(line.Split(',')[0])));
        Assert.StartsWith("ImagePath,PredictedLabel,Score.one,Score.other", File.ReadLines(mnist.Path("list-scores.csv")).First(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_image_fails_or_is_skipped_counted_and_listed()
    {
        var folder = mnist.Path("bad-images");
        Run("images", "export", "--count", "60", "--output", folder);
        var bad = Path.Combine(folder, "test", "7", "bad.png");
        File.WriteAllText(bad, "no image");
        File.WriteAllBytes(Path.Combine(folder, "train", "4", "empty.jpg"), []);

        var failed = Cli.Run("score", Model, Path.Combine(folder, "test"), "--output", mnist.Path("bad-images.csv"));
        Assert.Equal(1, failed.ExitCode);
        foreach (var part in (string[])[$"'{bad}': it cannot be decoded as an image", "--on-error"])
            Assert.Contains(part, failed.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(mnist.Path("bad-images.csv")));

        var skipped = Run("score", Model, Path.Combine(folder, "test"), "--on-error", "skip", "--output", mnist.Path("bad-images.csv"));
        Assert.Contains($"Skipped: '{bad}': it cannot be decoded", skipped, StringComparison.Ordinal);
        Assert.Contains("10 scored, 1 bad", skipped, StringComparison.Ordinal);
        Assert.Equal(10 + 1, File.ReadLines(mnist.Path("bad-images.csv")).Count());

        var training = Cli.Run("train", "cnn", "--images", folder, "--steps", "1", "--output", mnist.Path("bad-images.zip"));
        Assert.Equal(1, training.ExitCode);
        Assert.Contains("empty.jpg' has no bytes", training.Error, StringComparison.Ordinal);
        var trained = JsonDocument.Parse(Run("train", "cnn", "--images", folder, "--steps", "1", "--on-error", "skip", "--output", mnist.Path("bad-images.zip"), "--json")).RootElement;
        Assert.Equal(["has no bytes", "cannot be decoded"], trained.GetProperty("skipped").EnumerateArray().Select(entry => string.Join(' ', entry.GetProperty("reason").GetString()!.Split(' ')[..3])));
    }

    [Fact]
    public void Images_of_the_other_polarity_are_warned_of()
    {
        var ink = Once("ink", path => Run("images", "export", "--count", "200", "--polarity", "dark-on-light", "--output", path));
        Assert.Contains("Warning: 34 of 34 images look dark on light", Run("score", Model, Path.Combine(ink, "test"), "--output", mnist.Path("ink.csv"), "--force"), StringComparison.Ordinal);
        Assert.Contains("look dark on light", Run("evaluate", Model, "--images", ink), StringComparison.Ordinal);
        Assert.DoesNotContain("Warning", Run("score", Model, Path.Combine(Digits, "test"), "--output", mnist.Path("light.csv"), "--force"), StringComparison.Ordinal);

        Run(["train", "cnn", "--images", ink, .. _quick, "--output", mnist.Path("ink.zip")]);
        Assert.DoesNotContain("Warning", Run("score", mnist.Path("ink.zip"), Path.Combine(ink, "test"), "--output", mnist.Path("ink.csv"), "--force"), StringComparison.Ordinal);
        Assert.Contains("look light on dark", Run("score", mnist.Path("ink.zip"), Path.Combine(Digits, "test"), "--output", mnist.Path("light.csv"), "--force"), StringComparison.Ordinal);
        Assert.Contains("but Polarity is light on dark", Run("train", "cnn", "--images", ink, "--polarity", "light-on-dark", "--steps", "1", "--output", mnist.Path("wrong.zip")), StringComparison.Ordinal);
    }

    [Fact]
    public void Size_and_colour_are_options()
    {
        Run(["train", "cnn", "--images", Digits, "--image-size", "20x24", "--color", "--steps", "2", "--output", mnist.Path("size.zip")]);
        Assert.Contains("[3, 24, 20]", Run("inspect", mnist.Path("size.zip")), StringComparison.Ordinal);
        Run("train", "rnn", "--images", Digits, "--hidden-size", "8", "--steps", "2", "--output", mnist.Path("rows.zip"));
        Assert.Contains("[1, 28, 28]", Run("inspect", mnist.Path("rows.zip")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--color needs --images", "train", "cnn", "--color")]
    [InlineData("--images cannot be combined with --data", "train", "cnn", "--images", "x", "--data", "y")]
    [InlineData("--test-images cannot be combined with --test-fraction", "train", "cnn", "--images", "x", "--test-images", "y", "--test-share", "0.1")]
    [InlineData("--test-fraction has to be more than 0 and less than 1", "train", "cnn", "--images", "x", "--test-share", "1")]
    [InlineData("--image-size is '28'; WIDTHxHEIGHT is expected: 28x28", "train", "cnn", "--images", "x", "--image-size", "28")]
    [InlineData("--count has to be at least 1", "images", "export", "--count", "0", "--output", "x")]
    public void Options_that_make_no_sense_are_refused(string said, params string[] arguments)
    {
        var run = Cli.Run(arguments);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Models_and_inputs_of_different_kinds_are_told_apart()
    {
        AssertFails(2, "pass their folder as --images", "evaluate", Model);
        AssertFails(2, "reads rows, not image files", "evaluate", mnist.Model, "--images", Digits);
        AssertFails(1, "is a folder of images; ", "score", mnist.Model, Digits, "--output", mnist.Path("kind.csv"));
        AssertFails(1, "is neither a folder of images nor a list of them", "score", Model, mnist.TestImages, "--output", mnist.Path("kind.csv"));
        AssertFails(1, "There is no folder and no file", "train", "cnn", "--images", mnist.Path("nowhere"), "--output", mnist.Path("kind.zip"));
        AssertFails(1, "images of only one class, '3'", "train", "cnn", "--images", Once("alone", path => Copy(Path.Combine(Digits, "test", "3"), Path.Combine(path, "3"))), "--output", mnist.Path("kind.zip"));
    }

    private static void AssertFails(int exitCode, string said, params string[] arguments)
    {
        var run = Cli.Run(arguments);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
    }

    private static string Run(params string[] arguments)
    {
        var run = Cli.Run(arguments);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return run.Output;
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    /// <summary>Puts one of a class's training images into a folder of the test's own: of 'few', '3/1', the second 3.</summary>
    private void CopyOne(string folder, string name)
    {
        var (ofClass, number) = (name.Split('/')[0], int.Parse(name.Split('/')[1], CultureInfo.InvariantCulture));
        var to = Directory.CreateDirectory(Path.Combine(mnist.Path(folder), ofClass)).FullName;
        File.Copy(Directory.GetFiles(Path.Combine(Digits, "train", ofClass)).Order(StringComparer.Ordinal).ElementAt(number), Path.Combine(to, $"{number}.png"));
    }

    /// <summary>Makes what several tests need, once.</summary>
    private string Once(string name, Action<string> make)
    {
        var path = mnist.Path($"image-{name}");
        if (!File.Exists(path) && !Directory.Exists(path))
            make(path);
        return path;
    }
}
