using System.Globalization;
using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Pipelines.Tutorials.Dates;

namespace Sconce.Pipelines;

/// <summary>A date as someone wrote it, and as ISO 8601 has it.</summary>
public sealed class DateExample
{
    /// <summary>The date in free form: "Thursday, 5 March 1998".</summary>
    public string Date { get; set; } = "";

    /// <summary>The same date as "1998-03-05".</summary>
    public string IsoDate { get; set; } = "";
}

/// <summary>Examples of <see cref="DateForms"/>, drawn at random: any date, any form, and any case.</summary>
public static class DateExamples
{
    /// <summary>Far fewer than there are, several million: drawing again until a string is new takes no time.</summary>
    private const int MostExamples = 2_000_000;

    /// <summary>Draws examples to learn from and others to test with: no string is in both, nor twice in one.</summary>
    /// <param name="training">The number of examples to learn from, at least 1.</param>
    /// <param name="test">The number of examples to test with, at least 1.</param>
    /// <param name="seed">The same seed gives the same examples.</param>
    public static (IReadOnlyList<DateExample> Training, IReadOnlyList<DateExample> Test) Draw(int training, int test, int seed)
    {
        Check.AtLeast(training, 1, nameof(training));
        Check.AtLeast(test, 1, nameof(test));
        Check.AtMost((long)training + test, MostExamples, "The number of examples");
        var random = new Random(seed);
        var seen = new HashSet<string>();
        var examples = new List<DateExample>(training + test);
        while (examples.Count < training + test)
        {
            var example = Draw(random);
            if (seen.Add(example.Date))
                examples.Add(example);
        }

        return (examples[test..], examples[..test]);
    }

    /// <summary>Draws examples as <see cref="Draw(int, int, int)"/> does, as data with the columns <c>Date</c> and <c>IsoDate</c>.</summary>
    public static (IDataView Training, IDataView Test) Load(MLContext ml, int training, int test, int seed)
    {
        var (learned, unseen) = Draw(training, test, seed);
        return (ml.Data.LoadFromEnumerable(learned), ml.Data.LoadFromEnumerable(unseen));
    }

    private static DateExample Draw(Random random)
    {
        while (true)
        {
            var date = DateForms.First.AddDays(random.Next(DateForms.Last.DayNumber - DateForms.First.DayNumber + 1));
            var form = DateForms.All[random.Next(DateForms.All.Count)];
            if (!DateForms.Tells(form, date))
                continue;
            var text = DateForms.Write(form, date);
            text = random.Next(4) switch
            {
                0 => text.ToLower(CultureInfo.InvariantCulture),
                1 => text.ToUpper(CultureInfo.InvariantCulture),
                _ => text,
            };
            return new DateExample { Date = text, IsoDate = DateForms.WriteIso(date) };
        }
    }
}
