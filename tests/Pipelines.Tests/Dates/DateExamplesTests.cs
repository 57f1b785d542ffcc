namespace Sconce.Pipelines.Tests.Dates;

public class DateExamplesTests
{
    [Fact]
    public void No_string_is_in_both_parts_or_twice_in_one()
    {
        var (training, test) = DateExamples.Draw(20_000, 5_000, seed: 1);
        Assert.Equal((20_000, 5_000), (training.Count, test.Count));
        Assert.Equal(25_000, training.Concat(test).Select(example => example.Date).Distinct().Count());
    }

    [Fact]
    public void A_seed_gives_the_same_examples_and_another_others()
    {
        Assert.Equal(Texts(1), Texts(1));
        Assert.NotEqual(Texts(1), Texts(2));
        // More to learn from does not change what is tested with.
        Assert.Equal(DateExamples.Draw(100, 50, seed: 1).Test.Select(example => example.Date), DateExamples.Draw(900, 50, seed: 1).Test.Select(example => example.Date));

        static List<string> Texts(int seed) => [.. DateExamples.Draw(100, 50, seed).Training.Select(example => $"{example.Date} {example.IsoDate}")];
    }

    [Fact]
    public void Every_form_and_case_comes_up()
    {
        var training = DateExamples.Draw(20_000, 1, seed: 1).Training.Select(example => example.Date).ToList();
        Assert.Contains(training, text => text.Any(char.IsLetter) && !text.Any(char.IsLower));
        Assert.Contains(training, text => text.Any(char.IsLetter) && !text.Any(char.IsUpper));
        Assert.Contains(training, text => text.StartsWith("the ", StringComparison.Ordinal) && text.Contains(" of ", StringComparison.Ordinal));
        Assert.Contains(training, text => text.Contains('/', StringComparison.Ordinal));
        Assert.Contains(training, text => text.Contains('\'', StringComparison.Ordinal));
        Assert.Contains(training, text => text.StartsWith("Thursday, ", StringComparison.Ordinal));
        Assert.Contains(training, text => text.Length == 8 && text.All(char.IsAsciiDigit));
    }

    [Theory]
    [InlineData(0, 1, "training is 0; it has to be at least 1")]
    [InlineData(1, 0, "test is 0; it has to be at least 1")]
    [InlineData(2_000_000, 1, "The number of examples is 2000001; it has to be at most 2000000")]
    public void Numbers_that_make_no_sense_are_refused(int training, int test, string sentence) =>
        Assert.Contains(sentence, Assert.ThrowsAny<ArgumentException>(() => DateExamples.Draw(training, test, seed: 1)).Message, StringComparison.Ordinal);
}
