namespace Sconce.Trainers.Tests;

/// <summary>What an error message has to say: what was found where, what was expected, and how to mend it.</summary>
internal static class Sentence
{
    public static void Has(Exception exception, params string[] parts)
    {
        foreach (var part in parts)
            Assert.Contains(part, exception.Message, StringComparison.Ordinal);
    }
}
